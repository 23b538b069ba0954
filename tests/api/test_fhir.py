"""The card over FHIR: paging, order, filters, servers with quirks, bytes that pass through."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli import errors
from emkcli.api.fhir.card import FhirCard
from emkcli.api.ports import CardQuery
from emkcli.api.wire import Wire
from emkcli.models import CATEGORIES
from tests.invented import BASE, LAB, PATIENT, Server, encoded, lab, plain, quantity

ALL = CardQuery()
CLINIC = {"resourceType": "Organization", "id": "c1", "name": "Городская поликлиника"}
DOCTOR = {"resourceType": "Practitioner", "id": "d1", "name": [{"text": "Врачева Ия"}]}
REPORT = {"resourceType": "DiagnosticReport", "id": "r1", "category": LAB, "result": [{"reference": "Observation/o1"}]}
STAFF = [{"reference": "Organization/c1"}, {"reference": "Practitioner/d1"}]


def labs(count: int, **more: Any) -> list[dict[str, Any]]:
    return [lab(f"o{n}", n, effectiveDateTime=f"2026-01-{n:02}T08:00:00+03:00", **more) for n in range(1, count + 1)]


def ids(items: Any) -> list[str]:
    return [one.id.rpartition("/")[2] for one in items]


def test_a_list_streams_all_pages_newest_first() -> None:
    found = Server(*labs(8)).card().labs(ALL)
    assert found.person is not None
    assert (found.person.id, found.person.name) == ("p1", "Пробная Анна Львовна")
    assert ids(found) == [f"o{n}" for n in range(8, 0, -1)]


def test_pages_are_fetched_only_as_they_are_read() -> None:
    server = Server(*labs(9))
    found = server.card().labs(ALL)
    next(iter(found))
    before = len(server.asked)
    list(found)
    assert len(server.asked) > before


def test_neighbours_come_along() -> None:
    server = Server(*labs(1, performer=STAFF), CLINIC, DOCTOR, REPORT)
    (found,) = server.card().labs(ALL)
    assert (found.clinic.name, found.doctor.name, found.report_id) == (
        "Городская поликлиника",
        "Врачева Ия",
        "DiagnosticReport/r1",
    )
    asked = dict(server.asked)["Observation"]
    assert ("_revinclude", "DiagnosticReport:result") in asked
    assert ("_count", "200") in asked


@pytest.mark.parametrize("refused", [{"_include"}, {"_include", "_sort"}, {"_revinclude", "_sort", "_count"}])
def test_a_server_that_refuses_parameters(refused: set[str]) -> None:
    server = Server(*labs(7))
    server.refused = refused
    assert ids(server.card().labs(ALL)) == [f"o{n}" for n in range(7, 0, -1)]


@pytest.mark.parametrize("order", [[3, 1, 2, 7, 5, 4, 6], [1, 2, 3, 4, 5, 6, 7]])
def test_a_server_that_does_not_sort(order: list[int]) -> None:
    known = labs(7)
    server = Server(*[known[n - 1] for n in order])
    server.sorts = False
    assert ids(server.card().labs(ALL)) == [f"o{n}" for n in range(7, 0, -1)]


def test_a_server_without_totals_and_includes() -> None:
    server = Server(*labs(4, performer=[{"reference": "Practitioner/d1", "display": "Врач"}]))
    server.totals = server.includes = False
    found = server.card().labs(ALL)
    assert [one.doctor.name for one in found] == ["Врач"] * 4


MIXED = {"visits", "labs", "studies", "prescriptions", "prevention", "documents", "other"}
"""Lists that show a part of a type, or several types: no count of a server is theirs."""


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_servers_count_is_taken_for_a_list_that_shows_all_of_one_search(category: str) -> None:
    found = getattr(Server().card(), category)(ALL)
    assert found.total == (None if category in MIXED else 0)


def test_results_are_told_apart_as_those_of_a_file_are() -> None:
    unusual = [lab(name, category=[{"coding": [{"code": name}]}]) for name in ("functional-status", "survey", "x")]
    vital = lab("pulse", category=[{"coding": [{"code": "vital-signs"}]}])
    card = Server(lab("o1"), plain(lab("bare"), "category"), *unusual, vital).card()
    assert sorted(ids(card.labs(ALL))) == ["bare", "functional-status", "o1", "x"]
    assert (ids(card.vitals(ALL)), ids(card.other(ALL))) == (["pulse"], ["survey"])


def test_a_server_without_categories() -> None:
    pressure = plain(lab("bp"), "category") | {"category": [{"coding": [{"code": "vital-signs"}]}]}
    server = Server(*[plain(one, "category") for one in labs(2)], pressure)
    assert ids(server.card().labs(ALL)) == ["o2", "o1"]
    assert ids(server.card().vitals(ALL)) == ["bp"]


def test_dates_are_asked_wider_and_checked_exactly() -> None:
    server = Server(*labs(9), lab("edge", effectiveDateTime="2026-01-03T21:30:00Z"))
    found = server.card().labs(CardQuery(since="2026-01-04", until="2026-01-05"))
    assert ids(found) == ["o5", "o4", "edge"]
    assert [value for name, value in dict(server.asked)["Observation"] if name == "date"] == [
        "ge2026-01-03",
        "le2026-01-06",
    ]


@pytest.mark.parametrize(("field", "asked"), [("clinic", "c1"), ("clinic", "ГОРОДСКАЯ"), ("doctor", "врачева")])
def test_clinic_and_doctor_by_id_or_part_of_the_name(field: str, asked: str) -> None:
    server = Server(*labs(1, performer=STAFF), lab("other"), CLINIC, DOCTOR)
    assert ids(server.card().labs(CardQuery(**{field: asked}))) == ["o1"]


def test_a_foreign_next_link_is_not_followed() -> None:
    server = Server(*labs(5))
    server.next_link = "https://elsewhere.example/R4/Observation?page=2"
    with pytest.raises(errors.BadResponse):
        list(server.card().labs(ALL))
    assert not any("elsewhere" in path for path, _ in server.asked)


def test_pages_in_a_circle_end() -> None:
    server = Server(*labs(5))
    server.next_link = f"{BASE}/Observation?again=1"
    with pytest.raises(errors.BadResponse):
        list(server.card().labs(ALL))


def test_an_outcome_inside_a_bundle() -> None:
    warning = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "x"}]}
    server = Server(*labs(1))
    server.extra_entries = [{"resource": warning, "search": {"mode": "outcome"}}]
    assert ids(server.card().labs(ALL)) == ["o1"]
    warning["issue"] = [{"severity": "error", "code": "x", "diagnostics": "half of it is gone"}]
    found = server.card().labs(ALL)
    assert next(found.stream).id == "Observation/o1"
    with pytest.raises(errors.BadResponse, match="half of it is gone"):
        next(found.stream)


@pytest.mark.parametrize(
    "body", [b"<html>", b'{"resourceType":"Bundle","entry":[', b"[]", b'{"resourceType":"Patient"}', b"[" * 99999]
)
def test_what_is_no_bundle_is_a_bad_response(body: bytes) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=encoded(PATIENT) if "Patient" in request.url.path else body)

    card = FhirCard(Wire(BASE, transport=httpx.MockTransport(answer)), "", lambda: "p1")
    with pytest.raises(errors.BadResponse):
        card.labs(ALL)


def test_a_resource_that_cannot_be_read_is_not_left_out_in_silence() -> None:
    broken = encoded(lab("o1", note=[{"text": "@"}])).replace(b"@", b"\xff")

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Accept"] == "application/fhir+json"
        page = b'{"resourceType":"Bundle","entry":[{"resource":' + broken + b"}]}"
        return httpx.Response(200, content=encoded(PATIENT) if request.url.path.endswith("/p1") else page)

    card = FhirCard(Wire(BASE, transport=httpx.MockTransport(answer)), "", lambda: "p1")
    with pytest.raises(errors.BadResponse):
        card.labs(ALL)


def test_without_a_person_it_says_how_to_name_one() -> None:
    with pytest.raises(errors.Usage) as caught:
        Server().card(None).labs(ALL)
    assert "--person" in str(caught.value.hint)
    assert Server().card(None).person("Patient/p1").birth_date == "1979-06-01"


@pytest.mark.parametrize("person", ["../x", "p1?a=b", "a b"])
def test_a_person_is_never_a_path(person: str) -> None:
    server = Server()
    with pytest.raises(errors.NotFound):
        server.card().labs(CardQuery(person=person))
    assert server.asked == []


def test_types_a_server_does_not_keep() -> None:
    server = Server()
    server.unknown = {"Immunization", "Composition", "MedicationStatement", "AuditEvent"}
    with pytest.raises(errors.Unsupported):
        server.card().vaccinations(ALL)
    with pytest.raises(errors.Unsupported):
        server.card().access_log()
    assert list(server.card().documents(ALL)) == []
    assert list(server.card().prescriptions(ALL)) == []


def test_a_record_by_its_id() -> None:
    parts = [{"code": {"text": name}, "valueQuantity": quantity(1)} for name in ("WBC", "RBC")]
    panel = plain(lab("panel"), "valueQuantity") | {"component": parts}
    card = Server(lab("o1", performer=STAFF), panel, CLINIC).card()
    assert card.record("Observation/o1") == next(one for one in card.labs(ALL) if one.id == "Observation/o1")
    assert card.record("Observation/panel#2").analyte == "RBC"  # type: ignore[attr-defined]
    assert card.record("Observation/panel").analyte == "WBC"  # type: ignore[attr-defined]
    for unknown in ("Observation/none", "Patient/p1", "../etc", "Observation/panel#9", ""):
        with pytest.raises(errors.NotFound):
            card.record(unknown)


def test_bytes_pass_through_unchanged() -> None:
    odd = '{"resourceType" : "Observation",\n "id":"odd", "valueQuantity":{"value":5.40}, "x":"ё"}'.encode()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("$everything"):
            return httpx.Response(200, content=b'{"resourceType":"Bundle","entry":[{"resource":' + odd + b"}]}")
        return httpx.Response(200, content=encoded(PATIENT) if request.url.path.endswith("p1") else odd)

    card = FhirCard(Wire(BASE, transport=httpx.MockTransport(answer)), "", lambda: "p1")
    assert card.raw("Observation/odd").content == odd
    assert [one.content for one in card.resources(ALL)] == [odd]


def test_resources_type_by_type_where_there_is_no_everything() -> None:
    server = Server(*labs(5, performer=STAFF), CLINIC, DOCTOR, REPORT)
    whole = [one.id for one in server.card().resources(ALL)]
    server.everything = False
    assert sorted(one.id for one in server.card().resources(ALL)) == sorted(whole)
    server.failing = {"Condition": 500}
    found = []
    with pytest.raises(errors.ServerError) as caught:
        found.extend(one.id for one in server.card().resources(ALL))
    assert caught.value.details["missing"][0]["what"] == "Condition"
    found = _until_error(server.card())
    assert "Observation/o5" in found


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 500, 501])
@pytest.mark.parametrize("since", [None, "2020-01-01T00:00:00+03:00"])
def test_everything_that_is_refused_or_fails_is_searched_for(status: int, since: str | None) -> None:
    changed = {"meta": {"lastUpdated": "2026-01-02T08:00:00+03:00"}}
    server = Server(*labs(5, **changed), {"resourceType": "Condition", "id": "x", **changed})
    query = CardQuery(updated_since=since)
    whole = sorted(resource.id for resource in server.card().resources(query))
    server.failing = {"Patient/p1/$everything": status}
    assert sorted(resource.id for resource in server.card().resources(query)) == whole
    assert len(whole) == 7


@pytest.mark.parametrize("code", ["consent_required", "not_activated"])
def test_a_card_that_is_closed_is_not_searched(code: str) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path.endswith("p1"):
            return httpx.Response(200, content=encoded(PATIENT))
        return httpx.Response(403, content=encoded({"code": code, "detail": "closed"}))

    card = FhirCard(Wire(BASE, transport=httpx.MockTransport(answer)), "", lambda: "p1")
    with pytest.raises(errors.Forbidden) as caught:
        list(card.resources(ALL))
    assert caught.value.slug == code
    assert not any("Observation" in path for path in asked)


def _until_error(card: FhirCard) -> list[str]:
    found = []
    try:
        for one in card.resources(ALL):
            found.append(one.id)
    except errors.ServerError:
        pass
    return found


def test_resources_of_chosen_lists_and_dates() -> None:
    server = Server(*labs(3, performer=STAFF), CLINIC, {"resourceType": "Condition", "id": "x"})
    query = CardQuery(since="2026-01-03", extra={"categories": "labs"})
    assert [one.id for one in server.card().resources(query)] == ["Patient/p1", "Observation/o3", "Organization/c1"]


def test_who_looked() -> None:
    event = {
        "resourceType": "AuditEvent",
        "id": "a1",
        "recorded": "2026-01-01T10:00:00+03:00",
        "purposeOfEvent": [{"text": "Лечение"}],
        "agent": [{"requestor": True, "who": {"reference": "Practitioner/d1"}}],
        "source": {"observer": {"reference": "Organization/c1"}},
        "entity": [{"description": "Карта"}],
    }
    (found,) = Server(event, event | {"id": "broken", "recorded": None}, CLINIC, DOCTOR).card().access_log()
    assert (found.who, found.organisation, found.what, found.basis) == (
        "Врачева Ия",
        "Городская поликлиника",
        "Карта",
        "Лечение",
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["resourceType", "entry", "resource", "link", "total", "url", "relation", "id"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(JSON)
def test_any_json_as_an_answer_raises_only_our_errors(document: object) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        inside = document if isinstance(document, dict) else {"entry": document}
        body = PATIENT if request.url.path.endswith("/p1") else {"resourceType": "Bundle", **inside}
        return httpx.Response(200, content=json.dumps(body).encode())

    card = FhirCard(Wire(BASE, transport=httpx.MockTransport(answer)), "", lambda: "p1")
    try:
        list(card.labs(ALL))
        list(card.resources(ALL))
    except errors.EmkError:
        pass


def test_a_person_who_is_not_there_is_named_with_the_server() -> None:
    with pytest.raises(errors.NotFound) as raised:
        Server().card("p9").labs(ALL)
    assert (str(raised.value), raised.value.exit_code) == (f"The server {BASE} has no patient p9.", 3)
