"""A loopback FHIR server whose pages are rendered before it starts, so that it is never what a client waits for.

python -m bench.pages RESOURCES
"""

from __future__ import annotations

import json
import socketserver
import sys
from typing import Any

PAGE = 200
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"family": "Пробная", "given": ["Анна", "Львовна"]}],
    "birthDate": "1979-06-01",
    "gender": "female",
}


def observation(number: int) -> dict[str, Any]:
    """A laboratory result of the size that real servers send: about 700 bytes."""
    day = f"{2006 + number % 20}-{number % 12 + 1:02}-{number % 28 + 1:02}T08:{number % 60:02}:00+03:00"
    value = round(3 + number % 400 / 100, 2)
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "meta": {"versionId": "1", "lastUpdated": day},
        "status": "final",
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}
        ],
        "code": {
            "coding": [{"system": "http://loinc.org", "code": "14749-6", "display": "Glucose"}],
            "text": "Глюкоза",
        },
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": day,
        "performer": [{"display": "Городская поликлиника № 905"}],
        "valueQuantity": {"value": value, "unit": "ммоль/л", "system": "http://unitsofmeasure.org", "code": "mmol/l"},
        "referenceRange": [{"low": {"value": 3.9}, "high": {"value": 6.1}, "text": "3,9–6,1"}],
        "interpretation": [{"coding": [{"code": "N"}]}],
    }


def page(number: int, count: int, base: str) -> bytes:
    """One page of Bundle; the first one begins with the patient."""
    found = [observation(one) for one in range(number * PAGE, min(count, (number + 1) * PAGE))]
    entries = [
        {"fullUrl": f"{base}/{one['resourceType']}/{one['id']}", "resource": one, "search": {"mode": "match"}}
        for one in ([PATIENT] if number == 0 else []) + found
    ]
    link = [{"relation": "self", "url": f"{base}/page/{number}"}]
    if (number + 1) * PAGE < count:
        link.append({"relation": "next", "url": f"{base}/page/{number + 1}"})
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": count, "link": link, "entry": entries}
    return answer(bundle)


def capability(base: str) -> dict[str, Any]:
    """What clients that look before they ask want to see."""
    kinds = [{"type": kind, "interaction": [{"code": "search-type"}]} for kind in ("Patient", "Observation")]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-01-01",
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "implementation": {"description": "pages of a benchmark", "url": base},
        "rest": [{"mode": "server", "resource": kinds}],
    }


def answer(document: dict[str, Any]) -> bytes:
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Handler(socketserver.StreamRequestHandler):
    """Keep-alive, GET only: the path names the page."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        while request := self._line():
            while self._line() not in (b"\r\n", b""):
                pass
            path = request.split()[1].decode().partition("?")[0]
            self.wfile.write(self.server.answers.get(path) or self.server.answers["/page/0"])  # type: ignore[attr-defined]

    def _line(self) -> bytes:
        try:
            return self.rfile.readline()
        except ConnectionResetError:
            return b""


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    answers: dict[str, bytes]


def main(count: int) -> None:
    server = Server(("127.0.0.1", 0), Handler)
    base = f"http://127.0.0.1:{server.server_address[1]}"
    server.answers = {f"/page/{one}": page(one, count, base) for one in range((count + PAGE - 1) // PAGE)}
    server.answers["/Patient/p1"] = answer(PATIENT)
    found = [{"fullUrl": f"{base}/Patient/p1", "resource": PATIENT, "search": {"mode": "match"}}]
    server.answers["/Patient"] = answer({"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": found})
    server.answers["/metadata"] = answer(capability(base))
    print(json.dumps({"url": base}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
