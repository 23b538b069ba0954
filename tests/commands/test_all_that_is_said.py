"""What a resource says beside the fields of its record is shown, in a list or with the one record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.conftest import Emk
from tests.invented import PATIENT, Resource, bundle, encoded

Shown = Callable[..., Any]
BY_PATIENT = {"AllergyIntolerance", "Immunization", "Device"}
PLACES: dict[str, tuple[str, str]] = {
    "Condition": ("diagnoses", "display"),
    "AllergyIntolerance": ("allergies", "display"),
    "MedicationRequest": ("prescriptions", "medicine"),
    "MedicationStatement": ("prescriptions", "medicine"),
    "Observation": ("labs", "analyte"),
    "DiagnosticReport": ("studies", "title"),
    "Procedure": ("procedures", "display"),
    "Immunization": ("vaccinations", "vaccine"),
    "ServiceRequest": ("referrals", "display"),
}
"""The list of a type, and the field that names its records."""


def page(words: str, status: str = "generated") -> Resource:
    return {"status": status, "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{words}</div>'}


def resource(kind: str, **more: Any) -> Resource:
    whose = "patient" if kind in BY_PATIENT else "subject"
    return {"resourceType": kind, "id": "x", whose: {"reference": "Patient/p1"}, **more}


@pytest.fixture
def imported(emk: Emk, tmp_path: Path) -> Callable[..., Any]:
    """Takes resources into the card; the answer of the import."""

    def imported(*resources: Resource) -> Any:
        path = tmp_path / "one.json"
        path.write_bytes(encoded(bundle(PATIENT, *resources)))
        answer = emk("card", "import", str(path), "--insecure-storage", "--json")
        assert answer.code == 0
        return answer

    return imported


def only_of(emk: Emk, listed: str) -> Any:
    (item,) = emk("card", listed, "--json").items
    return item


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("status", ["generated", "additional"])
def test_a_narrative_names_what_nothing_else_names(emk: Emk, imported: Shown, kind: str, status: str) -> None:
    listed, name = PLACES[kind]
    imported(resource(kind, text=page("<p>Сказано</p><p>словами</p>", status)))
    assert only_of(emk, listed)[name] == "Сказано; словами"
    assert "Сказано; словами" in emk("card", listed).out


@pytest.mark.parametrize("kind", ["Condition", "Immunization"])
def test_a_narrative_takes_no_name_away(emk: Emk, imported: Shown, kind: str) -> None:
    listed, name = PLACES[kind]
    place = "vaccineCode" if kind == "Immunization" else "code"
    imported(resource(kind, **{place: {"text": "Имя"}}, text=page("Иначе")))
    assert only_of(emk, listed)[name] == "Имя"


@pytest.mark.parametrize("kind", ["MedicationRequest", "MedicationStatement"])
def test_a_medicine_without_a_name_is_told_by_its_ingredients(emk: Emk, imported: Shown, kind: str) -> None:
    strength = {"numerator": {"value": 500, "unit": "мг"}, "denominator": {"value": 1, "unit": "таб."}}
    parts = [
        {"itemCodeableConcept": {"text": "Амоксициллин"}, "strength": strength},
        {"itemReference": {"display": "Клавулановая кислота"}},
    ]
    medication = {"resourceType": "Medication", "id": "m", "ingredient": parts}
    imported(medication, resource(kind, medicationReference={"reference": "Medication/m"}))
    medicine = only_of(emk, "prescriptions")["medicine"]
    assert medicine == "Амоксициллин 500 мг / 1 таб. + Клавулановая кислота"


def said(item: Any) -> set[tuple[str, str]]:
    return {(detail["element"], detail["text"]) for detail in item.get("details", [])}


def coded(*codes: tuple[str, str]) -> Resource:
    return {"coding": [{"system": "urn:x", "code": code, "display": words} for code, words in codes]}


def words(text: str) -> Resource:
    return {"text": text}


SAID: list[tuple[str, dict[str, Any], set[tuple[str, str]]]] = [
    (
        "Condition",
        {
            "code": coded(("I10", "Гипертензия"), ("38341003", "Hypertension")),
            "stage": [{"summary": words("II стадия")}],
            "bodySite": [words("сердце")],
            "evidence": [{"code": [words("головная боль")]}],
            "category": [words("основной"), words("хронический")],
        },
        {
            ("code.coding", "38341003, Hypertension, urn:x"),
            ("stage.summary", "II стадия"),
            ("bodySite", "сердце"),
            ("evidence.code", "головная боль"),
            ("category", "хронический"),
        },
    ),
    (
        "Immunization",
        {
            "status": "completed",
            "vaccineCode": words("АКДС"),
            "isSubpotent": True,
            "subpotentReason": [words("хранилась в тепле")],
            "note": [{"text": "наблюдать"}],
            "protocolApplied": [{"doseNumberPositiveInt": 1, "seriesDosesPositiveInt": 3}],
            "site": words("левое плечо"),
            "route": words("внутримышечно"),
            "expirationDate": "2027-01-01",
        },
        {
            ("isSubpotent", "true"),
            ("subpotentReason", "хранилась в тепле"),
            ("note", "наблюдать"),
            ("protocolApplied.seriesDosesPositiveInt", "3"),
            ("site", "левое плечо"),
            ("route", "внутримышечно"),
            ("expirationDate", "2027-01-01"),
        },
    ),
    (
        "Encounter",
        {
            "status": "finished",
            "class": {"system": "urn:x", "code": "IMP", "display": "стационар"},
            "type": [words("плановая госпитализация")],
            "reasonCode": [words("боль")],
            "period": {"start": "2026-01-01", "end": "2026-01-09"},
            "hospitalization": {"dischargeDisposition": words("домой")},
        },
        {
            ("class", "стационар"),
            ("type", "плановая госпитализация"),
            ("period", "2026-01-01/2026-01-09"),
            ("hospitalization.dischargeDisposition", "домой"),
        },
    ),
    (
        "MedicationRequest",
        {
            "status": "stopped",
            "intent": "order",
            "priority": "urgent",
            "statusReason": words("сыпь"),
            "medicationCodeableConcept": coded(("C09AA02", "Эналаприл")),
            "dispenseRequest": {"numberOfRepeatsAllowed": 2, "quantity": {"value": 20, "unit": "таб."}},
            "substitution": {"allowedBoolean": False},
        },
        {
            ("priority", "urgent"),
            ("statusReason", "сыпь"),
            ("medicationCodeableConcept.coding", "C09AA02, Эналаприл, urn:x"),
            ("substitution.allowedBoolean", "false"),
        },
    ),
    (
        "AllergyIntolerance",
        {
            "type": "intolerance",
            "code": coded(("227493005", "Кешью")),
            "reaction": [{"manifestation": [words("сыпь")]}],
        },
        {("type", "intolerance"), ("code.coding", "227493005, Кешью, urn:x")},
    ),
    (
        "ServiceRequest",
        {
            "status": "active",
            "intent": "order",
            "priority": "stat",
            "code": words("МРТ"),
            "patientInstruction": "натощак",
            "note": [{"text": "есть кардиостимулятор"}],
            "bodySite": [words("колено")],
        },
        {
            ("priority", "stat"),
            ("patientInstruction", "натощак"),
            ("note", "есть кардиостимулятор"),
            ("bodySite", "колено"),
        },
    ),
]
READABLE = {
    "true": "yes",
    "false": "no",
    "2027-01-01": "2027-01-01",
    "2026-01-01/2026-01-09": "2026-01-01 – 2026-01-09",
}
LISTS = {kind: listed for kind, (listed, _name) in PLACES.items()} | {"Encounter": "visits"}


@pytest.mark.parametrize(("kind", "elements", "expected"), SAID, ids=[kind for kind, _elements, _said in SAID])
def test_what_no_field_holds_is_told(emk: Emk, imported: Shown, kind: str, elements: Any, expected: Any) -> None:
    imported(resource(kind, **elements))
    item = only_of(emk, LISTS[kind])
    assert said(item) == expected
    shown = emk("card", "show", item["id"], "-o", "table").out
    assert all(READABLE.get(text, text) in shown for _element, text in expected)


def test_a_sample_is_described(emk: Emk, imported: Shown) -> None:
    specimen = {
        "resourceType": "Specimen",
        "id": "s",
        "subject": {"reference": "Patient/p1"},
        "type": words("кровь"),
        "condition": [words("гемолиз")],
    }
    measured = {"status": "final", "code": words("Калий"), "valueInteger": 5, "specimen": {"reference": "Specimen/s"}}
    imported(specimen, resource("Observation", **measured))
    item = only_of(emk, "labs")
    assert item["specimen"] == "кровь"
    assert said(item) == {("specimen.condition", "гемолиз")}


def test_nothing_is_told_twice(emk: Emk, imported: Shown) -> None:
    elements = {"status": "active", "intent": "order", "code": words("МРТ"), "reasonCode": [words("боль")]}
    imported(resource("ServiceRequest", **elements, authoredOn="2026-01-01", requester={"display": "Врачов"}))
    item = only_of(emk, "referrals")
    assert "details" not in item
    assert item["reason"] == "боль"


UNKNOWN = {"url": "http://x.example/fhir/not-taken", "valueBoolean": True}


@pytest.mark.parametrize("inside", [False, True])
def test_what_changes_the_meaning_is_said(emk: Emk, imported: Shown, inside: bool) -> None:
    stated = {"modifierExtension": [UNKNOWN]}
    place = {"dosageInstruction": [{"text": "на ночь", **stated}]} if inside else stated
    told = {"status": "active", "intent": "order", "medicationCodeableConcept": words("Эналаприл")}
    warnings = imported(resource("MedicationRequest", **told, **place)).items[0]["warnings"]
    assert [warning.partition(": ")[2] for warning in warnings] == ["what is not known changes its meaning: not-taken"]
    item = only_of(emk, "prescriptions")
    assert item["details"] == [{"element": "not-taken", "text": "true", "modifies": True}]
    assert "⚠" in emk("card", "prescriptions", "-o", "table").out
    assert "⚠ it changes the meaning: not taken: yes" in emk("card", "show", item["id"], "-o", "table").out


def test_nothing_is_marked_that_is_known(emk: Emk, imported: Shown) -> None:
    told = {"status": "active", "intent": "order", "medicationCodeableConcept": words("Эналаприл")}
    extension = [{"url": "http://x.example/fhir/colour", "valueString": "белый"}]
    answer = imported(resource("MedicationRequest", **told, extension=extension))
    assert answer.items[0]["warnings"] == []
    assert only_of(emk, "prescriptions")["details"] == [{"element": "colour", "text": "белый", "modifies": False}]
    assert "⚠" not in emk("card", "prescriptions", "-o", "table").out


MEASURED = {"status": "final", "code": words("Пульс"), "valueQuantity": {"value": 150, "unit": "/мин"}}
FOREIGN = [
    ({"display": "плод"}, "плод"),
    ({"reference": "RelatedPerson/r", "display": "донор"}, "донор"),
    ({"reference": "Patient/p2", "display": "сын"}, "сын"),
    ({"reference": "Device/d"}, "Насос"),
]
PUMP = {"resourceType": "Device", "id": "d", "deviceName": [{"name": "Насос", "type": "user-friendly-name"}]}


@pytest.mark.parametrize("category", ["vital-signs", "laboratory"])
@pytest.mark.parametrize(("focus", "name"), FOREIGN, ids=[name for _focus, name in FOREIGN])
def test_a_value_of_another_is_not_the_patients(
    emk: Emk, imported: Shown, category: str, focus: Resource, name: str
) -> None:
    kind = [{"coding": [{"code": category}]}]
    imported(PUMP, resource("Observation", **MEASURED, category=kind, focus=[focus]))
    assert only_of(emk, "other")["title"] == f"{name}: Пульс"
    assert emk("card", "vitals", "--json").items == []
    assert emk("card", "labs", "--json").items == []


@pytest.mark.parametrize("reference", ["Patient/p1", "Condition/c", "BodyStructure/b"])
def test_a_value_seen_in_something_of_the_patient_is_the_patients(emk: Emk, imported: Shown, reference: str) -> None:
    focus = [{"reference": reference, "display": "узел"}]
    imported(resource("Observation", **MEASURED, category=[{"coding": [{"code": "vital-signs"}]}], focus=focus))
    item = only_of(emk, "vitals")
    assert (item["display"], said(item)) == ("Пульс", {("focus", "узел")})


WHY = {"reasonCode": [{"text": "АВ-блокада"}]}
PACEMAKER = {"resourceType": "Device", "id": "d"}
USED: dict[str, Any] = {"status": "active", "device": {"reference": "Device/d"}, **WHY}
TITLES: list[tuple[str, Resource, Resource, str]] = [
    ("DeviceUseStatement", USED, {"deviceName": [{"name": "Стимулятор"}]}, "Стимулятор"),
    ("DeviceUseStatement", USED, {"type": {"text": "кардиостимулятор"}}, "кардиостимулятор"),
    ("DeviceUseStatement", USED, {"udiCarrier": [{"deviceIdentifier": "04600001"}]}, "04600001"),
    ("DeviceUseStatement", USED, {}, "АВ-блокада"),
    ("DeviceRequest", {"codeReference": {"reference": "Device/d"}, **WHY}, {"modelNumber": "M-1"}, "M-1"),
    ("MedicationAdministration", {"medicationCodeableConcept": coded(("C01AA05", "")), **WHY}, {}, "C01AA05"),
    (
        "MedicationDispense",
        {"medicationCodeableConcept": coded(("C01AA05", "")), "category": {"text": "амбулаторно"}, **WHY},
        {},
        "C01AA05",
    ),
    ("MedicationAdministration", {"medicationReference": {"display": "Дигоксин"}, **WHY}, {}, "Дигоксин"),
    ("Observation", {**MEASURED, "category": [{"coding": [{"code": "exam"}]}], **USED, "status": "final"}, {}, "Пульс"),
    ("SupplyRequest", {"itemCodeableConcept": {"text": "бинт"}, **WHY}, {}, "бинт"),
]


@pytest.mark.parametrize(("kind", "elements", "device", "title"), TITLES)
def test_what_a_thing_is_comes_before_why(
    emk: Emk, imported: Shown, kind: str, elements: Resource, device: Resource, title: str
) -> None:
    imported({**PACEMAKER, **device}, resource(kind, **elements))
    assert only_of(emk, "other")["title"] == title


@pytest.mark.parametrize("kind", ["Condition", "AllergyIntolerance"])
def test_the_summary_marks_what_means_something_else(emk: Emk, imported: Shown, kind: str) -> None:
    active = {"clinicalStatus": {"coding": [{"code": "active"}]}}
    imported(resource(kind, **active, code=words("Имя"), modifierExtension=[UNKNOWN]))
    (line,) = [line for line in emk("card", "summary", "-o", "table").out.splitlines() if "Имя" in line]
    assert line.endswith("⚠ meaning changed")


def test_more_than_anybody_reads_ends_with_a_sign(emk: Emk, imported: Shown) -> None:
    stages = [{"summary": {"text": f"стадия {number}"}} for number in range(600)]
    imported(resource("Condition", code={"text": "Астма"}, stage=stages))
    details = only_of(emk, "diagnoses")["details"]
    assert (len(details), details[-1]["text"], details[-2]["text"]) == (501, "…", "стадия 499")


FINAL = {"status": "final", "code": words("Имя"), "valueQuantity": {"value": 5, "unit": "г"}}
ACTIVE = {"clinicalStatus": {"coding": [{"code": "active"}]}, "code": words("Имя")}
ORDERED = {"status": "active", "intent": "order", "medicationCodeableConcept": words("Имя")}
MARKED: dict[str, tuple[str, Resource]] = {
    "diagnoses": ("Condition", ACTIVE),
    "allergies": ("AllergyIntolerance", ACTIVE),
    "prescriptions": ("MedicationRequest", ORDERED),
    "labs": ("Observation", {**FINAL, "category": [{"coding": [{"code": "laboratory"}]}]}),
    "vitals": ("Observation", {**FINAL, "category": [{"coding": [{"code": "vital-signs"}]}]}),
    "vaccinations": ("Immunization", {"status": "completed", "vaccineCode": words("Имя")}),
    "procedures": ("Procedure", {"status": "completed", "code": words("Имя")}),
}
"""A list → the resource that is a record of it and of the patient summary."""
MODIFIED = [{"modifierExtension": [UNKNOWN]}, {"implicitRules": "http://x.example/rules"}, {}]


def exported(emk: Emk, path: Path, form: str) -> str:
    assert emk("card", "export", "--format", form, "--to", str(path)).code == 0
    if form.startswith("pdf"):
        return " ".join(leaf.extract_text() for leaf in PdfReader(path).pages).replace("\n", " ")
    return path.read_text("utf-8")


@pytest.mark.parametrize("listed", MARKED)
@pytest.mark.parametrize("changed", MODIFIED, ids=["extension", "rules", "nothing"])
def test_every_list_and_page_marks_what_means_something_else(
    emk: Emk, imported: Shown, tmp_path: Path, listed: str, changed: Resource
) -> None:
    kind, elements = MARKED[listed]
    imported(resource(kind, **elements, **changed))
    shown = [emk("card", listed, "-o", "table").out]
    shown += [exported(emk, tmp_path / f"card.{form}", form) for form in ("html", "ips", "pdf")]
    assert all("Имя" in page for page in shown)
    assert ["⚠ meaning changed" in page for page in shown] == [bool(changed)] * 4


def _without_name(elements: Resource) -> Resource:
    return {name: value for name, value in elements.items() if value != words("Имя")}


@pytest.mark.parametrize("listed", MARKED)
def test_what_has_no_name_says_so(emk: Emk, imported: Shown, tmp_path: Path, listed: str) -> None:
    kind, elements = MARKED[listed]
    imported(resource(kind, **_without_name(elements)))
    assert "(not named in the source)" in emk("card", listed, "-o", "table").out
    assert "(not named in the source)" in emk("card", "show", only_of(emk, listed)["id"], "-o", "table").out
    assert "(not named in the source)" in exported(emk, tmp_path / "card.html", "html")
    assert PLACES[kind][1] not in {name for name, value in only_of(emk, listed).items() if value}


def test_a_code_is_a_name(emk: Emk, imported: Shown) -> None:
    imported(resource("Procedure", status="completed", code=coded(("A01", ""))))
    shown = emk("card", "procedures", "-o", "table").out
    assert "A01" in shown
    assert "(not named" not in shown


def test_a_blank_allergy_is_a_line_of_the_summary(emk: Emk, imported: Shown) -> None:
    imported(resource("AllergyIntolerance", clinicalStatus=coded(("active", ""))))
    assert "(not named in the source)  active" in emk("card", "summary", "-o", "table").out


def document(kind: str, **more: Any) -> Resource:
    content = [{"attachment": {"contentType": "text/plain", "data": "0YLQtdC60YHRgg==", "title": "Выписка"}}]
    body = {"content": content} if kind == "DocumentReference" else {"title": "Выписка", "date": "2026-01-01"}
    return resource(kind, status="current" if kind == "DocumentReference" else "final", **body, **more)


OF_DOCUMENTS: list[tuple[str, dict[str, Any], set[tuple[str, str]]]] = [
    (
        "DocumentReference",
        {
            "type": coded(("7", "Протокол"), ("11502-2", "Laboratory report")),
            "category": [words("исследования")],
            "description": "после наркоза",
            "securityLabel": [words("только врачу")],
            "authenticator": {"display": "Главный В.В."},
            "context": {"facilityType": words("стационар"), "event": [words("осмотр")]},
        },
        {
            ("type.coding", "11502-2, Laboratory report, urn:x"),
            ("category", "исследования"),
            ("description", "после наркоза"),
            ("securityLabel", "только врачу"),
            ("authenticator", "Главный В.В."),
            ("context.facilityType", "стационар"),
            ("context.event", "осмотр"),
        },
    ),
    (
        "Composition",
        {
            "type": words("Выписной эпикриз"),
            "confidentiality": "R",
            "attester": [{"mode": "legal", "party": {"display": "Главный В.В."}}],
            "event": [{"code": [words("операция")]}],
            "section": [
                {
                    "title": "Итог",
                    "text": page("здоров"),
                    "section": [
                        {"title": "Совет", "text": page("гулять"), "author": [{"display": "Советов С.С."}]},
                    ],
                }
            ],
        },
        {
            ("confidentiality", "R"),
            ("attester.mode", "legal"),
            ("attester.party", "Главный В.В."),
            ("event.code", "операция"),
            ("section.section.author", "Советов С.С."),
        },
    ),
]


@pytest.mark.parametrize(("kind", "elements", "expected"), OF_DOCUMENTS, ids=["reference", "composition"])
def test_what_no_field_of_a_document_holds_is_told(
    emk: Emk, imported: Shown, kind: str, elements: Any, expected: Any
) -> None:
    imported(document(kind, **elements))
    assert said(only_of(emk, "documents")) == expected


def test_a_document_tells_what_its_composition_says(emk: Emk, imported: Shown) -> None:
    paper = {**document("Composition", confidentiality="R"), "id": "paper"}
    context = {"related": [{"reference": "Composition/paper"}]}
    imported(paper, document("DocumentReference", date="2026-01-01", context=context))
    assert said(only_of(emk, "documents")) == {("confidentiality", "R")}


def test_a_plain_document_has_no_details(emk: Emk, imported: Shown) -> None:
    usual = {"securityLabel": [coded(("N", "")), coded(("N", ""))]}
    imported(document("DocumentReference", type=words("Выписка"), **usual))
    assert "details" not in only_of(emk, "documents")


def component(name: str, value: float, *codes: tuple[str, str], **more: Any) -> Resource:
    return {"code": {**coded(*codes), "text": name}, "valueQuantity": {"value": value, "unit": "мм"}, **more}


HAND = {"extension": [{"url": "http://x.example/side", "valueString": "левая рука"}]}


@pytest.mark.parametrize("category", ["vital-signs", "laboratory"])
def test_each_component_keeps_what_it_says(emk: Emk, imported: Shown, category: str) -> None:
    parts = [component("А", 1, ("a", ""), **HAND), component("Б", 2, ("b", ""), ("b2", "вторая"))]
    whole = {"status": "final", "code": words("Пара"), "category": [{"coding": [{"code": category}]}]}
    imported(resource("Observation", **whole, component=parts))
    items = emk("card", "vitals" if category == "vital-signs" else "labs", "--json").items
    name = "display" if category == "vital-signs" else "analyte"
    assert {item[name]: said(item) for item in items} == {
        "А": {("side", "левая рука")},
        "Б": {("code.coding", "b2, вторая, urn:x")},
    }


def test_a_pressure_keeps_what_its_components_say_and_a_third_one(emk: Emk, imported: Shown) -> None:
    parts = [
        component("верхнее", 120, ("8480-6", ""), **HAND),
        component("нижнее", 80, ("8462-4", "")),
        component("среднее", 93, ("8478-0", "")),
    ]
    whole = {"status": "final", "code": words("АД"), "category": [{"coding": [{"code": "vital-signs"}]}]}
    imported(resource("Observation", **whole, component=parts))
    item = only_of(emk, "vitals")
    assert item["value"] == "120/80"
    assert said(item) == {("верхнее: side", "левая рука"), ("среднее", "93 мм")}


IMPLANT = {
    "type": words("кардиостимулятор"),
    "deviceName": [{"name": "Ритм-5", "type": "user-friendly-name"}],
    "serialNumber": "SN-77",
    "manufactureDate": "2019-05-06",
}


def test_an_implant_is_a_record_of_the_person(emk: Emk, imported: Shown) -> None:
    answer = imported(resource("Device", **IMPLANT))
    item = only_of(emk, "other")
    assert (item["type"], item["title"]) == ("Device", "Ритм-5, кардиостимулятор")
    assert {"serialNumber: SN-77", "manufactureDate: 2019-05-06"} <= set(item["text"].splitlines())
    account = answer.items[0]["account"]
    assert (account["other"], account["supporting"], account["total"]) == (1, 1, 2)
    assert "device" in emk("card", "other", "-o", "table").out


@pytest.mark.parametrize("status", ["active", "completed", "entered-in-error"])
def test_a_device_stays_a_record_of_its_own_beside_its_use(emk: Emk, imported: Shown, status: str) -> None:
    safety = [{"text": "МРТ противопоказана"}]
    imported(
        resource("Device", **IMPLANT, safety=safety),
        resource("DeviceUseStatement", status=status, device={"reference": "Device/x"}),
    )
    items = {item["type"]: item for item in emk("card", "other", "--json").items}
    assert {kind: item["title"] for kind, item in items.items()} == dict.fromkeys(
        ("Device", "DeviceUseStatement"), "Ритм-5, кардиостимулятор"
    )
    assert "МРТ противопоказана" in str(items["Device"])
    assert "МРТ" not in str(items["DeviceUseStatement"])


def test_a_device_of_nobody_is_no_record(emk: Emk, imported: Shown) -> None:
    imported({"resourceType": "Device", "id": "x", **IMPLANT})
    assert emk("card", "other", "--json").items == []
