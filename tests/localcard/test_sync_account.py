"""Where everything is that a server sent: of the whole card, each resource once, other people's apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emkcli import localcard, models
from emkcli.api.ports import CardQuery
from emkcli.localcard.synced_card import Mirror
from tests.invented import PATIENT, Resource, Server, lab
from tests.localcard.conftest import Keyring
from tests.localcard.test_account import ASTHMA, CLINIC, places
from tests.localcard.test_sync import ANNA, stamped

ALL = CardQuery()
ALIEN = lab("alien", subject={"reference": "Patient/p2"})
CREATURE = {"resourceType": "Horoscope", "id": "h", "subject": {"reference": "Patient/p1"}}


@pytest.fixture
def mirror(tmp_path: Path, keyring: Keyring) -> Iterator[Mirror]:
    opened = localcard.open_mirror(tmp_path / "a.sqlite3", keyring)
    yield opened
    opened.close()


def sync(mirror: Mirror, server: Server) -> models.SyncResult:
    return localcard.sync(mirror, server.card().changes(), ANNA, None)


def test_the_whole_card_also_when_nothing_is_new(mirror: Mirror) -> None:
    server = Server(CLINIC, *(stamped(f"o{n}", n, performer=[{"reference": "Organization/c"}]) for n in range(7)))
    for _turn in range(2):
        result = sync(mirror, server)
        assert (places(result.account), result.unread, result.complete) == ({"records": 7, "supporting": 2}, [], True)
    assert mirror.holdings(ALL).account() == result.account


def test_other_people_are_counted_apart(mirror: Mirror) -> None:
    result = sync(mirror, Server(stamped("o1", 1), ALIEN, ALIEN | {"id": "alien2"}))
    assert (places(result.account), result.complete) == ({"records": 1, "supporting": 1, "other_person": 2}, True)
    assert places(mirror.holdings(ALL).account()) == {"records": 1, "supporting": 1}


def test_contained_resources_are_records(mirror: Mirror) -> None:
    inner = {key: value for key, value in ASTHMA.items() if key != "subject"}
    result = sync(mirror, Server(stamped("o1", 1, contained=[inner, CLINIC])))
    assert places(result.account) == {"records": 2, "supporting": 2}
    assert [diagnosis.id for diagnosis in mirror.diagnoses(ALL)] == ["Observation/o1#Condition-a"]


def test_what_is_nested_otherwise_is_unread(mirror: Mirror) -> None:
    odd = stamped("o1", 1, extension=[{"url": "x", "valueResource": ASTHMA}])
    result = sync(mirror, Server(odd))
    assert (places(result.account), result.complete) == ({"records": 1, "supporting": 1, "unread": 1}, False)
    assert [(part.what, part.count, part.where) for part in result.unread] == [("Condition", 1, None)]


@pytest.mark.parametrize(("beside", "unread"), [(CREATURE, ["Horoscope"]), (PATIENT, []), (stamped("o1", 1), [])])
def test_what_comes_along_is_there_or_unread(mirror: Mirror, beside: Resource, unread: list[str]) -> None:
    """A type that is not asked for; the patient and what is in the card already are no news."""
    server = Server(stamped("o1", 1))
    server.extra_entries = [{"fullUrl": "x", "resource": beside, "search": {"mode": "include"}}]
    result = sync(mirror, server)
    assert (result.complete, [part.what for part in result.unread]) == (not unread, unread)
    assert result.account.records == 1


def test_an_outcome_is_no_part_of_the_card(mirror: Mirror) -> None:
    server = Server(stamped("o1", 1))
    issue = {"severity": "warning", "code": "processing", "diagnostics": "slow today"}
    outcome = {"resourceType": "OperationOutcome", "issue": [issue]}
    server.extra_entries = [{"resource": outcome, "search": {"mode": "outcome"}}]
    result = sync(mirror, server)
    assert (places(result.account), result.complete) == ({"records": 1, "supporting": 1}, True)


def test_the_same_resource_twice_on_a_page_is_one(mirror: Mirror) -> None:
    server = Server(stamped("o1", 1), stamped("o1", 1), stamped("o2", 2))
    result = sync(mirror, server)
    assert (result.added, places(mirror.holdings(ALL).account())) == ({"labs": 2}, {"records": 2, "supporting": 1})
