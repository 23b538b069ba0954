"""FHIR → models: what is sent is shown, what is unknown is null, nothing raises."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli import models
from emkcli.fhir import same_person
from emkcli.fhir.patient import identity_of
from tests.invented import LAB, PATIENT, UCUM, VITAL, encoded, lab, only, plain, quantity, read

REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "r1",
    "status": "final",
    "code": {"text": "Общий анализ крови"},
    "effectiveDateTime": "2026-02-01T07:30:00+03:00",
    "result": [{"reference": "Observation/o1"}],
}


@pytest.mark.parametrize("number", ["5.40", "10", "1e3", "1.50E+2", "0.10", "12345678901234567890.5"])
def test_a_number_keeps_its_text(number: str) -> None:
    raw = encoded(lab("o1", quantity("@"))).replace(b'"@"', number.encode())
    found = only(raw)
    assert found.value == number
    assert found.value_number == float(number)


def test_a_result_in_full() -> None:
    found = only(
        lab(
            "o1",
            quantity(6.3),
            interpretation=[{"coding": [{"code": "H"}]}, {"coding": [{"code": "U"}]}],
            referenceRange=[{"low": quantity(3.9), "high": quantity(5.9, code="mmol/L"), "text": "3,9 - 5,9"}],
            specimen={"display": "Сыворотка"},
            method={"coding": [{"code": "702661007", "display": "Глюкозооксидазный"}]},
            performer=[
                {"reference": "Organization/c1", "display": "Поликлиника"},
                {"reference": "Practitioner/d1", "display": "Врач"},
            ],
        )
    )
    assert found == models.LabResult(
        id="Observation/o1",
        collected_at="2026-03-01T08:00:00+03:00",
        analyte="Глюкоза",
        code="14749-6",
        code_system="http://loinc.org",
        value="6.3",
        value_number=6.3,
        unit="ммоль/л",
        unit_code="mmol/l",
        reference=models.Reference(low="3.9", high="5.9", text="3,9 - 5,9"),
        flag="H",
        interpretation="U",
        out_of_range=True,
        specimen="Сыворотка",
        method="Глюкозооксидазный",
        clinic=models.Named(id="c1", name="Поликлиника"),
        doctor=models.DoctorRef(id="d1", name="Врач"),
        status="final",
    )


@pytest.mark.parametrize(
    ("value", "shown", "number"),
    [
        ({"valueQuantity": quantity(0.1, comparator="<")}, "<0.1", None),
        ({"valueString": "+++"}, "+++", None),
        ({"valueString": "отрицательно"}, "отрицательно", None),
        ({"valueInteger": 3}, "3", 3.0),
        ({"valueBoolean": False}, "false", None),
        ({"valueCodeableConcept": {"coding": [{"code": "POS"}]}}, "POS", None),
        (
            {"valueCodeableConcept": {"text": "обнаружено", "coding": [{"code": "POS", "display": "found"}]}},
            "обнаружено",
            None,
        ),
        ({"valueRange": {"low": {"value": 3}, "high": {"value": 5, "unit": "в п/зр"}}}, "3–5", None),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, "1:128", None),
        ({"valueDateTime": "2026-01"}, "2026-01", None),
        ({"dataAbsentReason": {"text": "гемолиз"}}, None, None),
    ],
)
def test_every_kind_of_value(value: dict[str, object], shown: str | None, number: float | None) -> None:
    found = only(plain(lab("o1"), "valueQuantity") | value)
    assert (found.value, found.value_number) == (shown, number)


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([{"high": quantity(4.5)}], True),
        ([{"high": quantity(4.5, "mmol/L", "mmol/L")}], True),
        ([{"low": quantity(4.5)}], False),
        ([{"high": quantity(4.5, "мг/л", "mg/l")}], None),
        ([{"high": {"value": 4.5}}], None),
        ([{"text": "до 4,5"}], True),
        ([{"text": "4,5 - 6,3 ммоль/л"}], False),
        ([{"text": "4,5 - 6,2 мг/л"}], None),
        ([{"text": "не обнаружено"}], None),
        ([{"high": quantity(4.5), "appliesTo": [{"text": "дети"}]}], None),
        ([{"high": quantity(4.5), "appliesTo": [{"text": "дети"}]}, {"high": quantity(9.0)}], None),
        ([{"high": quantity(4.5), "appliesTo": [{"text": "дети"}]}, {"high": quantity(6.0)}], True),
        ([{"high": quantity(7.5), "appliesTo": [{"text": "дети"}]}, {"high": quantity(9.0)}], False),
        ([{"low": "broken", "high": []}], None),
        ([], None),
    ],
)
def test_out_of_range_needs_a_numeric_range_of_the_same_unit(ranges: list[object], expected: bool | None) -> None:
    assert only(lab("o1", quantity(6.3), referenceRange=ranges)).out_of_range is expected


@pytest.mark.parametrize(
    ("ranges", "expected", "beyond"),
    [
        (
            [
                {"low": quantity(1), "high": quantity(2), "appliesTo": [{"text": "мужчины"}]},
                {"text": "1-3", "appliesTo": [{"text": "женщины"}]},
            ],
            models.Reference(text="мужчины: 1–2; женщины: 1-3"),
            None,
        ),
        ([{"low": quantity(1)}, {"high": quantity(9)}], models.Reference(text=">=1; <=9"), False),
        (
            [{"text": "до 5"}, {"text": "до 3", "appliesTo": [{"text": "дети"}]}],
            models.Reference(text="до 5; дети: до 3"),
            True,
        ),
        (
            [{"low": quantity(4), "age": {"low": {"value": 18, "unit": "a"}, "high": {"value": 65, "unit": "a"}}}],
            models.Reference(low="4", text="18–65 a: >=4"),
            None,
        ),
        (
            [{"low": quantity(4), "high": quantity(5), "type": {"text": "целевой", "coding": [{"code": "treatment"}]}}],
            models.Reference(low="4", high="5", text="целевой: 4–5"),
            None,
        ),
        (
            [{"low": {"value": 70, "unit": "мг/дл"}, "high": {"value": 110, "unit": "мг/дл"}}],
            models.Reference(text="70–110 мг/дл"),
            None,
        ),
        ([{"low": quantity(3, comparator=">")}], models.Reference(text=">3 ммоль/л"), None),
    ],
)
def test_several_ranges(ranges: list[object], expected: models.Reference, beyond: bool | None) -> None:
    found = only(lab("o1", quantity(6.3), referenceRange=ranges))
    assert (found.reference, found.out_of_range) == (expected, beyond)


def test_what_a_report_that_was_an_error_lists_is_an_error() -> None:
    wrong = {**REPORT, "status": "entered-in-error"}
    assert [one.status for one in read(lab("o1"), wrong) if isinstance(one, models.LabResult)] == ["entered-in-error"]
    anew = {**REPORT, "id": "r2", "status": "final"}
    for again in ((wrong, anew), (anew, wrong)):
        results = [one for one in read(lab("o1"), *again) if isinstance(one, models.LabResult)]
        assert [(one.status, one.report_id) for one in results] == [("final", "DiagnosticReport/r2")]
    stopped = lab("o1", status="cancelled")
    assert [one.status for one in read(stopped, wrong) if isinstance(one, models.LabResult)] == ["cancelled"]


@pytest.mark.parametrize(
    ("performer", "is_person"),
    [
        ("Dr. Adam Careful", True),
        ("Jane Roe MD", True),
        ("Пробная А. Б.", True),
        ("Пробная Анна Львовна", True),
        ("Acme Laboratory", False),
        ("Городская поликлиника № 1", False),
        ("Лаборатория им. Доброва", False),
    ],
)
def test_a_name_without_an_address_is_that_of_a_place_unless_people_are_called_so(
    performer: str, is_person: bool
) -> None:
    result = only(lab("o1", performer=[{"display": performer}]))
    assert [party and party.name for party in (result.clinic, result.doctor)] == (
        [None, performer] if is_person else [performer, None]
    )


@pytest.mark.parametrize("element", ["recorder", "asserter"])
def test_whoever_records_is_a_person(element: str) -> None:
    found = only(
        {"resourceType": "Condition", "id": "c", "code": {"text": "Астма"}, element: {"display": "Todd Ashby"}}
    )
    assert (found.clinic, found.doctor.name) == (None, "Todd Ashby")


def test_remarks_and_why_there_is_no_value() -> None:
    absent = {"coding": [{"code": "not-performed", "display": "Не выполнено"}]}
    found = only(
        lab("o1", valueQuantity=None, note=[{"text": "гемолиз"}, {"text": "повторить"}], dataAbsentReason=absent)
    )
    assert (found.value, found.comment) == (None, "гемолиз; повторить; Не выполнено")


def test_the_elements_that_r5_renamed() -> None:
    reason = [{"value": [{"concept": {"text": "Кашель"}}]}]
    medicine = {"resourceType": "MedicationRequest", "id": "m", "medication": {"concept": {"text": "Пробаза"}}}
    visit = {"resourceType": "Encounter", "id": "e", "actualPeriod": {"start": "2026-03-01"}, "reason": reason}
    told = [(one.kind, getattr(one, "medicine", None), one.date) for one in read(medicine, visit)]
    assert told == [("prescription", "Пробаза", None), ("visit", None, "2026-03-01")]


def test_a_unit_code_is_a_ucum_code() -> None:
    found = only(lab("o1", {"value": 10, "unit": "мм/ч", "system": "1.2.643.5.1.13.13.11.1358", "code": "36"}))
    assert (found.unit, found.unit_code) == ("мм/ч", None)


@pytest.mark.parametrize(("written", "flag"), [("H", "H"), ("высокий", None)])
def test_an_interpretation_in_words_is_a_flag_only_when_it_is_a_code(written: str, flag: str | None) -> None:
    assert only(lab("o1", interpretation=[{"text": written}])).flag == flag


def test_a_panel_gives_one_result_per_component() -> None:
    parts = [{"code": {"text": name}, "valueQuantity": quantity(n)} for n, name in enumerate(("WBC", "RBC"), 1)]
    found = read(plain(lab("o1"), "valueQuantity") | {"component": parts})
    assert [(one.id, one.analyte, one.value) for one in found] == [
        ("Observation/o1#1", "WBC", "1"),
        ("Observation/o1#2", "RBC", "2"),
    ]


def test_blood_pressure_is_one_sign() -> None:
    parts = [
        {"code": {"coding": [{"code": code}]}, "valueQuantity": {"value": value, "unit": "мм рт. ст."}}
        for code, value in (("8462-4", 80), ("8480-6", 120))
    ]
    pressure = plain(lab("o1"), "valueQuantity") | {"category": VITAL, "component": parts}
    found = only(pressure)
    assert isinstance(found, models.Vital)
    assert (found.id, found.value, found.unit) == ("Observation/o1", "120/80", "мм рт. ст.")


def test_what_is_a_laboratory_result() -> None:
    bare = plain(lab("o1"), "category")
    imaging = REPORT | {"category": [{"coding": [{"code": "RAD"}]}]}
    survey = lab("o1") | {"category": [{"coding": [{"code": "survey"}]}]}
    assert isinstance(only(bare), models.LabResult)
    assert [type(one) for one in read(bare, REPORT)] == [models.LabResult]
    assert [type(one) for one in read(bare, imaging)] == [models.Other, models.Study]
    assert [type(one) for one in read(survey, REPORT)] == [models.Other]


def test_a_result_without_a_date_takes_that_of_its_specimen_or_report() -> None:
    bare = plain(lab("o1"), "effectiveDateTime")
    (found,) = read(bare, REPORT)
    assert (found.collected_at, found.report_id) == ("2026-02-01T07:30:00+03:00", "DiagnosticReport/r1")
    specimen = {"resourceType": "Specimen", "id": "s1", "collection": {"collectedDateTime": "2026-01-31"}}
    (found,) = read(bare | {"specimen": {"reference": "Specimen/s1"}}, REPORT, specimen)
    assert found.collected_at == "2026-01-31"


def test_a_result_inside_a_panel_belongs_to_the_report() -> None:
    group = plain(lab("group"), "valueQuantity", "category") | {"hasMember": [{"reference": "Observation/o1"}]}
    report = REPORT | {"result": [{"reference": "Observation/group"}]}
    assert {one.report_id for one in read(plain(lab("o1"), "category"), group, report)} == {"DiagnosticReport/r1"}


def test_clinic_and_doctor_through_roles_contained_and_encounters() -> None:
    role = {
        "resourceType": "PractitionerRole",
        "id": "role",
        "practitioner": {"reference": "Practitioner/d1"},
        "organization": {"reference": "Organization/c1"},
        "specialty": [{"text": "Терапевт"}],
    }
    doctor = {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Врачева", "given": ["Ия"]}]}
    clinic = {"resourceType": "Organization", "id": "c1", "name": "Поликлиника"}
    found = read(lab("o1", performer=[{"reference": "PractitionerRole/role"}]), role, doctor, clinic)[0]
    assert found.doctor == models.DoctorRef(id="d1", name="Врачева Ия", specialty="Терапевт")
    assert found.clinic == models.Named(id="c1", name="Поликлиника")
    inside = lab("o2", performer=[{"reference": "#lab"}], contained=[{**clinic, "id": "lab"}])
    assert only(inside).clinic == models.Named(id="lab", name="Поликлиника")
    beside = read(lab("o4", performer=[{"reference": "#c1"}]), clinic, {**clinic, "id": "c2", "name": "Другая"})[0]
    assert beside.clinic == models.Named(id="c1", name="Поликлиника"), "some point to what stands beside as if inside"
    nearer = lab("o5", performer=[{"reference": "#c1"}], contained=[{**clinic, "name": "Внутри"}])
    assert read(nearer, clinic)[0].clinic == models.Named(id="c1", name="Внутри")
    visit = {"resourceType": "Encounter", "id": "e", "serviceProvider": {"reference": "Organization/c1"}}
    assert read(lab("o3", encounter={"reference": "Encounter/e"}), visit, clinic)[0].clinic.id == "c1"


def test_a_role_that_works_for_itself_ends() -> None:
    role = {"resourceType": "PractitionerRole", "id": "r", "organization": {"reference": "PractitionerRole/r"}}
    role["practitioner"] = {"reference": "PractitionerRole/r"}
    assert read(lab("o1", performer=[{"reference": "PractitionerRole/r"}]), role)[0].clinic is None


@pytest.mark.parametrize(
    ("status", "end", "expected"),
    [
        ("active", "2026-12-31", "active"),
        ("active", "2026-03-31", "expired"),
        ("completed", None, "dispensed"),
        ("stopped", None, "stopped"),
        ("on-hold", None, "on_hold"),
        ("unknown", None, None),
        ("draft", None, "draft"),
        ("draft", "2026-03-31", "draft"),
        ("active", "2026-04", "active"),
    ],
)
def test_the_status_of_a_prescription(status: str, end: str | None, expected: str | None) -> None:
    found = only(
        {
            "resourceType": "MedicationRequest",
            "id": "m1",
            "status": status,
            "identifier": [{"value": "45 123"}],
            "medicationReference": {"reference": "#m"},
            "contained": [
                {"resourceType": "Medication", "id": "m", "code": {"text": "Аторвастатин"}, "form": {"text": "таб."}}
            ],
            "dosageInstruction": [{"text": "1 раз", "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "таб."}}]}],
            "dispenseRequest": {"validityPeriod": {"end": end}, "quantity": {"value": 30, "unit": "шт."}},
        }
    )
    assert found.status == expected
    assert (found.type, found.number, found.medicine, found.form) == ("recipe", "45 123", "Аторвастатин", "таб.")
    assert (found.dose, found.instructions, found.quantity) == ("1 таб.", "1 раз", "30 шт.")


def test_a_statement_is_no_order_and_never_a_recipe() -> None:
    found = only(
        {"resourceType": "MedicationStatement", "id": "s", "status": "active", "effectivePeriod": {"start": "2015-03"}}
    )
    assert (found.type, found.status, found.date, found.number) == ("statement", "active", "2015-03", None)


def test_a_course_that_has_ended_is_over() -> None:
    course = {"resourceType": "MedicationStatement", "id": "s", "status": "active"}
    ended = only({**course, "effectivePeriod": {"start": "2015-03", "end": "2026-03-31"}})
    assert (ended.status, ended.ends_on, ended.expires_on) == ("completed", "2026-03-31", None)
    assert only({**course, "status": "intended"}).status == "draft"


def test_what_must_not_be_taken_is_no_active_prescription() -> None:
    known = {"resourceType": "MedicationRequest", "id": "m", "status": "active"}
    assert only({**known, "doNotPerform": True}).status == "prohibited"
    assert only({**known, "doNotPerform": False}).status == "active"
    assert only({**known, "doNotPerform": True, "status": "cancelled"}).status == "cancelled"
    assert only({**known, "doNotPerform": True, "status": "stopped"}).status == "stopped"


@pytest.mark.parametrize("kind", ["Condition", "AllergyIntolerance"])
@pytest.mark.parametrize(
    ("clinical", "verified", "expected"),
    [
        ("active", "confirmed", "active"),
        ("active", None, "active"),
        ("active", "refuted", "refuted"),
        ("resolved", "entered-in-error", "entered-in-error"),
        ("active", "provisional", "provisional"),
        ("resolved", "provisional", "resolved"),
        (None, "provisional", "provisional"),
        (None, None, None),
    ],
)
def test_what_was_ruled_out_is_not_active(
    kind: str, clinical: str | None, verified: str | None, expected: str | None
) -> None:
    statuses = {"clinicalStatus": clinical, "verificationStatus": verified}
    coded = {name: {"coding": [{"code": code}]} for name, code in statuses.items() if code}
    assert only({"resourceType": kind, "id": "x", **coded}).status == expected


def test_a_checkup_is_prevention_with_its_health_group_and_next_date() -> None:
    visit = {
        "resourceType": "Encounter",
        "id": "e",
        "type": [{"text": "Диспансеризация"}],
        "period": {"start": "2026-01-05"},
    }
    about = {"encounter": {"reference": "Encounter/e"}}
    group = {
        "resourceType": "Observation",
        "id": "g",
        "category": [{"coding": [{"code": "exam"}]}],
        "code": {"text": "Группа здоровья"},
        "valueCodeableConcept": {"text": "II"},
    }
    plan = {
        "resourceType": "CarePlan",
        "id": "c",
        "activity": [{"detail": {"scheduledPeriod": {"start": "2027-01-05"}}}],
    }
    paper = {
        "resourceType": "Composition",
        "id": "d",
        "section": [{"code": {"coding": [{"code": "51848-0"}]}, "text": {"div": "<div><p>Здорова</p></div>"}}],
    }
    found = read(visit, group | about, plan | about, paper | about)[0]
    assert isinstance(found, models.Prevention)
    assert (found.type, found.health_group, found.next_due, found.conclusion) == (
        "Диспансеризация",
        "II",
        "2027-01-05",
        "Здорова",
    )


def recommended(disease: str, *days: tuple[str, str], status: str = "due", **more: object) -> dict[str, object]:
    criteria = [
        {"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "value": day} for code, day in days
    ]
    status_code = {"coding": [{"code": status}]}
    return {"targetDisease": {"text": disease}, "forecastStatus": status_code, "dateCriterion": criteria, **more}


def test_a_recommended_vaccination_is_prevention_with_the_day_it_is_due() -> None:
    forecast = {
        "resourceType": "ImmunizationRecommendation",
        "id": "f",
        "date": "2026-01-05",
        "authority": {"reference": "Organization/c", "display": "Поликлиника"},
        "recommendation": [
            recommended("Корь", ("30981-5", "2026-02-01"), ("30980-7", "2026-03-01"), ("59778-1", "2026-09-01")),
            recommended("Грипп", ("30981-5", "2026-09-01"), status="overdue", description="Ежегодно"),
            recommended("Чума", ("my-own", "2027"), ("59777-3", "2028"), ("59778-1", "2029")),
            {"vaccineCode": [{"text": "Совигрипп"}], "forecastStatus": {"text": "immune"}},
            {"forecastReason": [{"text": "По возрасту"}], "dateCriterion": "soon"},
        ],
    }
    found = read(forecast)
    assert [(one.id, one.type, one.next_due, one.status) for one in found] == [
        ("ImmunizationRecommendation/f#1", "Вакцинация: Корь", "2026-03-01", "due"),
        ("ImmunizationRecommendation/f#2", "Вакцинация: Грипп", "2026-09-01", "overdue"),
        ("ImmunizationRecommendation/f#3", "Вакцинация: Чума", None, "due"),
        ("ImmunizationRecommendation/f#4", "Вакцинация: Совигрипп", None, "immune"),
        ("ImmunizationRecommendation/f#5", "Вакцинация", None, None),
    ]
    assert {(one.kind, one.date, one.clinic and one.clinic.name) for one in found} == {
        ("prevention", "2026-01-05", "Поликлиника")
    }
    assert (found[1].conclusion, found[4].recommendations) == ("Ежегодно", ["По возрасту"])


def test_a_document_listed_by_a_reference_is_shown_once() -> None:
    paper = {
        "resourceType": "Composition",
        "id": "c",
        "title": "Протокол",
        "section": [{"title": "Жалобы", "text": {"div": "<table><tr><td>А</td><td>Б &amp; В</td></tr></table>"}}],
    }
    listed = {"resourceType": "DocumentReference", "id": "d", "context": {"related": [{"reference": "Composition/c"}]}}
    (found,) = read(paper, listed)
    assert found.id == "DocumentReference/d"
    assert found.sections == [models.Section(title="Жалобы", text="А | Б & В")]
    alone = only(paper)
    assert (alone.id, alone.sections) == ("Composition/c", found.sections)


def test_whom_records_name_is_no_record_and_a_bill_is_one() -> None:
    bills = [{"resourceType": kind, "id": kind} for kind in ("Claim", "ExplanationOfBenefit")]
    named = [{"resourceType": kind, "id": kind} for kind in ("Organization", "Binary", "Provenance", "NoSuchType")]
    assert [(type(one), one.type) for one in read(PATIENT, *bills, *named)] == [
        (models.Other, "Claim"),
        (models.Other, "ExplanationOfBenefit"),
    ]


def test_who_is_the_same_person() -> None:
    anna = identity_of(PATIENT)
    namesake = identity_of(plain(PATIENT, "identifier") | {"birthDate": "1990-01-01"})
    assert same_person(anna, identity_of(plain(PATIENT, "identifier"))) is True
    assert same_person(anna, namesake) is False
    assert same_person(anna, identity_of(PATIENT | {"birthDate": "2015-02-02"})) is False, (
        "a mother's number on a child"
    )
    assert same_person(anna, identity_of(PATIENT | {"name": [{"family": "Новая", "given": ["Анна"]}]})) is True
    assert same_person(anna, identity_of(plain(PATIENT, "identifier", "birthDate"))) is None
    assert same_person(anna, identity_of(PATIENT | {"gender": "male"})) is False


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "Observation",
    "Encounter",
    "DiagnosticReport",
    "MedicationRequest",
    "Immunization",
    "ImmunizationRecommendation",
    "Condition",
    "Composition",
]
NAMES += ["AllergyIntolerance", "ServiceRequest", "DocumentReference", "AuditEvent", "Patient"]
NAMES += ["Procedure", "CarePlan", "QuestionnaireResponse"]
FIELDS = ["id", "status", "code", "category", "subject", "encounter", "performer", "result", "hasMember", "component"]
FIELDS += [
    "extension",
    "item",
    "bodySite",
    "note",
    "text",
    "valueQuantity",
    "interpretation",
    "referenceRange",
    "section",
    "context",
    "type",
    "period",
    "content",
    "contained",
    "recommendation",
]


@settings(max_examples=150)
@given(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6))
def test_nothing_a_server_sends_raises(kind: str, fields: dict[str, object]) -> None:
    for record in read({"resourceType": kind, "id": "x", **fields}, REPORT, lab("o1")):
        json.loads(record.to_json())


@settings(max_examples=100)
@given(st.sampled_from(sorted(lab("o1"))), JSON)
def test_one_broken_element_does_not_take_the_others(name: str, value: object) -> None:
    read(lab("o1", category=LAB, referenceRange=[{"low": quantity(1, code=UCUM)}]) | {name: value}, REPORT)


def test_both_statuses_of_a_condition_are_kept_and_a_translation_hides_none() -> None:
    local = {"system": "urn:local", "code": "7"}
    verification = {"coding": [local, {"code": "refuted"}]}
    known = {"resourceType": "Condition", "id": "c", "clinicalStatus": {"coding": [local, {"code": "active"}]}}
    found = only({**known, "verificationStatus": verification})
    assert (found.status, found.clinical_status, found.verification_status) == ("refuted", "active", "refuted")
    alone = only({**known, "clinicalStatus": {"coding": [local]}})
    assert (alone.status, alone.clinical_status, alone.verification_status) == ("7", "7", None)


def test_a_completed_course_is_not_dispensed() -> None:
    course = {"id": "m", "status": "completed", "intent": "order"}
    ordered, reported = ({**course, "resourceType": kind} for kind in ("MedicationRequest", "MedicationStatement"))
    assert (only(ordered).status, only(reported).status) == ("completed", "completed")
    recipe = only({**ordered, "groupIdentifier": {"value": "45 1"}})
    assert (recipe.status, recipe.type, recipe.intent) == ("dispensed", "recipe", "order")


@pytest.mark.parametrize(
    ("ends", "expected"),
    [(["2026-01-10"], "2026-01-10"), (["2026-01-10", "2026-02-10"], "2026-02-10"), (["2026-01-10", None], None)],
)
def test_a_course_ends_with_the_last_of_its_steps(ends: list[str | None], expected: str | None) -> None:
    steps = [{"timing": {"repeat": {"boundsPeriod": {"end": end}}}} for end in ends]
    assert only({"resourceType": "MedicationRequest", "id": "m", "dosageInstruction": steps}).ends_on == expected


def test_why_a_vaccine_was_not_given() -> None:
    refused = {"resourceType": "Immunization", "id": "i", "status": "not-done", "statusReason": {"text": "Отказ"}}
    assert (only(refused).status, only(refused).status_reason) == ("not-done", "Отказ")


@pytest.mark.parametrize(("status", "expected"), [("active", "prohibited"), ("entered-in-error", "entered-in-error")])
def test_a_service_that_must_not_be_performed(status: str, expected: str) -> None:
    service = {"resourceType": "ServiceRequest", "id": "s", "status": status}
    assert only({**service, "doNotPerform": True}).status == expected
    assert only(service).status == status


@pytest.mark.parametrize(
    "occurrence",
    [
        {"occurrenceDateTime": "2026-04-15"},
        {"occurrencePeriod": {"start": "2026-04-15", "end": "2026-04-20"}},
        {"occurrenceTiming": {"event": ["2026-04-15"]}},
    ],
)
def test_when_a_service_should_be_done(occurrence: dict[str, object]) -> None:
    service = {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "active",
        "authoredOn": "2026-04-01",
        **occurrence,
    }
    assert (only(service).date, only(service).planned_for) == ("2026-04-01", "2026-04-15")
