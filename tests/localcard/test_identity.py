"""What a resource is the same as, which of its states counts, and which Patients are one person."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emkcli import localcard, models
from emkcli.api.ports import CardQuery
from emkcli.importers import document_reader
from emkcli.localcard.imported_card import LocalCard
from tests.invented import PATIENT, Resource, bundle, encoded, lab, plain

ALL = CardQuery()
ORDER = [{"system": "urn:example:lab:accession", "value": "A-1"}]
Take = Callable[..., list[str]]


@pytest.fixture
def take(card: LocalCard, tmp_path: Path) -> Take:
    """Import documents from files of these names."""

    def take(person: str | None = None, **documents: Any) -> list[str]:
        for name, document in documents.items():
            (tmp_path / name).write_bytes(document if isinstance(document, bytes) else encoded(document))
        parsed = (document for name in documents for document in document_reader.read(str(tmp_path / name)))
        return [result.status for result in localcard.ingest(card, parsed, person)]

    return take


def values(card: LocalCard) -> list[str | None]:
    return sorted((record.value for record in card.labs(ALL)), key=str)


def state(value: int, version: str | None = None, updated: str | None = None, ident: str = "o1") -> Resource:
    meta = {name: text for name, text in (("versionId", version), ("lastUpdated", updated)) if text}
    return lab(ident, value, **({"meta": meta} if meta else {}))


def test_resources_of_one_order_in_files_of_their_own(card: LocalCard, take: Take) -> None:
    files = {name: lab(name, value, identifier=ORDER) for value, name in enumerate(("o1", "o2", "o3"), 5)}
    assert take(person="new", **files, patient=PATIENT) == ["added"] * 4
    assert values(card) == ["5", "6", "7"]
    assert take(**files, patient=PATIENT) == ["failed"] * 3 + ["duplicate"]
    (person,) = card.persons()
    assert take(person=person.id, o1=files["o1"]) == ["duplicate"]
    assert values(card) == ["5", "6", "7"]


def test_the_next_state_of_a_file_of_its_own(card: LocalCard, take: Take) -> None:
    assert take(person="new", a=state(5, "1"), b=state(6, "2"), c=state(4, "1")) == ["added", "added", "superseded"]
    assert values(card) == ["6"]


def test_files_of_equal_ids_about_other_subjects_are_not_one(card: LocalCard, take: Take) -> None:
    other = lab("o1", 6, subject={"reference": "https://other.example/Patient/1"})
    assert take(person="new", a=lab("o1", 5), b=other) == ["added", "added"]
    assert values(card) == ["5", "6"]


def test_bundles_of_one_order_do_not_replace_each_other(card: LocalCard, take: Take) -> None:
    numbered: Resource = {"identifier": ORDER[0]}
    assert take(a=bundle(PATIENT, lab("o1", 5), **numbered), b=bundle(PATIENT, lab("o2", 6), **numbered)) == [
        "added",
        "added",
    ]
    assert values(card) == ["5", "6"]


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        (state(9, "2"), state(1, "1")),
        (state(9, "10"), state(1, "9")),
        (state(9, updated="2026-03-02T12:00:00Z"), state(1, updated="2026-03-02T14:00:00+03:00")),
        (state(9, "b", "2026-03-02T12:00:00Z"), state(1, "c", "2026-03-01T12:00:00Z")),
    ],
    ids=["version", "number", "moment", "version without an order"],
)
@pytest.mark.parametrize("dates", [("2026-01-01", "2026-02-01"), (None, None)], ids=["dated otherwise", "undated"])
def test_the_newer_state_stays_whatever_comes_first(
    card: LocalCard, take: Take, newer: Resource, older: Resource, dates: tuple[str | None, str | None]
) -> None:
    new, old = (
        bundle(PATIENT, resource, **({"timestamp": date} if date else {}))
        for resource, date in zip((newer, older), dates, strict=True)
    )
    assert take(new=new, old=old) == ["added", "superseded"]
    assert values(card) == ["9"]


def addressless(*resources: Resource) -> Resource:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def test_states_of_a_server_that_gives_no_addresses(card: LocalCard, take: Take) -> None:
    newer, older = state(9, "2"), state(1, "1")
    assert take(new=addressless(PATIENT, newer), old=addressless(PATIENT, older)) == ["added", "superseded"]
    assert take(lines=b"\n".join(map(encoded, (PATIENT, older)))) == ["superseded"]
    assert values(card) == ["9"]


def test_equal_ids_without_addresses_and_states_are_not_one(card: LocalCard, take: Take) -> None:
    assert take(a=addressless(PATIENT, lab("o1", 5)), b=addressless(PATIENT, lab("o1", 6))) == ["added", "added"]
    assert values(card) == ["5", "6"]


def test_an_older_state_is_replaced(card: LocalCard, take: Take) -> None:
    assert take(old=bundle(PATIENT, state(1, "1")), new=bundle(PATIENT, state(9, "2"))) == ["added", "added"]
    assert values(card) == ["9"]


def test_what_is_new_beside_an_older_state_is_taken(card: LocalCard, take: Take) -> None:
    take(new=bundle(PATIENT, state(9, "2")))
    assert take(old=bundle(PATIENT, state(1, "1"), state(5, ident="o2"))) == ["added"]
    assert values(card) == ["5", "9"]


@pytest.mark.parametrize("order", [1, -1], ids=["newest first", "oldest first"])
def test_the_history_of_a_resource_is_its_newest_state(card: LocalCard, take: Take, order: int) -> None:
    states = [state(9, "3"), state(8, "2"), state(7, "1")][::order]
    assert take(a=bundle(PATIENT, *states, kind="history")) == ["added"]
    assert values(card) == ["9"]


def test_equal_ids_of_bundles_in_one_stay_apart(card: LocalCard, take: Take) -> None:
    inner = [addressless(PATIENT, lab("o1", value)) for value in (5, 6, 5)]
    assert take(a=bundle(*inner)) == ["added"]
    assert values(card) == ["5", "6"]


def patients(*people: Resource) -> Resource:
    results = [
        lab(f"o{number}", number, subject={"reference": f"Patient/{person['id']}"})
        for number, person in enumerate(people, 1)
    ]
    return bundle(*people, *results)


LINK = [{"other": {"reference": "Patient/p1"}, "type": "seealso"}]


@pytest.mark.parametrize(
    "other",
    [
        PATIENT | {"id": "p2"},
        plain(PATIENT, "name", "birthDate", "identifier") | {"id": "p2", "link": LINK},
        PATIENT | {"id": "p2", "name": [{"family": "Пробная", "given": ["Анна"]}], "identifier": []},
    ],
    ids=["name and birth date", "link", "without patronymic"],
)
def test_several_patients_that_are_one_person(card: LocalCard, take: Take, other: Resource) -> None:
    assert take(a=patients(PATIENT, other)) == ["added"]
    assert values(card) == ["1", "2"]
    assert [person.name for person in card.persons()] == ["Пробная Анна Львовна"]


@pytest.mark.parametrize(
    "other",
    [
        PATIENT | {"id": "p2", "birthDate": "1979-06-02"},
        PATIENT | {"id": "p2", "name": [{"family": "Пробная", "given": ["Ева"]}]},
        PATIENT | {"id": "p2", "gender": "male"},
        plain(PATIENT, "birthDate") | {"id": "p2"},
    ],
    ids=["birth date", "first name", "sex", "too little is told"],
)
def test_several_patients_that_are_not(card: LocalCard, take: Take, other: Resource) -> None:
    assert take(a=patients(PATIENT, other)) == ["failed"]
    assert card.persons() == []


def test_equal_ids_of_different_people_are_refused(card: LocalCard, take: Take) -> None:
    """A reference could mean either: nothing of somebody else may be shown."""
    boris = PATIENT | {"name": [{"family": "Чужой", "given": ["Борис"]}], "birthDate": "1961-01-01", "identifier": []}
    inner = addressless(PATIENT, lab("o1", 5)), addressless(boris, lab("o2"))
    assert take(a=bundle(*inner)) == ["failed"]
    assert card.persons() == []


def test_what_was_superseded_by_the_number_of_an_order_is_taken(card: LocalCard, take: Take) -> None:
    """As an older emk left a card: the first of two files of one order replaced by the second."""
    files = {name: lab(name, value, identifier=ORDER) for value, name in enumerate(("o1", "o2"), 5)}
    assert take(person="anna", **files) == ["added", "added"]
    card.store.db.execute("DELETE FROM piece WHERE key = 'Observation/o1'")
    card.store.db.execute("UPDATE document SET reader = 2, document_id = 'A-1', series = 'A-1'")
    card.store.db.execute("UPDATE document SET superseded = 1 WHERE file LIKE '%o1'")
    assert values(card) == ["6"]
    assert take(person="anna", **files) == ["added", "duplicate"]
    assert values(card) == ["5", "6"]
    assert take(person="anna", **files) == ["duplicate", "duplicate"]


def test_a_resource_that_had_another_name_gets_its_own(card: LocalCard, take: Take) -> None:
    take(person="anna", a=state(5, "1"))
    (record,) = card.labs(ALL)
    card.store.db.execute("UPDATE piece SET id = 'i-0'; UPDATE record SET id = 'i-0'; UPDATE document SET reader = 2")
    assert take(person="anna", a=state(5, "1")) == ["duplicate"]
    assert [one.id for one in card.labs(ALL)] == [record.id]
    assert take(person="anna", b=state(6, "2")) == ["added"]
    assert isinstance(card.record(record.id), models.LabResult)
    assert json.loads(card.raw(record.id).content)["valueQuantity"]["value"] == 6
