"""What stands inside another resource: its list has it where it searches that type, and else it is said."""

from __future__ import annotations

from typing import Any

import httpx

from emkcli.api.fhir.card import FhirCard
from emkcli.api.ports import CardQuery
from emkcli.api.wire import Wire
from tests.invented import BASE, Server, lab

ALL = CardQuery()
REQUEST = {
    "resourceType": "MedicationRequest",
    "id": "m",
    "status": "active",
    "subject": {"reference": "Patient/p1"},
    "medicationCodeableConcept": {"text": "Метформин"},
}
GROUP = {
    "resourceType": "RequestGroup",
    "id": "g1",
    "status": "active",
    "subject": {"reference": "Patient/p1"},
    "contained": [REQUEST],
    "action": [{"resource": {"reference": "#m"}}],
}
INNER = "RequestGroup/g1#MedicationRequest-m"


def card(server: Server) -> tuple[FhirCard, list[str]]:
    said: list[str] = []
    return FhirCard(
        Wire(BASE, transport=httpx.MockTransport(server.answer)), "", lambda: "p1", notice=said.append
    ), said


def server(*resources: Any) -> Server:
    served = Server(*resources, size=50)
    served.capability = lambda: Server.outcome(404)  # type: ignore[method-assign]
    return served


def test_a_list_has_what_stands_inside_the_resources_it_searches() -> None:
    within = lab("o2", category=None, code={"text": "Натрий"})
    opened, said = card(server(lab("o1", contained=[within], derivedFrom=[{"reference": "#o2"}])))
    assert sorted(record.id for record in opened.labs(ALL)) == ["Observation/o1", "Observation/o1#Observation-o2"]
    assert opened.holdings(ALL).account().unread == 0
    assert not [words for words in said if "Only a sync finds" in words]


def test_what_stands_where_its_list_does_not_look_is_said_by_the_list_that_sees_it() -> None:
    opened, said = card(server(GROUP))
    assert [record.id for record in opened.other(ALL)] == ["RequestGroup/g1"]
    assert [words for words in said if "Only a sync finds" in words] == [
        "Only a sync finds what stands inside the resources of this list: 1 for the list prescriptions."
    ]


def test_lists_are_held_against_what_stands_inside_resources() -> None:
    opened, _said = card(server(GROUP, REQUEST | {"id": "own"}))
    assert [record.id for record in opened.prescriptions(ALL)] == ["MedicationRequest/own"]
    assert [record.id for record in opened.other(ALL)] == ["RequestGroup/g1"]
    holdings = opened.holdings(ALL)
    account = holdings.account()
    assert (account.records, account.other, account.unread) == (1, 1, 1)
    assert [unread.what for unread in holdings.unread(lambda _what: None)] == ["MedicationRequest"]


def test_a_card_whose_lists_were_not_read_lacks_nothing() -> None:
    opened, _said = card(server(GROUP))
    assert opened.holdings(ALL).account().unread == 0
