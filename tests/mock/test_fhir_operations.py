"""`$everything` and `$summary` at their addresses: by GET and POST, in a form and as Parameters; what a request prefers."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from emkcli.mock.application import Mock
from tests.conftest import Emk

from .person import Person

EVERYTHING, SUMMARY = "/fhir/R4/Patient/$everything", "/fhir/R4/Patient/$summary"
REQUIRED = {"11450-4", "48765-2", "10160-0"}
Document = dict[str, Any]


@pytest.fixture
def card(someone: Person) -> Person:
    someone.seeded()
    return someone


def parameters(**values: tuple[str, Any]) -> dict[str, Any]:
    """`_count=("Integer", 3)` as a Parameters resource."""
    named = [{"name": name, f"value{kind}": value} for name, (kind, value) in values.items()]
    return {"resourceType": "Parameters", "parameter": named}


def ids(bundle: Document) -> list[str]:
    return [entry["fullUrl"] for entry in bundle["entry"]]


def test_everything_however_it_is_asked(card: Person) -> None:
    patient = card.tokens["patient"]
    plain = card.get(EVERYTHING, _count="7", _type="Encounter")
    body = parameters(_count=("Integer", 7), _type=("Code", "Encounter"))
    sent = {"Content-Type": "application/fhir+json"}
    for path in (EVERYTHING, f"/fhir/R4/Patient/{patient}/$everything"):
        by_resource = card.send("POST", path, content=json.dumps(body), headers=sent)
        by_form = card.send("POST", path, data={"_count": "7", "_type": "Encounter"})
        both = card.send("POST", f"{path}?_count=7", data={"_type": "Encounter"})
        assert ids(plain) == ids(by_resource) == ids(by_form) == ids(both)
        assert len(ids(plain)) == 7
    following = next(one["url"] for one in by_resource["link"] if one["relation"] == "next")
    second = card.send("GET", following.removeprefix("http://embedded"))
    assert not set(ids(second)) & set(ids(plain)), "the next page is one of the same list"
    assert card.send("POST", EVERYTHING, content=b"")["total"] > 200


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/fhir+json", b"{"),
        ("application/fhir+json", b'{"resourceType": "Patient"}'),
        ("application/fhir+json", b'{"resourceType": "Parameters", "parameter": [{"name": "_count"}]}'),
        ("application/fhir+json", b'{"resourceType": "Parameters", "parameter": [{"name": "_type", "valueX": {}}]}'),
        (
            "application/fhir+json",
            b'{"resourceType": "Parameters", "parameter": [{"name": "\\ud800", "valueCode": "x"}]}',
        ),
        ("application/fhir+json", b"[]"),
        ("application/x-www-form-urlencoded", b"colour=red"),
        ("text/plain", b"_count=7"),
    ],
)
def test_a_body_that_says_nothing_is_refused(card: Person, content_type: str, body: bytes) -> None:
    for path in (EVERYTHING, SUMMARY):
        outcome = card.send("POST", path, 400, content=body, headers={"Content-Type": content_type})
        assert outcome["issue"][0]["code"] in ("structure", "not-supported")


def test_a_search_by_form_and_address_together(card: Person) -> None:
    asked = card.get("/fhir/R4/Observation", category="laboratory", _count="3", _sort="-date,_id")
    form = {"category": "laboratory", "_sort": "-date,_id"}
    assert ids(card.send("POST", "/fhir/R4/Observation/_search?_count=3", data=form)) == ids(asked)
    card.send("POST", "/fhir/R4/Observation/_search", 400, data={"colour": "red"})


def test_a_search_that_names_nobody_is_nobody_elses(card: Person) -> None:
    whole = card.get("/fhir/R4/Observation", _summary="count")["total"]
    oneself = card.get("/fhir/R4/Patient")["entry"][0]["resource"]
    chained = {"subject:Patient.birthdate": oneself["birthDate"], "_summary": "count"}
    assert card.get("/fhir/R4/Observation", **chained)["total"] == whole > 0
    chained["subject:Patient.birthdate"] = "1850-01-01"
    assert card.get("/fhir/R4/Observation", **chained)["total"] == 0
    for value, expected in (("false", whole), ("true", 0)):
        for name in ("patient:missing", "subject:missing"):
            assert card.get("/fhir/R4/Observation", **{name: value, "_summary": "count"})["total"] == expected
    refused = card.get("/fhir/R4/Patient", 400, **{"_id:not": "x"})["issue"][0]
    assert refused["code"] == "not-supported"
    assert "':not'" in refused["diagnostics"]
    for named in ({"_id": "x"}, {"_id": f"{oneself['id']},x"}):
        card.get("/fhir/R4/Patient", 403, **named)
    for name in ("patient", "subject", "subject:Patient", "patient:Patient"):
        assert card.get("/fhir/R4/Observation", **{name: oneself["id"], "_summary": "count"})["total"] == whole
        card.get("/fhir/R4/Observation", 403, **{name: "x"})


def test_an_address_of_another_server_is_nobody_here(mock: Mock, card: Person) -> None:
    oneself = card.get("/fhir/R4/Patient")["entry"][0]["resource"]["id"]
    results = card.get("/fhir/R4/Observation", _count="200")["entry"]
    visit = next(one["resource"]["encounter"]["reference"] for one in results if "encounter" in one["resource"])

    def found(status: int = 200, **params: str) -> int:
        answer = card.get("/fhir/R4/Observation", status, _summary="count", **params)
        return int(answer["total"]) if status == 200 else 0

    ours, theirs = "http://embedded/fhir/R4", "https://elsewhere.example"
    for name in ("patient", "subject", "subject:Patient"):
        assert found(**{name: f"{ours}/Patient/{oneself}"}) == found() > 0
        for address in (theirs, f"{theirs}/fhir/R4", "http://embedded/t/other/fhir/R4", "urn:x", f"{ours}/Patient/x"):
            found(403, **{name: f"{address}/Patient/{oneself}"})
    assert found(encounter=f"{ours}/{visit}") == found(encounter=visit) > 0
    assert found(encounter=f"{theirs}/{visit}") == 0
    assert found(**{"encounter.patient": f"{ours}/Patient/{oneself}"}) > 0
    assert found(**{"encounter.patient": f"{theirs}/Patient/{oneself}"}) == 0
    tenant = httpx.Client(transport=httpx.WSGITransport(app=mock, script_name="/t/a"), base_url="http://embedded")
    tenant.headers = card.http.headers
    for base, status in (("http://embedded/t/a/fhir/R4", 200), (ours, 403)):
        answer = tenant.get("/fhir/R4/Observation", params={"patient": f"{base}/Patient/{oneself}"})
        assert answer.status_code == status


def test_the_tag_is_of_what_is_sent(card: Person) -> None:
    found = card.get("/fhir/R4/Observation", _count="1")["entry"][0]["resource"]
    path = f"/fhir/R4/Observation/{found['id']}"
    asked = ("", "?_elements=status", "?_elements=code", "?_summary=true", "?_summary=data", "?_summary=false")
    tags = {query: card.http.get(f"{path}{query}").headers["etag"] for query in asked}
    assert tags[""] == tags["?_summary=false"] == f'W/"{found["meta"]["versionId"]}"'
    assert len({card.http.get(f"{path}{query}").content for query in asked}) == len(set(tags.values()))
    for query in asked:
        for tag in set(tags.values()):
            answer = card.http.get(f"{path}{query}", headers={"If-None-Match": tag})
            assert answer.status_code == (304 if tag == tags[query] else 200)


@pytest.mark.parametrize("path", ["Observation", "Observation?_sort=-date", "Patient/$everything"])
def test_a_cursor_made_by_hand_is_refused(card: Person, path: str) -> None:
    def cursor(order: Any, keys: Any, total: Any) -> str:
        return urlsafe_b64encode(json.dumps([order, keys, total]).encode()).decode().rstrip("=")

    page = card.send("GET", f"/fhir/R4/{path}")
    following = next(link["url"] for link in page["link"] if link["relation"] == "next")
    parts = urlsplit(following)
    params = dict(parse_qsl(parts.query))
    made = params["_cursor"]
    order, keys, total = json.loads(urlsafe_b64decode(made + "=" * (-len(made) % 4)))
    assert total == page["total"]
    again = card.get(parts.path, **params | {"_cursor": cursor(order, keys, total)})
    assert again["total"] == total
    wrong_key: Any = "a" if isinstance(keys[0], int) else 1
    for forged in (
        *(cursor(order, keys, one) for one in (-5, True, False, 1.5, "9", 2**63, [])),
        *(cursor(order, [one, *keys[1:]], total) for one in (True, -1, 1.5, None, wrong_key, "\u0436")),
        cursor(order, [], total),
        cursor(order, [*keys, 1], total),
        cursor(1, keys, total),
        cursor("id", keys, total),
    ):
        refused = card.get(parts.path, 400, **params | {"_cursor": forged})
        assert refused["issue"][0]["code"] == "invalid"
        assert "cursor" in refused["issue"][0]["diagnostics"]
        assert "total" not in refused


def test_a_parameter_without_a_value_is_refused_by_name(card: Person) -> None:
    one = card.get("/fhir/R4/Observation", _count="1")["entry"][0]["resource"]["id"]
    for path in (
        *(f"Observation?{name}=" for name in ("code", "category", "_id", "patient", "subject", "_count", "_sort")),
        "Patient?_id=",
        "Patient?_id=,",
        f"Observation/{one}?_elements=",
        "Patient/$everything?_type=",
        "Patient/$summary?identifier=",
    ):
        refused = card.send("GET", f"/fhir/R4/{path}", 400)["issue"][0]
        name = path.rpartition("?")[2].partition("=")[0]
        assert (refused["code"], refused["diagnostics"].partition(":")[0]) == ("invalid", name)


@pytest.mark.parametrize("path", ["metadata", "Observation", "Patient/{0}", "Patient/$everything", "Patient/$summary"])
def test_another_format_than_json_is_refused(card: Person, path: str) -> None:
    oneself = card.get("/fhir/R4/Patient")["entry"][0]["resource"]["id"]
    address = f"/fhir/R4/{path.format(oneself)}"
    for other in ("xml", "application/fhir+xml", "ttl", "html"):
        refused = card.get(address, 406, _format=other)["issue"][0]
        assert refused["code"] == "not-supported"
        assert "_format" in refused["diagnostics"]
    for same in ("json", "application/fhir+json", "application/fhir json", "application/fhir+json; fhirVersion=4.0"):
        assert card.get(address, _format=same)["resourceType"]


def test_an_approximate_date_is_not_supported(card: Person) -> None:
    for name in ("date", "_lastUpdated", "encounter.date"):
        refused = card.get("/fhir/R4/Observation", 400, **{name: "ap2024"})["issue"][0]
        assert refused["code"] == "not-supported"
        assert "'ap'" in refused["diagnostics"]


def test_a_patients_compartment(card: Person) -> None:
    patient = card.tokens["patient"]
    page = card.get(f"/fhir/R4/Patient/{patient}/Observation", category="laboratory", _count="50")
    assert page["total"] == card.get("/fhir/R4/Observation", category="laboratory")["total"] > 50
    following = next(one["url"] for one in page["link"] if one["relation"] == "next")
    assert f"/fhir/R4/Patient/{patient}/Observation?" in following
    assert not set(ids(card.send("GET", following.removeprefix("http://embedded")))) & set(ids(page))
    for kind in ("Organization", "Patient", "Basic", "*"):
        assert card.get(f"/fhir/R4/Patient/{patient}/{kind}", 404)["issue"][0]["code"] == "not-supported"
    card.get("/fhir/R4/Patient/p-000000/Observation", 403)


def test_what_a_request_prefers(card: Person) -> None:
    query = "/fhir/R4/Encounter?colour=red"
    for preferred, status in (("handling=strict", 400), ("respond-async", 400), ("wait=1, handling=lenient", 200)):
        answer = card.send("GET", query, status, headers={"Prefer": preferred})
        assert answer["resourceType"] == ("Bundle" if status == 200 else "OperationOutcome")
    one = card.get("/fhir/R4/Encounter", _count="1")["entry"][0]["resource"]
    address = f"/fhir/R4/Encounter/{one['id']}"
    part = card.get(address, _elements="status")
    assert set(part) == {"resourceType", "id", "meta", "status"}
    assert part["meta"]["tag"][-1]["code"] == "SUBSETTED"
    card.get(address, 400, colour="red")
    assert card.send("GET", f"{address}?colour=red", headers={"Prefer": "handling=lenient"}) == one


def referred(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node["reference"]
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from referred(one)


def test_a_summary_is_a_document_that_is_closed(card: Person) -> None:
    document = card.get(SUMMARY)
    assert (document["resourceType"], document["type"]) == ("Bundle", "document")
    composition, patient = (entry["resource"] for entry in document["entry"][:2])
    assert (composition["resourceType"], patient["resourceType"]) == ("Composition", "Patient")
    base = "http://embedded/fhir/R4/"
    addresses = ids(document)
    assert len(addresses) == len(set(addresses))
    reached = {name if name.startswith("http") else base + name for name in referred(document)}
    assert reached <= set(addresses), "no reference leads out"
    assert set(addresses[1:]) <= reached, "and nothing is in it that nothing leads to"
    codes = {one["code"]["coding"][0]["code"]: one for one in composition["section"]}
    assert set(codes) > REQUIRED
    assert all("entry" in one and "emptyReason" not in one for one in codes.values())


def test_a_summary_says_what_stands_today(card: Person) -> None:
    document = card.get(SUMMARY)
    resources = {entry["fullUrl"]: entry["resource"] for entry in document["entry"]}
    listed = {
        one["code"]["coding"][0]["code"]: [resources[entry["reference"]] for entry in one["entry"]]
        for one in document["entry"][0]["resource"]["section"]
    }
    today = date.fromisoformat(document["timestamp"][:10]).isoformat()
    for medicine in listed["10160-0"]:
        assert medicine["status"] == "active"
        assert medicine["dispenseRequest"]["validityPeriod"]["end"] >= today
    assert {one["clinicalStatus"]["coding"][0]["code"] for one in listed["11450-4"]} == {"active"}
    assert "active" not in {one["clinicalStatus"]["coding"][0]["code"] for one in listed["11348-0"]}
    assert {one["status"] for one in listed["47519-4"]} == {"completed"}
    results = [one["code"]["text"] for one in listed["30954-2"]]
    assert len(results) == len(set(results)) > 10, "the last of each"
    newest = card.get("/fhir/R4/Observation", category="laboratory", _sort="-date", _count="1")["entry"][0]["resource"]
    assert newest["id"] in {one["id"] for one in listed["30954-2"]}


def test_a_summary_of_an_empty_card_says_so(someone: Person) -> None:
    someone.scenario("empty-card")
    someone.seeded()
    document = someone.get(SUMMARY)
    sections = document["entry"][0]["resource"]["section"]
    assert {one["code"]["coding"][0]["code"] for one in sections} == REQUIRED
    assert {one["emptyReason"]["coding"][0]["code"] for one in sections} == {"unavailable"}
    assert [one for one in sections if "entry" in one] == []


def test_whose_summary_it_is(card: Person) -> None:
    patient = card.tokens["patient"]
    mine = card.get(f"/fhir/R4/Patient/{patient}/$summary")
    [snils] = [one for one in mine["entry"][1]["resource"]["identifier"] if one["system"].endswith("/snils")]
    token = f"{snils['system']}|{snils['value']}"
    body = parameters(identifier=("String", token))
    by_number = card.send("POST", SUMMARY, content=json.dumps(body), headers={"Content-Type": "application/fhir+json"})
    assert by_number["entry"][1]["fullUrl"] == mine["entry"][1]["fullUrl"]
    assert card.get(SUMMARY, identifier=token)["entry"][1]["fullUrl"].endswith(f"/Patient/{patient}")
    assert card.get(SUMMARY, 404, identifier="00000000000")["issue"][0]["code"] == "not-found"
    card.get("/fhir/R4/Patient/p-000000/$summary", 403)
    card.get(SUMMARY, 400, colour="red")


def test_emk_reads_every_entry_of_a_summary(card: Person, emk: Emk, tmp_path: Path) -> None:
    document = card.get(SUMMARY)
    file = tmp_path / "summary.json"
    file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    run = emk("card", "import", str(file), "--insecure-storage", "--json")
    assert run.code == 0, run.err
    [read] = run.items
    assert (read["unread"], read["account"]["unread"], read["account"]["other_person"]) == ([], 0, 0)
    assert read["account"]["total"] == len(document["entry"])
    listed = {
        one["code"]["coding"][0]["code"]: len(one["entry"]) for one in document["entry"][0]["resource"]["section"]
    }
    records = read["records"]
    assert records["labs"] + records["studies"] == listed["30954-2"]
    assert records["diagnoses"] == listed["11450-4"] + listed["11348-0"]
    for name, code in {
        "allergies": "48765-2",
        "prescriptions": "10160-0",
        "vaccinations": "11369-6",
        "procedures": "47519-4",
        "vitals": "8716-3",
    }.items():
        assert records[name] == listed[code]
