"""Things FHIR allows to be said in several places or several words: each of them is read, and the right one wins."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from emkcli import models
from emkcli.fhir import Graph, Identity, Scene, audit_event, same_person
from emkcli.fhir.scene import human_name
from emkcli.fhir.xhtml import words
from tests.fhir.written import resources
from tests.invented import encoded, lab, only, plain, read

SNILS = "https://fhir.ru/ig/core/systems/snils"


def encounter(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Encounter", "id": "e", "status": "finished", **more}


def study(**more: Any) -> dict[str, Any]:
    return {"resourceType": "DiagnosticReport", "id": "d", "status": "final", "code": {"text": "УЗИ"}, **more}


def attached(words: str, kind: str = "text/plain; charset=utf-8") -> dict[str, str]:
    return {"contentType": kind, "data": base64.b64encode(words.encode()).decode()}


@pytest.mark.parametrize(
    ("code", "kind"),
    [("Z00", models.Prevention), ("Z10.8", models.Prevention), ("Z03.9", models.Visit), ("J06.9", models.Visit)],
)
def test_who_is_healthy_comes_for_a_checkup(code: str, kind: type[models.Model]) -> None:
    assert type(only(encounter(reasonCode=[{"coding": [{"code": code}]}]))) is kind


def test_what_a_visit_was_for_is_its_reason_before_its_type() -> None:
    said = encounter(type=[{"text": "Первичный приём"}], reasonCode=[{"text": "Кашель"}])
    assert only(said).reason == "Кашель"
    assert only(plain(said, "reasonCode")).reason == "Первичный приём"
    assert only(encounter()).reason is None


@pytest.mark.parametrize(
    "date",
    [{"effectiveDateTime": "2026-02-01"}, {"issued": "2026-02-01"}, {"effectivePeriod": {"start": "2026-02-01"}}],
)
def test_the_day_of_a_study(date: dict[str, Any]) -> None:
    assert only(study(**date)).date == "2026-02-01"


def test_whoever_interpreted_a_study_is_its_doctor() -> None:
    performer, interpreter = (
        {"resourceType": "Practitioner", "id": ident, "name": [{"text": name}]}
        for ident, name in [("a", "Лаборант А."), ("b", "Врачева И.")]
    )
    report = study(performer=[{"reference": "Practitioner/a"}], resultsInterpreter=[{"reference": "Practitioner/b"}])
    assert read(report, performer, interpreter)[0].doctor.name == "Врачева И."
    assert read(plain(report, "resultsInterpreter"), performer)[0].doctor.name == "Лаборант А."


def test_what_a_study_saw_stands_in_its_protocol_or_its_narrative() -> None:
    assert (
        only(study(presentedForm=[attached("Протокол\n\nОписание:\nБез узлов.\n\nЗаключение:\nНорма")])).description
        == "Без узлов."
    )
    described = only(study(presentedForm=[attached("Описание:\nБез узлов.\n\nЗаключение:\nНорма")]))
    assert (described.description, described.conclusion) == ("Без узлов.", "Норма")
    assert only(study(presentedForm=[attached("Без узлов.")])).description == "Без узлов."
    assert only(study(text={"status": "generated", "div": "<div>Без узлов.</div>"})).description == "Без узлов."
    assert only(study(presentedForm=[attached("%PDF", "application/pdf")])).description == "application/pdf, 4 B"


@pytest.mark.parametrize(
    "collected",
    [{"collectedDateTime": "2026-01-31"}, {"collectedPeriod": {"start": "2026-01-31", "end": "2026-02-02"}}],
)
def test_the_day_a_sample_was_taken(collected: dict[str, Any]) -> None:
    specimen = {"resourceType": "Specimen", "id": "s1", "collection": collected}
    result = plain(lab("o1"), "effectiveDateTime") | {"specimen": {"reference": "Specimen/s1"}}
    assert read(result, specimen)[0].collected_at == "2026-01-31"


def test_a_reference_to_nothing_says_what_it_displays_or_nothing() -> None:
    assert only(lab("o1", specimen={"reference": "Specimen/none", "display": "Кровь"})).specimen == "Кровь"
    assert only(lab("o1", specimen={"reference": "Specimen/none"})).specimen is None


def test_a_performer_that_does_not_say_what_it_is_may_be_the_place() -> None:
    doctor = {"resourceType": "Practitioner", "id": "a", "name": [{"text": "Врачева И."}]}
    found = read(lab("o1", performer=[{"reference": "Practitioner/a"}, {"display": "Acme Laboratory"}]), doctor)[0]
    assert (found.clinic.name, found.doctor.name) == ("Acme Laboratory", "Врачева И.")
    assert read(lab("o1", performer=[{"reference": "Practitioner/a"}]), doctor)[0].clinic is None


@pytest.mark.parametrize(
    ("doctor", "specialty"),
    [
        ({"qualification": [{"code": {"text": "Терапевт"}}]}, "Терапевт"),
        ({"qualification": [{"code": {"coding": [{"code": "27"}]}}]}, "27"),
        ({"qualification": [{"code": {"coding": [{"code": "27"}]}}, {"code": {"text": "Терапевт"}}]}, "Терапевт"),
        ({}, None),
    ],
)
def test_a_specialty_in_words_comes_before_its_code(doctor: dict[str, Any], specialty: str | None) -> None:
    practitioner = {"resourceType": "Practitioner", "id": "a", "name": [{"text": "Врачева И."}], **doctor}
    assert read(lab("o1", performer=[{"reference": "Practitioner/a"}]), practitioner)[0].doctor.specialty == specialty


def test_the_official_name_comes_first_and_a_maiden_name_last() -> None:
    usual, official, maiden = ({"use": use, "text": use} for use in ("usual", "official", "maiden"))
    assert human_name({"name": [maiden, usual, official]}) == "official"
    assert human_name({"name": [maiden, usual]}) == "usual"
    assert human_name({"name": [maiden]}) == "maiden"
    assert human_name({}) is None


@pytest.mark.parametrize(
    "medicine",
    [
        {"medicationReference": {"reference": "#m"}},
        {"medication": {"reference": {"reference": "#m"}}},  # R5
        {"medication": {"concept": {"text": "Аторвастатин"}}},
        {"medicationCodeableConcept": {"text": "Аторвастатин"}},
    ],
)
def test_where_a_prescription_names_its_medicine(medicine: dict[str, Any]) -> None:
    contained = [{"resourceType": "Medication", "id": "m", "code": {"text": "Аторвастатин"}}]
    request = {"resourceType": "MedicationRequest", "id": "r", "status": "active", "contained": contained, **medicine}
    assert only(request).medicine == "Аторвастатин"


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ({"subtype": [{"display": "Просмотр"}], "type": {"display": "REST"}}, "Просмотр"),
        ({"type": {"display": "REST"}}, "REST"),
        ({"type": {"code": "rest"}}, "rest"),
        ({"subtype": [{"display": "Просмотр"}], "entity": [{"description": "Анализы"}]}, "Анализы"),
    ],
)
def test_what_somebody_did_with_the_card(event: dict[str, Any], what: str) -> None:
    entry = {"resourceType": "AuditEvent", "id": "a", "recorded": "2026-02-01T10:00:00Z", "agent": [], **event}
    graph = Graph()
    graph.add(encoded(entry))
    access = audit_event.from_fhir(entry, Scene(graph, today="2026-04-01"))
    assert access is not None
    assert access.what == what


def test_the_words_of_a_document_without_a_protocol_are_its_own() -> None:
    reference = {
        "resourceType": "DocumentReference",
        "id": "d",
        "status": "current",
        "content": [{"attachment": attached("Осмотр проведён")}],
    }
    assert [section.text for section in only(reference).sections] == ["Осмотр проведён"]
    assert only(reference | {"content": [{"attachment": attached("%PDF", "application/pdf")}]}).sections == []


def test_the_health_group_of_a_protocol_is_its_section_of_that_name() -> None:
    paper = {
        "resourceType": "Composition",
        "id": "c",
        "encounter": {"reference": "Encounter/e"},
        "section": [
            {"text": {"div": "<div>Жалоб нет</div>"}},
            {"title": "Группа здоровья", "text": {"div": "<div>II</div>"}},
        ],
    }
    assert read(encounter(type=[{"text": "Диспансеризация"}]), paper)[0].health_group == "II"


def test_headings_of_every_size_stand_on_a_line_of_their_own() -> None:
    headings = "".join(f"<h{size}>{size}</h{size}>слово" for size in range(1, 7))
    lines = [line for line in words(f"<div>{headings}</div>").splitlines() if line]
    assert lines == [line for size in range(1, 7) for line in (str(size), "слово")]


@pytest.mark.parametrize(
    ("number", "same"),
    [
        ("087-654-303 00", False),  # right: a sum of 101 is 00
        ("087-654-303 01", True),
        ("001-019-999 01", False),  # and one of 102 is 01
        ("001-001-998 77", False),  # too small to have a control number
        ("001-001-999 77", True),
        ("111-111-111 11", True),  # a filler
    ],
)
def test_a_mistyped_number_does_not_make_another_person(number: str, same: bool) -> None:
    anna = Identity(name="Пробная Анна", birth_date="1979-06-01", identifiers=((SNILS, "112-233-445 95"),))
    assert same_person(anna, replace(anna, identifiers=((SNILS, number),))) is same


@pytest.mark.parametrize(
    ("status", "written"),
    [
        ("completed", "final"),
        ("active", "preliminary"),
        ("aborted", "cancelled"),
        ("nullified", "entered-in-error"),
        ("amended", "amended"),
        ("иное", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_status_of_a_result_as_r4_has_it(status: str | None, written: str) -> None:
    (result,) = resources(models.LabResult(id="o", analyte="Глюкоза", value="5", status=status), kind="Observation")
    assert result["status"] == written


@pytest.mark.parametrize(
    ("status", "written"),
    [
        ("stopped", "stopped"),
        ("obsolete", "stopped"),
        ("dispensed", "completed"),
        ("expired", "active"),
        ("new", "draft"),
        ("nullified", "entered-in-error"),
    ],
)
def test_the_status_of_a_prescription_as_r4_has_it(status: str, written: str) -> None:
    (request,) = resources(
        models.Prescription(id="m", medicine="Аторвастатин", status=status), kind="MedicationRequest"
    )
    assert request["status"] == written


def test_a_visit_without_a_doctor_has_no_participant() -> None:
    (visit,) = resources(models.Visit(id="v", date="2026-02-01"), kind="Encounter")
    assert "participant" not in visit
    seen_by = models.DoctorRef(id="a", name="Врачева И.")
    (visit,) = resources(models.Visit(id="v", date="2026-02-01", doctor=seen_by), kind="Encounter")
    assert len(visit["participant"]) == 1


def test_a_bound_with_a_comparator_is_words_and_no_bound() -> None:
    limits = models.Reference(low="<5", high="7")
    (result,) = resources(models.LabResult(id="o", analyte="Глюкоза", value="5", reference=limits), kind="Observation")
    (written,) = result["referenceRange"]
    assert "low" not in written
    assert str(written["high"]["value"]) == "7"


@pytest.mark.parametrize(
    ("dose", "value", "unit"),
    [("500 mg", "500", "mg"), ("2,5 мг на кг", None, None), ("1 капля на приём", "1", "капля на приём")],
)
def test_a_dose_in_words_is_an_amount_and_its_unit(dose: str, value: str | None, unit: str | None) -> None:
    (request,) = resources(models.Prescription(id="m", medicine="Капли", dose=dose), kind="MedicationRequest")
    rates = [rate for instruction in request["dosageInstruction"] for rate in instruction.get("doseAndRate", [])]
    amounts = [(str(rate["doseQuantity"]["value"]), rate["doseQuantity"]["unit"]) for rate in rates]
    assert amounts == ([(value, unit)] if value else [])


def test_a_vaccination_that_was_given_some_time() -> None:
    given = {"resourceType": "Immunization", "id": "i", "status": "completed", "vaccineCode": {"text": "БЦЖ"}}
    spoken = only(given | {"occurrenceString": "в роддоме", "recorded": "2026-02-01"})
    assert (spoken.date, spoken.date_text) == (None, "в роддоме")
    written = only(given | {"occurrenceString": "2012-01"})
    assert (written.date, written.date_text) == ("2012-01", None)


def test_a_section_that_is_empty_says_why() -> None:
    section = {"title": "Аллергии", "emptyReason": {"text": "пациент не опрошен"}}
    (document,) = read({"resourceType": "Composition", "id": "c", "title": "Выписка", "section": [section]})
    assert document.sections == [models.Section(title="Аллергии", text="пациент не опрошен")]


@pytest.mark.parametrize(
    ("status", "own", "shown", "written"),
    [
        ("entered-in-error", "final", "entered-in-error", "entered-in-error"),
        ("superseded", "preliminary", "superseded", "superseded"),
        ("current", "preliminary", "preliminary", "current"),
        ("current", None, "current", "current"),
    ],
)
def test_a_document_that_was_taken_back_is_not_final(status: str, own: str | None, shown: str, written: str) -> None:
    stated = {"docStatus": own} if own else {}
    document = only({"resourceType": "DocumentReference", "id": "d", "status": status, "content": [], **stated})
    assert document.status == shown
    (reference,) = [one for one in resources(document) if one["resourceType"] == "DocumentReference"]
    assert reference["status"] == written
