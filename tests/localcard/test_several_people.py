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
    assert unread == {"Condition": 1}
    assert [part.reason for part in results[0].unread] == ["it does not tell whose it is"]
    assert [result.account.other_person for result in results] == [1, 0]
    assert results[0].warnings == ["Records of another person were left out: Observation 1."]
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


def _appointment(*actors: dict[str, str]) -> dict[str, Any]:
    people = [{"actor": actor, "status": "accepted"} for actor in actors]
    return {"resourceType": "Appointment", "id": "a", "status": "booked", "participant": people}


def test_what_is_of_two_people_is_filed_with_each(card: LocalCard, tmp_path: Path) -> None:
    document = encoded(bundle(PATIENT, BORIS, MINE, HIS, _appointment(THEIRS, {"reference": "Patient/p1"})))
    results = taken(card, tmp_path, document, "auto")
    assert [result.records for result in results] == [{"labs": 1, "other": 1}] * 2
    assert [result.account.unread + result.account.other_person for result in results] == [0, 0]
    # the visit is in both
    assert sum(result.account.total for result in results) == counted(document).total() + 1


def _nameless(ident: str) -> dict[str, Any]:
    return {key: value for key, value in lab(ident).items() if key != "subject"}


def test_a_part_without_a_patient_is_of_whom_its_report_is(card: LocalCard, tmp_path: Path) -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "subject": THEIRS,
        "result": [{"reference": "Observation/n"}],
    }
    noted = {"resourceType": "Provenance", "id": "w", "target": [{"reference": "Observation/n"}]}
    results = taken(card, tmp_path, encoded(bundle(PATIENT, BORIS, MINE, HIS, report, _nameless("n"), noted)), "auto")
    assert [result.records for result in results] == [{"labs": 1}, {"labs": 2}]
    assert [result.account.supporting for result in results] == [1, 3]


@pytest.mark.parametrize(
    ("subject", "whose"),
    [
        ({"display": "Борис Чужой"}, 1),
        ({"display": "Чужой Б. Л."}, 1),
        ({"display": "Пробная Анна"}, 0),
        ({"reference": "#inner"}, 1),
        ({"display": "Сидоров Пётр"}, None),
        ({"reference": "https://elsewhere.example/fhir/Patient/p1"}, None),
        ({"reference": "Group/g"}, None),
    ],
)
def test_by_words_in_place_of_an_address(card: LocalCard, tmp_path: Path, subject: Any, whose: int | None) -> None:
    named = lab("named", 9, subject=subject, contained=[{**BORIS, "id": "inner"}])
    results = taken(card, tmp_path, encoded(bundle(PATIENT, BORIS, MINE, HIS, named)), "auto")
    assert [result.records["labs"] for result in results] == [2 if whose == 0 else 1, 2 if whose == 1 else 1]
    assert (results[0].account.other_person > 0) is (whose is None)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"reference": "Patient/p1"}, {"reference": "Patient/p2"}),
        ({"reference": "https://a.example/Patient/p1"}, {"reference": "https://b.example/Patient/p1"}),
        ({"display": "Пробная Анна"}, {"display": "Пробная Мария"}),
        ({"reference": "Patient/p1"}, {"reference": "Group/g"}),
    ],
)
@pytest.mark.parametrize("person", [None, "new", "auto"])
def test_records_of_two_people_without_their_patients(
    card: LocalCard, tmp_path: Path, first: Any, second: Any, person: str | None
) -> None:
    (result,) = taken(card, tmp_path, lines(lab("o1", subject=first), lab("o2", subject=second)), person)
    assert (result.status, str(result.reason)[:16], result.account.unread) == ("failed", "several_patients", 2)
    assert card.persons() == []


def test_a_patient_inside_a_record_says_whose_it_is(card: LocalCard, tmp_path: Path) -> None:
    taken(card, tmp_path, bundle(PATIENT, MINE), None)
    theirs = lab("o2", 7, subject={"reference": "#inner"}, contained=[{**BORIS, "id": "inner"}])
    (refused,) = taken(card, tmp_path, theirs, card.persons()[0].id)
    (filed,) = taken(card, tmp_path, theirs, "auto")
    assert (refused.status, filed.status) == ("other_person", "added")
    assert sorted(map(len, values(card).values())) == [1, 1]


def test_a_hospital_is_no_family(card: LocalCard, tmp_path: Path) -> None:
    people = [{"resourceType": "Patient", "id": f"q{number}", "birthDate": "1990-01-01"} for number in range(101)]
    named = [lab(f"o{number}", subject={"reference": f"Patient/q{number}"}) for number in range(101)]
    (result,) = taken(card, tmp_path, bundle(*people, *named), "auto")
    assert result.status == "failed"
    assert card.persons() == []
