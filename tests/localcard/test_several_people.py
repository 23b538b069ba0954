"""A file about several people: each part is filed under its own, and nobody's card has anything of another's."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from emkcli import localcard, models
from emkcli.api.ports import CardQuery
from emkcli.fhir.resource_count import counted
from emkcli.importers import document_reader
from emkcli.localcard.imported_card import LocalCard
from tests.invented import PATIENT, bundle, encoded, lab
from tests.localcard.test_importer import BORIS

THEIRS = {"reference": f"Patient/{BORIS['id']}"}
CLINIC = {"resourceType": "Organization", "id": "c", "name": "Поликлиника"}
COVERAGE = {
    "resourceType": "Coverage",
    "id": "v",
    "status": "active",
    "beneficiary": THEIRS,
    "payor": [{"display": "x"}],
}
NOBODYS = {"resourceType": "Condition", "id": "n", "code": {"text": "Ничья"}}
STRANGERS = lab("stranger", subject={"reference": "Patient/elsewhere"})
MINE = lab("mine", performer=[{"reference": "Organization/c"}])
HIS = lab("his", 7, subject=THEIRS, performer=[{"reference": "Organization/c"}])
FAMILY = bundle(PATIENT, BORIS, CLINIC, MINE, HIS, COVERAGE)


def taken(card: LocalCard, tmp_path: Path, document: Any, person: str | None) -> list[models.ImportResult]:
    path = tmp_path / "family.json"
    path.write_bytes(document if isinstance(document, bytes) else encoded(document))
    return list(localcard.ingest(card, document_reader.read(str(path)), person))


def lines(*resources: Any) -> bytes:
    return b"\n".join(map(encoded, resources))


def values(card: LocalCard) -> dict[str, list[str]]:
    return {
        person.name: sorted(str(result.value) for result in card.labs(CardQuery(person=person.id)))
        for person in card.persons()
    }


@pytest.mark.parametrize(
    "document",
    [
        FAMILY,
        bundle(bundle(PATIENT, CLINIC, MINE) | {"id": "one"}, bundle(BORIS, CLINIC, HIS, COVERAGE) | {"id": "two"}),
        lines(PATIENT, BORIS, CLINIC, MINE, HIS, COVERAGE),
        encoded([PATIENT, BORIS, CLINIC, MINE, HIS, COVERAGE]),
    ],
    ids=["bundle", "bundles in one", "lines", "array"],
)
def test_each_is_filed_under_its_own(card: LocalCard, tmp_path: Path, document: Any) -> None:
    results = taken(card, tmp_path, document, "auto")
    assert [result.status for result in results] == ["added", "added"]
    assert [result.records for result in results] == [{"labs": 1}, {"labs": 1, "other": 1}]
    assert values(card) == {"Пробная Анна Львовна": ["5"], results[1].person.name: ["7"]}  # type: ignore[union-attr]
    for person in card.persons():
        (result,) = card.labs(CardQuery(person=person.id))
        assert result.clinic is not None
        assert result.clinic.name == "Поликлиника"
    assert [result.status for result in taken(card, tmp_path, document, "auto")] == ["duplicate", "duplicate"]


@pytest.mark.parametrize("person", [None, "new"])
def test_an_empty_card_takes_none_of_them(card: LocalCard, tmp_path: Path, person: str | None) -> None:
    (result,) = taken(card, tmp_path, FAMILY, person)
    assert (result.status, "--person auto" in str(result.reason)) == ("failed", True)
    assert result.account.unread == result.account.total == 6
    assert card.persons() == []


@pytest.mark.parametrize("named", [True, False])
def test_the_owner_of_a_card_takes_the_own_part_alone(card: LocalCard, tmp_path: Path, named: bool) -> None:
    taken(card, tmp_path, bundle(PATIENT, lab("before", 1)), None)
    owner = card.persons()[0].id
    results = taken(card, tmp_path, FAMILY, owner if named else None)
    assert [result.status for result in results] == ["added", "other_person"]
    assert values(card) == {"Пробная Анна Львовна": ["1", "5"]}


def test_a_named_person_takes_no_part_that_may_be_anybodys(card: LocalCard, tmp_path: Path) -> None:
    taken(card, tmp_path, bundle(PATIENT, lab("before", 1)), None)
    unsure = {**BORIS, "name": PATIENT["name"]}
    unsure = {name: value for name, value in unsure.items() if name in ("resourceType", "id", "name")}
    results = taken(card, tmp_path, bundle(PATIENT, unsure, MINE, HIS), card.persons()[0].id)
    assert [result.status for result in results] == ["added", "other_person"]
    assert values(card) == {"Пробная Анна Львовна": ["1", "5"]}


def test_what_is_nobodys_is_in_no_card_and_is_seen(card: LocalCard, tmp_path: Path) -> None:
    document = encoded(bundle(PATIENT, BORIS, CLINIC, MINE, HIS, NOBODYS, STRANGERS))
    results = taken(card, tmp_path, document, "auto")
    unread = Counter({part.what: part.count for result in results for part in result.unread})
    assert unread == {"Condition": 1, "Observation": 1}
    assert values(card) == {"Пробная Анна Львовна": ["5"], results[1].person.name: ["7"]}  # type: ignore[union-attr]
    for person in card.persons():
        assert list(card.diagnoses(CardQuery(person=person.id))) == []
    # the clinic is in both
    assert sum(result.account.total for result in results) == counted(document).total() + 1


def test_what_names_its_person_in_another_way_is_nobody_elses(card: LocalCard, tmp_path: Path) -> None:
    appointment = {"resourceType": "Appointment", "id": "a", "status": "booked", "participant": [{"actor": THEIRS}]}
    paper = {"resourceType": "Composition", "id": "p", "subject": {"reference": "Patient/p1"}, "title": "Справка"}
    document = bundle(paper, PATIENT, BORIS, MINE, COVERAGE, appointment, kind="document")
    (result,) = taken(card, tmp_path, document, None)
    assert (result.status, result.records) == ("added", {"documents": 1, "labs": 1})
    assert result.account.other_person == 3


def test_a_hospital_is_no_family(card: LocalCard, tmp_path: Path) -> None:
    people = [{"resourceType": "Patient", "id": f"q{number}", "birthDate": "1990-01-01"} for number in range(101)]
    named = [lab(f"o{number}", subject={"reference": f"Patient/q{number}"}) for number in range(101)]
    (result,) = taken(card, tmp_path, bundle(*people, *named), "auto")
    assert result.status == "failed"
    assert card.persons() == []
