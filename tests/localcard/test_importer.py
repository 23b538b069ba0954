"""Documents into the local card and out of it through the port."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emkcli import errors, localcard, models
from emkcli.api.ports import CardQuery
from emkcli.importers import document_reader
from emkcli.localcard import persons
from emkcli.localcard.imported_card import LocalCard
from emkcli.models import CATEGORIES
from tests.exporters.running import export_card
from tests.importers import semd_invented as semd
from tests.invented import PATIENT, bundle, encoded, lab, plain, quantity

ALL = CardQuery()
BORIS = PATIENT | {
    "id": "p2",
    "name": [{"family": "Чужой", "given": ["Борис"]}],
    "identifier": [],
    "birthDate": "1961-01-01",
}
CHILD = PATIENT | {"id": "p3", "name": [{"family": "Пробная", "given": ["Ева"]}], "birthDate": "2016-01-01"}


@pytest.fixture
def take(card: LocalCard, tmp_path: Path) -> Any:
    def take(*documents: Any, person: str | None = None) -> list[models.ImportResult]:
        names = []
        for number, document in enumerate(documents):
            path = tmp_path / f"{number}.json"
            path.write_bytes(document if isinstance(document, bytes) else encoded(document))
            names.append(str(path))
        parsed = (one for name in names for one in document_reader.read(name))
        return list(localcard.ingest(card, parsed, person))

    return take


def statuses(results: list[models.ImportResult]) -> list[str]:
    return [one.status for one in results]


def test_import_and_list(card: LocalCard, take: Any) -> None:
    old = lab("old", effectiveDateTime="2015")
    document = bundle(
        PATIENT,
        lab("new"),
        old,
        plain(lab("undated"), "effectiveDateTime"),
        identifier={"system": "urn:oid:1.2", "value": "7"},
    )
    (result,) = take(document)
    assert (result.status, result.records, result.document_id) == ("added", {"labs": 3}, "1.2^7")
    found = card.labs(ALL)
    assert (found.total, found.person) == (3, models.Named(id=card.person().id, name="Пробная Анна Львовна"))
    items = list(found)
    assert [one.collected_at for one in items] == ["2026-03-01T08:00:00+03:00", "2015", None]
    assert all(one.id.startswith("i-") for one in items)
    assert isinstance(items[0].source, models.FileSource)
    assert items[0].source.document_id == "1.2^7"
    assert card.record(items[0].id) == items[0]
    assert json.loads(card.raw(items[0].id).content) == lab("new")
    assert [one.collected_at for one in card.labs(CardQuery(since="2016-01-01"))] == [items[0].collected_at]


def test_raw_bytes_are_those_of_the_file(card: LocalCard, take: Any) -> None:
    odd = b'{"resourceType" : "Observation", "id":"o",\n "valueQuantity":{"value":5.40}}'
    take(
        b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":%s},{"resource":%s}]}'
        % (encoded(PATIENT), odd)
    )
    assert odd in [one.content for one in card.resources(ALL)]
    assert next(iter(card.labs(ALL))).value == "5.40"


@pytest.mark.parametrize(("category", "keys"), [("labs", {"Patient/p1", "Observation/o1"}), ("visits", {"Patient/p1"})])
def test_resources_of_a_list_come_with_whom_they_are_about(
    card: LocalCard, take: Any, category: str, keys: set[str]
) -> None:
    take(bundle(PATIENT, lab("o1")))
    assert {raw.id for raw in card.resources(CardQuery(extra={"categories": category}))} == keys


def test_the_same_again_is_a_duplicate(card: LocalCard, take: Any) -> None:
    document = bundle(PATIENT, lab("o1"))
    assert statuses(take(document, document)) == ["added", "duplicate"]
    assert statuses(take(json.dumps(document, indent=2).encode())) == ["duplicate"]
    assert len(list(card.labs(ALL))) == 1


def test_a_later_bundle_of_the_same_server_adds_what_is_new(card: LocalCard, take: Any) -> None:
    take(bundle(PATIENT, lab("o1"), timestamp="2026-01-01"))
    before = next(iter(card.labs(ALL))).id
    assert statuses(take(bundle(PATIENT, lab("o1", 9), lab("o2"), timestamp="2026-02-01"))) == ["added"]
    assert {one.id: one.value for one in card.labs(ALL)}[before] == "9"
    assert len(list(card.labs(ALL))) == 2
    take(bundle(PATIENT, lab("o1", 1), lab("o3"), timestamp="2025-01-01"))
    assert card.record(before).value == "9", "an older document does not undo a newer one"  # type: ignore[attr-defined]


def test_versions_of_one_document(card: LocalCard, take: Any) -> None:
    def version(number: str, *resources: Any) -> Any:
        return bundle(PATIENT, *resources, identifier={"system": "s", "value": "1"}, meta={"versionId": number})

    results = take(
        version("1", lab("gone")), version("3", lab("kept")), version("2", lab("late")), version("1", lab("gone"))
    )
    assert statuses(results) == ["added", "added", "superseded", "superseded"]
    assert [json.loads(card.raw(one.id).content)["id"] for one in card.labs(ALL)] == ["kept"]


def test_somebody_elses_document_is_not_stored(card: LocalCard, take: Any) -> None:
    mine, theirs = bundle(PATIENT, lab("o1")), bundle(BORIS, lab("o2"))
    assert statuses(take(mine, theirs, bundle(CHILD, lab("o3")))) == ["added", "other_person", "other_person"]
    assert len(card.persons()) == 1
    assert len(list(card.labs(ALL))) == 1


def test_a_card_for_each(card: LocalCard, take: Any) -> None:
    results = take(bundle(PATIENT, lab("o1")), bundle(BORIS, lab("o2")), bundle(PATIENT, lab("o3")), person="auto")
    assert statuses(results) == ["added"] * 3
    anna, boris = card.persons()
    assert (anna.relation, boris.name) == ("self", "Чужой Борис")
    assert [one.person for one in results] == [
        models.Named(id=one.id, name=one.name or "") for one in (anna, boris, anna)
    ]
    assert len(list(card.labs(CardQuery(person=boris.id)))) == 1
    assert statuses(take(bundle(BORIS, lab("o4")), person=boris.id)) == ["added"]
    assert statuses(take(bundle(BORIS, lab("o5")))) == ["other_person"]
    assert statuses(take(bundle(CHILD, lab("o6")), person="new")) == ["added"]
    with pytest.raises(errors.NotFound) as unknown:
        take(bundle(BORIS, lab("o7")), person="nobody")
    assert anna.id in (unknown.value.hint or "")
    assert boris.id in (unknown.value.hint or "")


def test_a_document_without_a_patient(card: LocalCard, take: Any) -> None:
    (result,) = take(bundle(lab("o1")))
    assert (result.status, str(result.reason)[:10]) == ("failed", "no_patient")
    assert statuses(take(bundle(lab("o1")), person="anna")) == ["added"]
    assert card.person("anna").name == "anna"
    assert statuses(take(bundle(PATIENT, lab("o2")), person="anna")) == ["added"]
    assert card.person("anna").name == "Пробная Анна Львовна"


def test_a_document_that_tells_less_takes_nothing_away(card: LocalCard, take: Any) -> None:
    assert statuses(take(bundle(PATIENT, lab("o1")))) == ["added"]
    assert statuses(take(bundle(plain(PATIENT, "birthDate", "gender"), lab("o2")))) == ["added"]
    (_ident, identity), *others = persons.persons(card.store)
    assert (identity.birth_date, identity.sex, others) == (PATIENT["birthDate"], PATIENT["gender"], [])


def test_a_bundle_about_two_patients(card: LocalCard, take: Any) -> None:
    theirs = lab("o2", subject={"reference": "Patient/p2"})
    (result,) = take(bundle(PATIENT, BORIS, lab("o1"), theirs))
    assert (result.status, str(result.reason)[:16]) == ("failed", "several_patients")
    paper = {"resourceType": "Composition", "id": "c", "subject": {"reference": "Patient/p1"}, "title": "Справка"}
    (result,) = take(bundle(paper, PATIENT, BORIS, lab("o1"), theirs, kind="document"))
    assert (result.status, result.records) == ("added", {"documents": 1, "labs": 1})


def test_one_bad_file_does_not_stop_the_others(card: LocalCard, take: Any) -> None:
    results = take(b'{"a":\n1,}', b"%PDF-1.7", b'{"a": 1}', b"", bundle(PATIENT, lab("o1")))
    assert statuses(results) == ["failed", "unsupported", "unsupported", "failed", "added"]
    assert str(results[0].reason).startswith("line 2")


def test_a_part_that_cannot_be_read_takes_the_whole_document_back(card: LocalCard, take: Any) -> None:
    digits = encoded(bundle(PATIENT, lab("o1"), lab("o2", 987654))).replace(b"987654", b"9" * 5000)
    letters = encoded(bundle(PATIENT, lab("o1"), lab("o2", note=[{"text": "@"}]))).replace(b"@", b"\xff")
    assert statuses(take(digits, letters)) == ["failed", "failed"]
    assert card.persons() == []


def test_a_prescription_expires_while_it_lies_here(card: LocalCard, take: Any) -> None:
    take(
        bundle(
            PATIENT,
            {
                "resourceType": "MedicationRequest",
                "id": "m",
                "status": "active",
                "dispenseRequest": {"validityPeriod": {"end": "2020-01-01"}},
            },
        )
    )
    assert [one.status for one in card.prescriptions(ALL)] == ["expired"]


def test_a_panel_by_its_own_id(card: LocalCard, take: Any) -> None:
    parts = [{"code": {"text": name}, "valueQuantity": quantity(1)} for name in ("WBC", "RBC")]
    take(bundle(PATIENT, plain(lab("o1"), "valueQuantity") | {"component": parts}))
    first, second = card.labs(ALL)
    assert second.id == first.id.replace("#1", "#2")
    assert card.record(first.id.partition("#")[0]) == first
    assert card.raw(second.id).content == card.raw(first.id).content


def test_an_empty_card_says_so(card: LocalCard) -> None:
    for call in (card.person, lambda: card.labs(ALL), lambda: card.raw("x"), lambda: list(card.resources(ALL))):
        with pytest.raises(errors.NotFound, match="empty") as caught:
            call()
        assert caught.value.hint == "emk card import FILE"
    with pytest.raises(errors.Unsupported):
        card.access_log()


def test_every_list_can_be_read(card: LocalCard, take: Any) -> None:
    kinds = ["Encounter", "DiagnosticReport", "MedicationRequest", "Immunization", "DocumentReference", "Condition"]
    kinds += ["AllergyIntolerance", "ServiceRequest", "Procedure", "CarePlan"]
    checkup = {"resourceType": "Encounter", "id": "z", "type": [{"text": "Диспансеризация"}]}
    sign = plain(lab("v"), "category") | {"category": [{"coding": [{"code": "vital-signs"}]}]}
    take(bundle(PATIENT, checkup, sign, lab("o"), *({"resourceType": kind, "id": kind.lower()} for kind in kinds)))
    for name in CATEGORIES:
        (found,) = getattr(card, name)(ALL)
        assert card.record(found.id) == found
    with pytest.raises(errors.NotFound):
        card.record("i-none")
    with pytest.raises(errors.NotFound):
        card.raw("i-none")


RESULT = semd.section("RESLAB", semd.battery(semd.result(semd.quantity("5.40")), semd.result(semd.quantity("6"))))


def test_a_semd_and_its_bytes(card: LocalCard, take: Any) -> None:
    content = semd.document(RESULT)
    (result,) = take(content)
    assert (result.status, result.records) == ("added", {"documents": 1, "labs": 2})
    (document,) = card.documents(ALL)
    for record_ in (document, *card.labs(ALL)):
        raw = card.raw(record_.id)
        assert (raw.content, raw.media_type) == (content, "application/xml")
        assert card.record(record_.id) == record_
    assert statuses(take(content)) == ["duplicate"]


def test_versions_of_a_semd(card: LocalCard, take: Any) -> None:
    first, second = semd.document(RESULT), semd.document(RESULT, ident="8", version="2", date="20200101")
    assert statuses(take(first, second, first)) == ["added", "added", "superseded"]
    assert [one.version for one in card.documents(ALL)] == ["2"]
    parent = '<parentDocument><id root="1.2.3.51" extension="8"/></parentDocument>'
    third = semd.document(ident="9", series="71", extra=f'<relatedDocument typeCode="RPLC">{parent}</relatedDocument>')
    assert statuses(take(third)) == ["added"]
    assert [one.title for one in card.documents(ALL)] == ["Протокол консультации"]
    assert list(card.labs(ALL)) == []


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({"family": "Новая"}, "added"),
        ({"given": "Ева"}, "other_person"),
        ({"birth": "20150101"}, "other_person"),
        ({"family": "Другая", "birth": ""}, "other_person"),
        ({"snils": "000-000-102 99"}, "other_person"),
        ({"snils": "112-233-445 96"}, "added"),
        ({"snils": "00000010"}, "added"),
        ({"snils": "000-000-102 99", "birth": ""}, "other_person"),
    ],
)
def test_one_number_is_not_one_person(take: Any, other: dict[str, str], status: str) -> None:
    (_mine, result) = take(semd.document(ident="1", series="1"), semd.document(ident="2", series="2", **other))
    assert result.status == status


def test_a_card_of_other_documents_is_no_empty_bundle(take: Any, card: LocalCard, tmp_path: Path) -> None:
    """What is no FHIR becomes it, alone and beside what was FHIR already."""
    take(semd.document(semd.section("RESLAB", semd.battery(semd.result(semd.quantity("5.40"))))))
    alone = export_card(card, ALL, "fhir", str(tmp_path / "alone.json"))
    assert (alone.complete, alone.records) == (True, {"labs": 1, "documents": 1})
    take(bundle(PATIENT, lab("g", quantity("5.40"))))
    for form in ("fhir", "json"):
        mixed = export_card(card, ALL, form, str(tmp_path / form))
        assert (mixed.complete, mixed.missing) == (True, [])
        assert mixed.records == {"labs": 2, "documents": 1}


def test_too_little_to_tell(take: Any, card: LocalCard) -> None:
    """The owner gets only what is surely theirs, a person named by the user what does not contradict."""

    def bare(number: str, **who: str) -> bytes:
        return semd.document(RESULT, ident=number, series=number, snils="", **who)

    take(semd.document())
    vague = bare("2", birth="")
    (refused,) = take(vague)
    owner = card.person().id
    assert (refused.status, f"--person {owner}" in str(refused.reason)) == ("other_person", True)
    assert statuses(take(vague, person=owner)) == ["added"]
    assert statuses(
        take(bare("3", family="Другая", birth=""), bare("4", family="Другая", birth=""), person="auto")
    ) == [
        "added",
        "added",
    ]
    assert len(card.persons()) == 2
