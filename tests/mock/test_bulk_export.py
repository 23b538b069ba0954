"""Bulk Data `$export`: what it says while it runs, what its files hold, and whose they are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from emkcli.mock import bulk_export
from emkcli.mock.application import Mock
from emkcli.mock.fhir import bulk_files

from .person import Person, in_process

PATH = "/fhir/R4/$export"
ANOTHER = {"snils": "000-000-102 01", "phone": "+79000000102", "email": "other@example.com"}
Lines = list[dict[str, Any]]


def unchecked(mock: Mock) -> Person:
    """Bulk Data is no part of the portal's document, which the other tests hold every exchange against."""
    person = in_process(mock)
    person.http = httpx.Client(transport=httpx.WSGITransport(app=mock), base_url="http://embedded")
    person.clock(set="2026-03-02T10:00:00+03:00")
    return person


def begun(person: Person, query: str = "", path: str = PATH) -> str:
    response = person.http.get(f"{path}{query}", headers={"Prefer": "respond-async"})
    assert response.status_code == 202, response.text
    assert not response.content
    return response.headers["content-location"]


def manifest(person: Person, address: str) -> dict[str, Any]:
    waiting = person.http.get(address)
    assert waiting.status_code == 202
    assert int(waiting.headers["retry-after"]) > 0
    person.clock(advance=bulk_export.SECONDS)
    ready = person.http.get(address)
    assert ready.status_code == 200
    return ready.json()


def lines(person: Person, found: dict[str, Any]) -> Lines:
    """Every resource of every file, each counted as the manifest does and of the type it says."""
    resources: Lines = []
    for file in found["output"]:
        response = person.http.get(file["url"])
        assert response.headers["content-type"] == "application/fhir+ndjson"
        here = [json.loads(line) for line in response.text.splitlines()]
        assert len(here) == file["count"] > 0
        assert {resource["resourceType"] for resource in here} == {file["type"]}
        resources += here
    return resources


def exported(person: Person, query: str = "", path: str = PATH) -> Lines:
    return lines(person, manifest(person, begun(person, query, path)))


@pytest.fixture
def someone(mock: Mock) -> Iterator[Person]:
    person = unchecked(mock)
    yield person
    person.close()


@pytest.fixture
def patient(someone: Person) -> Person:
    someone.seeded()
    return someone


@pytest.mark.parametrize("path", [PATH, "/fhir/R4/Patient/$export"])
def test_the_files_hold_what_everything_tells(patient: Person, path: str) -> None:
    page = patient.get("/fhir/R4/Patient/$everything", _count=200)
    told = [entry["resource"] for entry in page["entry"]]
    while following := [link["url"] for link in page["link"] if link["relation"] == "next"]:
        page = patient.http.get(following[0]).json()
        told += [entry["resource"] for entry in page["entry"]]
    resources = exported(patient, path=path)
    key = [(resource["resourceType"], resource["id"]) for resource in resources]
    assert len(set(key)) == len(key)
    assert sorted(resources, key=str) == sorted(told, key=str)


def test_a_type_with_many_resources_has_several_files(someone: Person) -> None:
    someone.send("POST", "/mock/reset", json={"records": 1500})
    someone.seeded()
    found = manifest(someone, begun(someone, "?_type=Observation"))
    assert next(file["count"] for file in found["output"]) == bulk_files.LINES
    assert len(found["output"]) == 2
    total = someone.get("/fhir/R4/Observation", _summary="count")["total"]
    assert len({resource["id"] for resource in lines(someone, found)}) == total


def test_types_and_searches_narrow_it(patient: Person) -> None:
    kinds = Counter(resource["resourceType"] for resource in exported(patient, "?_type=Immunization,Patient"))
    assert set(kinds) == {"Immunization", "Patient"}
    narrowed = exported(patient, "?_type=Observation,Patient&_typeFilter=Observation?category=vital-signs")
    categories = {
        coding["code"]
        for resource in narrowed
        for category in resource.get("category", [])
        for coding in category["coding"]
    }
    assert categories == {"vital-signs"}
    assert any(resource["resourceType"] == "Patient" for resource in narrowed)


def test_a_search_through_a_chain_narrows_it_too(patient: Person) -> None:
    found = patient.get("/fhir/R4/Observation", **{"encounter.date": "ge2025", "_summary": "count"})["total"]
    assert 0 < found < patient.get("/fhir/R4/Observation", _summary="count")["total"]
    assert len(exported(patient, "?_type=Observation&_typeFilter=Observation?encounter.date=ge2025")) == found


