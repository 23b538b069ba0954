"""Bundles of type `history`: the newest state of each resource is read, and what was deleted last is not there."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from emkcli.fhir.placement import Placed
from emkcli.importers.fhir.reader import read
from tests.invented import PATIENT, encoded, lab

SERVER = "https://fhir.example/R4"


def state(ident: str, value: int, version: int | None = None, day: int | None = None) -> dict[str, Any]:
    meta: dict[str, Any] = {"versionId": str(version)} if version else {}
    meta |= {"lastUpdated": f"2026-01-{day:02}T00:00:00Z"} if day else {}
    return entry(lab(ident, value, **({"meta": meta} if meta else {})))


def entry(resource: dict[str, Any]) -> dict[str, Any]:
    address = f"{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": f"{SERVER}/{address}", "resource": resource, "request": {"method": "PUT", "url": address}}


def deletion(ident: str, day: int | None = None, **more: Any) -> dict[str, Any]:
    response = {"status": "204"} | ({"lastModified": f"2026-01-{day:02}T00:00:00Z"} if day else {})
    return {"request": {"method": "DELETE", "url": f"Observation/{ident}"}, "response": response, **more}


def shown(*entries: dict[str, Any]) -> tuple[dict[str, str], int]:
    """Value by resource, and how many states are superseded; the numbers of the account add up."""
    bundle = {"resourceType": "Bundle", "type": "history", "entry": [*entries, entry(PATIENT)]}
    (document,) = read("history.json", encoded(bundle))
    assert document.problem is None
    pieces = [piece for piece in document.pieces() if piece.type == "Observation"]
    superseded = document.left_out().get(Placed("Observation", "superseded"), 0)
    assert document.counted["Observation"] == len(pieces) + superseded
    records: list[Any] = [record for piece in pieces for record in piece.records]
    return {piece.key: record.value for piece, record in zip(pieces, records, strict=True)}, superseded


@pytest.mark.parametrize("days", list(permutations((1, 2, 3))))
def test_the_newest_state_is_read_wherever_it_stands(days: tuple[int, ...]) -> None:
    by_day = [state("o1", 10 + day, day=day) for day in days]
    by_version = [state("o1", 10 + version, version=version) for version in days]
    for states in (by_day, by_version):
        assert shown(*states) == ({"Observation/o1": "13"}, 2)


def test_versions_are_numbers_and_the_time_comes_first() -> None:
    assert shown(state("o1", 9, 9), state("o1", 10, 10))[0] == {"Observation/o1": "10"}
    assert shown(state("o1", 1, 2, day=1), state("o1", 2, 1, day=2))[0] == {"Observation/o1": "2"}


def test_what_says_nothing_of_its_state_is_listed_newest_first() -> None:
    assert shown(state("o1", 3), state("o1", 2), state("o2", 5)) == ({"Observation/o1": "3", "Observation/o2": "5"}, 1)


@pytest.mark.parametrize(
    "named",
    [
        deletion("o1", day=9),
        deletion("o1", day=9, request={"method": "DELETE", "url": f"{SERVER}/Observation/o1"}),
        deletion("o1", day=9, request={"method": "DELETE"}, fullUrl=f"{SERVER}/Observation/o1"),
        deletion("o1", day=9, request={"method": "DELETE", "url": "Observation/o1/_history/4"}),
        deletion("o1"),
    ],
)
def test_what_was_deleted_is_not_there(named: dict[str, Any]) -> None:
    assert shown(named, state("o1", 5, 1, day=1), state("o2", 6, 1, day=1)) == ({"Observation/o2": "6"}, 1)


def test_what_was_made_again_after_it_was_deleted_is_there() -> None:
    again = state("o1", 7, 3, day=9)
    assert shown(again, deletion("o1", day=5), state("o1", 5, 1, day=1)) == ({"Observation/o1": "7"}, 1)
    assert shown(deletion("o1", day=5), state("o1", 5, 1, day=1), again) == ({"Observation/o1": "7"}, 1)


def test_a_file_whose_dates_rise_is_listed_oldest_first() -> None:
    rising = [state("o2", 6, day=1), state("o2", 7, day=2)]
    unstamped = [state("o1", 5), deletion("o1", day=3)]
    assert shown(*rising, *unstamped) == ({"Observation/o2": "7"}, 2)
    falling = [deletion("o2", day=3), state("o2", 6, day=2)]
    assert shown(*falling, *unstamped) == ({"Observation/o1": "5"}, 1)


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_nothing_was_before_the_creation_of_a_resource(method: str) -> None:
    first = state("o1", 5, version=None if method == "POST" else 1)
    first["request"]["method"] = method
    assert shown(first, deletion("o1", day=3), state("o2", 6)) == ({"Observation/o2": "6"}, 1)
    assert shown(deletion("o1", day=3), first, state("o2", 6)) == ({"Observation/o2": "6"}, 1)


def test_a_history_inside_another_bundle() -> None:
    inner = {"resourceType": "Bundle", "type": "history", "entry": [deletion("o1", day=9), state("o1", 5, 1, day=1)]}
    outer = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": inner}, entry(PATIENT)]}
    (document,) = read("outer.json", encoded(outer))
    assert [piece.type for piece in document.pieces()] == ["Patient"]
    assert document.left_out() == {Placed("Observation", "superseded"): 1}


@pytest.mark.parametrize("kind", ["collection", "searchset", "transaction"])
def test_another_bundle_deletes_nothing(kind: str) -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [deletion("o1", 9), state("o1", 5, 1, 1), entry(PATIENT)],
    }
    (document,) = read("other.json", encoded(bundle))
    assert [piece.key for piece in document.pieces()] == ["Observation/o1", "Patient/p1"]


@pytest.mark.parametrize(
    "broken", [{"request": 5, "response": []}, {"request": {"method": "DELETE", "url": {}}}, {"fullUrl": 3}, {}]
)
def test_an_entry_that_says_nothing_is_passed_over(broken: dict[str, Any]) -> None:
    assert shown(broken, broken, state("o1", 5, 1, day=1)) == ({"Observation/o1": "5"}, 0)


@pytest.mark.parametrize("kind", ["history", "transaction"])
def test_what_is_deleted_at_the_source_is_said(kind: str) -> None:
    """A file removes nothing that another one brought."""
    whole = {"resourceType": "Bundle", "type": kind, "entry": [deletion("gone", day=9), state("o1", 5), entry(PATIENT)]}
    (document,) = read("one.json", encoded(whole))
    assert document.warnings == (
        "1 record was deleted at the source; if another file brought it, it stays in the card",
    )
    (without,) = read("one.json", encoded(whole | {"entry": whole["entry"][1:]}))
    assert without.warnings == ()
