"""Servers that speak another release of FHIR than R4 and R4B: refused by name, whatever is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from emkcli import errors
from emkcli.api.fhir.card import FhirCard
from emkcli.api.ports import CardQuery
from emkcli.api.wire import Wire
from tests.invented import BASE, PATIENT, Server, encoded, lab

ALL = CardQuery()
READS: dict[str, Callable[[FhirCard], Any]] = {
    "person": lambda card: card.person(),
    "list": lambda card: list(card.labs(ALL)),
    "other": lambda card: list(card.other(ALL)),
    "record": lambda card: card.record("Observation/o1"),
    "raw": lambda card: card.raw("Observation/o1"),
    "export": lambda card: list(card.resources(ALL)),
    "tables": lambda card: list(card.batches(ALL)),
    "sync": lambda card: card.changes(),
    "log": lambda card: list(card.access_log()),
}


def server_of(version: str | None, kind: str = "CapabilityStatement") -> Server:
    server = Server(lab("o1"))
    statement = {"resourceType": kind, "rest": [{"resource": [{"type": "Observation"}]}]}
    server.capability = lambda: httpx.Response(200, json=statement | ({"fhirVersion": version} if version else {}))  # type: ignore[method-assign]
    return server


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize(
    ("version", "kind", "name"),
    [
        ("1.0.2", "Conformance", "DSTU2"),
        ("3.0.1", "CapabilityStatement", "STU3"),
        ("3.0.2", "CapabilityStatement", "STU3"),
        ("5.0.0", "CapabilityStatement", "R5"),
        ("6.0.0-ballot2", "CapabilityStatement", "R6"),
    ],
)
def test_another_release_is_refused_by_name(read: str, version: str, kind: str, name: str) -> None:
    server = server_of(version, kind)
    with pytest.raises(errors.Unsupported, match=f"FHIR {name}") as caught:
        READS[read](server.card())
    assert caught.value.exit_code == 11
    assert "R4" in (caught.value.hint or "")
    assert {path for path, _params in server.asked} == {"metadata"}


@pytest.mark.parametrize("version", [None, "4.0.1", "4.0.0", "4.3.0", "", "what", "4.1.0"])
def test_r4_and_what_says_nothing_is_read(version: str | None) -> None:
    card = server_of(version).card()
    assert [result.id for result in card.labs(ALL)] == ["Observation/o1"]
    assert card.person().name == "Пробная Анна Львовна"


def test_what_says_nothing_is_told_by_what_it_sends() -> None:
    immunization = {"resourceType": "Immunization", "id": "i1", "notGiven": True, "date": "2019-01-01"}
    server = Server(immunization)
    server.capability = lambda: Server.outcome(404)  # type: ignore[method-assign]
    with pytest.raises(errors.Unsupported, match="FHIR STU3"):
        list(server.card().vaccinations(ALL))


@pytest.mark.parametrize("status", [401, 403, 404, 405, 406, 500, 501])
def test_a_statement_that_is_not_given_refuses_nothing(status: int) -> None:
    server = Server(lab("o1"))
    server.capability = lambda: Server.outcome(status)  # type: ignore[method-assign]
    assert [result.id for result in server.card().labs(ALL)] == ["Observation/o1"]


def test_a_byte_order_mark_is_no_part_of_the_json() -> None:
    server = Server(lab("o1"))

    def marked(request: httpx.Request) -> httpx.Response:
        response = server.answer(request)
        return httpx.Response(response.status_code, content=b"\xef\xbb\xbf" + response.content)

    card = FhirCard(Wire(BASE, transport=httpx.MockTransport(marked)), "", lambda: "p1")
    assert card.person().name == "Пробная Анна Львовна"
    assert [result.id for result in card.labs(ALL)] == ["Observation/o1"]
    assert card.raw("Observation/o1").content == encoded(lab("o1"))
    assert [resource.content for resource in card.resources(ALL)] == [encoded(PATIENT), encoded(lab("o1"))]
    server.everything = False
    assert len(list(card.resources(ALL))) == 2
    assert len(next(card.changes().walk("Observation", None)).matches) == 1


def test_a_statement_with_a_byte_order_mark_is_read() -> None:
    statement = b'\xef\xbb\xbf{"resourceType":"CapabilityStatement","fhirVersion":"3.0.1"}'
    server = Server(lab("o1"))
    server.capability = lambda: httpx.Response(200, content=statement)  # type: ignore[method-assign]
    with pytest.raises(errors.Unsupported, match="STU3"):
        list(server.card().labs(ALL))