def test_a_body_may_say_it_as_well(patient: Person) -> None:
    said = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueString": "Immunization"}]}
    headers = {"Prefer": "respond-async", "Content-Type": "application/fhir+json"}
    response = patient.http.post(PATH, content=json.dumps(said), headers=headers)
    assert response.status_code == 202, response.text
    kinds = {line["resourceType"] for line in lines(patient, manifest(patient, response.headers["content-location"]))}
    assert kinds == {"Immunization"}


def test_a_consent_that_is_revoked_closes_what_was_exported(patient: Person) -> None:
    address = begun(patient)
    file = manifest(patient, address)["output"][0]["url"]
    patient.send("PUT", "/consents/medical-data/revocation")
    for wanted in (address, file):
        refused = patient.http.get(wanted)
        assert refused.status_code == 403
        assert refused.headers["x-emk-code"] == "consent_required"
    assert patient.http.delete(address).status_code == 202


def test_since_gives_what_changed(patient: Person) -> None:
    moment = manifest(patient, begun(patient))["transactionTime"]
    patient.clock(advance=600)
    resource = patient.get("/fhir/R4/Condition", _count=1)["entry"][0]["resource"]
    patient.send("PATCH", f"/mock/fhir/Condition/{resource['id']}", json={"note": [{"text": "новое"}]})
    changed = exported(patient, f"?_type=Condition&_since={moment.replace('+', '%2B')}")
    assert [found["id"] for found in changed] == [resource["id"]]


def test_it_is_the_card_of_the_moment_it_was_begun(patient: Person) -> None:
    address = begun(patient, "?_type=Condition")
    before = patient.get("/fhir/R4/Condition", _summary="count")["total"]
    resource = patient.get("/fhir/R4/Condition", _count=1)["entry"][0]["resource"]
    patient.send("DELETE", f"/mock/fhir/Condition/{resource['id']}", None)
    assert len(lines(patient, manifest(patient, address))) == before


def test_nobody_else_reads_it(mock: Mock, patient: Person) -> None:
    address = begun(patient)
    file = manifest(patient, address)["output"][0]["url"]
    other = unchecked(mock)
    other.seeded(**ANOTHER)
    for wanted in (address, file):
        for method in ("GET", "DELETE"):
            response = other.http.request(method, wanted)
            assert response.status_code in (404, 405)
        assert httpx.Client(transport=httpx.WSGITransport(app=mock)).get(wanted).status_code == 401
    mine = {resource["id"] for resource in exported(patient) if resource["resourceType"] == "Patient"}
    assert mine.isdisjoint(resource["id"] for resource in exported(other))
    other.close()


def test_removed_it_is_unknown(patient: Person) -> None:
    address = begun(patient)
    file = manifest(patient, address)["output"][0]["url"]
    assert patient.http.delete(address).status_code == 202
    assert [patient.http.get(gone).status_code for gone in (address, file)] == [404, 404]
    assert patient.http.delete(address).status_code == 404


def test_files_are_not_there_before_it_is_ready(patient: Person) -> None:
    address = begun(patient, "?_type=Patient")
    assert patient.http.get(f"{address}/Patient-1.ndjson").status_code == 404


def test_an_account_keeps_a_bounded_number(patient: Person) -> None:
    addresses = []
    for _ in range(bulk_export.KEPT + 2):
        addresses.append(begun(patient, "?_type=Patient"))
        patient.clock(advance=1)
    codes = [patient.http.get(address).status_code for address in addresses]
    assert codes[:2] == [404, 404]
    assert 404 not in codes[2:]


@pytest.mark.parametrize(
    "query",
    [
        "?_type=Unicorn",
        "?_since=yesterday",
        "?_outputFormat=text/csv",
        "?_elements=id",
        "?_typeFilter=Observation?colour=red",
        "?_typeFilter=Unicorn?a=b",
        "?_typeFilter=Observation?_count=5",
        "?_typeFilter=Observation?_include=Observation:performer",
        "?_typeFilter=Observation?code:above=1",
    ],
)
def test_what_it_cannot_do_is_refused(patient: Person, query: str) -> None:
    response = patient.http.get(f"{PATH}{query}", headers={"Prefer": "respond-async"})
    assert response.status_code in (400, 404)
    assert response.json()["resourceType"] == "OperationOutcome"
    assert "content-location" not in response.headers


def test_it_is_begun_only_for_who_waits(patient: Person) -> None:
    assert patient.http.get(PATH).status_code == 400


def test_a_closed_card_is_not_exported(someone: Person) -> None:
    someone.seeded("verified")
    response = someone.http.get(PATH, headers={"Prefer": "respond-async"})
    assert response.status_code == 403
    assert response.headers["x-emk-code"] in ("not_activated", "consent_required")
