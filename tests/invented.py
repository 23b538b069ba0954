"""Invented FHIR: small resources, Bundles, and a server with the quirks of real ones."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import httpx

from emkcli.api.fhir.card import FhirCard
from emkcli.api.fhir.changes import KINDS
from emkcli.api.wire import Wire
from emkcli.fhir import Graph, Scene, records

Resource = dict[str, Any]
BASE = "https://fhir.example/R4"
UCUM = "http://unitsofmeasure.org"
ALONG = {"Organization", "Practitioner", "DiagnosticReport", "Specimen", "Encounter"}
PATIENT: Resource = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"use": "official", "family": "Пробная", "given": ["Анна", "Львовна"]}],
    "birthDate": "1979-06-01",
    "gender": "female",
    "identifier": [{"system": "urn:oid:1.2.643.100.3", "value": "000-000-102 24"}],
}
LAB = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}]
VITAL = [{"coding": [{"code": "vital-signs"}]}]


def quantity(value: Any, unit: str | None = "ммоль/л", code: str | None = "mmol/l", **more: Any) -> Resource:
    known = {"unit": unit, "system": UCUM if code else None, "code": code}
    return {"value": value, **{name: one for name, one in known.items() if one}, **more}


def lab(ident: str, value: Any = 5, **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": ident,
        "status": "final",
        "category": LAB,
        "code": {
            "coding": [{"system": "http://loinc.org", "code": "14749-6", "display": "Glucose"}],
            "text": "Глюкоза",
        },
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-03-01T08:00:00+03:00",
        "valueQuantity": value if isinstance(value, dict) else quantity(value),
        **more,
    }


def plain(resource: Resource, *without: str) -> Resource:
    return {name: value for name, value in resource.items() if name not in without}


def bundle(*resources: Resource, kind: str = "collection", **more: Any) -> Resource:
    entries = [{"fullUrl": f"urn:uuid:{one['id']}" if "id" in one else None, "resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": kind, "entry": entries, **more}


def encoded(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def read(*resources: Resource | bytes, today: str | None = "2026-04-01") -> list[Any]:
    """The records of resources that stand beside each other."""
    graph = Graph()
    for one in resources:
        graph.add(one if isinstance(one, bytes) else encoded(one))
    scene = Scene(graph, today=today)
    return [record for node in graph.nodes for record in records(node, scene)]


def only(*resources: Resource | bytes) -> Any:
    (found,) = read(*resources)
    return found


def updated(resource: Resource) -> str:
    return str(resource.get("meta", {}).get("lastUpdated", ""))


class Server:
    """A FHIR server: sorts, knows when what changed, pages by `size`; refuses, ignores or breaks what a test asks it to."""

    def __init__(self, *resources: Resource, size: int = 3) -> None:
        self.resources = [PATIENT, *resources]
        self.size = size
        self.sorts = self.includes = self.totals = self.everything = self.tracks = self.tags = True
        self.base = BASE
        self.refused: set[str] = set()
        self.by_category: set[str] = set()
        self.unknown: set[str] = set()
        self.failing: dict[str, int] = {}
        self.extra_entries: list[Resource] = []
        self.next_link: str | None = None
        self.asked: list[tuple[str, list[tuple[str, str]]]] = []

    def card(self, patient: str | None = "p1") -> FhirCard:
        return FhirCard(Wire(BASE, transport=httpx.MockTransport(self.answer)), "", lambda: patient)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/R4/")
        params = list(request.url.params.multi_items())
        self.asked.append((path, params))
        kind = path.partition("/")[0]
        if path == "metadata":
            return self.capability()
        if path in self.failing:
            return self.outcome(self.failing[path])
        if path == "Patient/p1/$everything":
            return self.page(self.resources, [], path, params) if self.everything else self.outcome(404)
        if "/" in path:
            return self.one(path)
        if kind in self.unknown:
            return self.outcome(404)
        if self.refused & {name for name, _ in params}:
            return self.outcome(400)
        if kind in self.by_category and not {"category", "code", "_id"} & {name for name, _ in params}:
            return self.outcome(400, code="required")
        response = self.search(kind, params)
        return self.tagged(request, response) if self.tags and response.is_success else response

    def capability(self) -> httpx.Response:
        """It lists every type it is not to leave unknown."""
        kinds = [{"type": kind} for kind in KINDS if kind not in self.unknown]
        statement = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [{"resource": kinds}]}
        return httpx.Response(200, content=encoded(statement))

    @staticmethod
    def tagged(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        tag = {"ETag": f'W/"{sha256(response.content).hexdigest()}"'}
        if request.headers.get("If-None-Match") == tag["ETag"]:
            return httpx.Response(304, headers=tag)
        return httpx.Response(200, content=response.content, headers=tag)

    def one(self, path: str) -> httpx.Response:
        found = next((one for one in self.resources if path == f"{one['resourceType']}/{one['id']}"), None)
        return httpx.Response(200, content=encoded(found)) if found else self.outcome(404)

    def search(self, kind: str, params: list[tuple[str, str]]) -> httpx.Response:
        asked = dict(params)
        found = [one for one in self.resources if one["resourceType"] == kind]
        found = [one for one in found if asked.get("_id", one["id"]) == one["id"]]
        if category := asked.get("category"):
            found = [one for one in found if category in json.dumps(one.get("category"))]
        if self.sorts and asked.get("_sort") == "-date":
            found.sort(
                key=lambda one: json.dumps([one.get(n) for n in ("effectiveDateTime", "date", "recorded")]),
                reverse=True,
            )
        if since := self.tracks and asked.get("_lastUpdated", "").removeprefix("ge"):
            found = [one for one in found if updated(one) >= since]
        if self.sorts and asked.get("_sort", "").endswith("_lastUpdated"):
            found.sort(key=updated, reverse=asked["_sort"].startswith("-"))
        wanted = self.includes and "_include" in asked
        beside = [one for one in self.resources if one["resourceType"] in ALONG - {kind}]
        along = beside if wanted else []
        return self.page(found, along, kind, params)

    def page(
        self, found: list[Resource], along: Iterable[Resource], path: str, params: list[tuple[str, str]]
    ) -> httpx.Response:
        start = int(dict(params).get("_from", 0))
        kept = [one for one in params if one[0] != "_from"]
        entries = [self.entry(one, "match") for one in found[start : start + self.size]]
        entries += [self.entry(one, "include") for one in along] + self.extra_entries
        links = []
        if start + self.size < len(found):
            following = httpx.URL(f"{self.base}/{path}", params=[*kept, ("_from", str(start + self.size))])
            links.append({"relation": "next", "url": self.next_link or str(following)})
        document = {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}
        return httpx.Response(200, content=encoded(document | ({"total": len(found)} if self.totals else {})))

    def entry(self, one: Resource, mode: str) -> Resource:
        return {"fullUrl": f"{self.base}/{one['resourceType']}/{one['id']}", "resource": one, "search": {"mode": mode}}

    @staticmethod
    def outcome(status: int, severity: str = "error", code: str = "processing") -> httpx.Response:
        issue = {"severity": severity, "code": code, "diagnostics": "the server says no"}
        return httpx.Response(status, content=encoded({"resourceType": "OperationOutcome", "issue": [issue]}))


BUNDLE = """{"resourceType": "Bundle", "type": "collection", "entry": [
{"resource": {"resourceType": "Patient", "id": "p", "name": [{"family": "Образцова", "given": ["Анна"]}], "birthDate": "1985-03-02"}},
{"resource": {"resourceType": "Observation", "id": "o", "status": "final", "subject": {"reference": "Patient/p"},
 "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}],
 "code": {"text": "Глюкоза"}, "effectiveDateTime": "2026-01-02", "valueQuantity": {"value": 5.40, "unit": "ммоль/л"}}}]}"""
"""One laboratory result of an invented person."""
