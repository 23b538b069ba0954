"""The invented city and the invented record: deterministic, complete, coherent, and in the right quantities."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections import Counter
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from emkcli.mock.clinics import clinics, hospital_of
from emkcli.mock.medical import card, dumps
from emkcli.mock.physicians import SPECIALTIES, physicians
from emkcli.mock.places import distance_km, districts, locate

UNTIL = date(2026, 11, 23)
SEED = 1
REQUIRED = {
    "Patient": ("identifier", "name", "gender", "birthDate"),
    "Organization": ("name", "identifier"),
    "Practitioner": ("name",),
    "PractitionerRole": ("practitioner", "organization", "specialty"),
    "Encounter": ("status", "class", "subject", "period", "serviceProvider", "reasonCode"),
    "Condition": ("subject", "code", "clinicalStatus", "verificationStatus", "recordedDate"),
    "Composition": ("status", "type", "date", "author", "title", "subject", "section", "encounter"),
    "DocumentReference": ("status", "content", "subject", "type", "date"),
    "Observation": ("status", "code", "subject", "category", "effectiveDateTime", "performer"),
    "DiagnosticReport": ("status", "code", "subject", "category", "effectiveDateTime", "issued", "performer"),
    "Specimen": ("type", "subject", "collection"),
    "MedicationRequest": (
        "status",
        "intent",
        "medicationCodeableConcept",
        "subject",
        "authoredOn",
        "requester",
        "dosageInstruction",
        "dispenseRequest",
    ),
    "Immunization": ("status", "vaccineCode", "patient", "occurrenceDateTime", "protocolApplied"),
    "ImmunizationRecommendation": ("patient", "date", "recommendation"),
    "AllergyIntolerance": ("patient", "verificationStatus", "code"),
    "ServiceRequest": ("status", "intent", "subject", "code", "requester", "performer"),
    "CarePlan": ("status", "intent", "subject", "activity"),
    "Procedure": ("status", "code", "subject", "performedDateTime"),
    "FamilyMemberHistory": ("status", "patient", "relationship", "condition"),
    "AuditEvent": ("type", "recorded", "agent", "source", "entity", "purposeOfEvent"),
}


def person(ident: str = "p-1", birth: str = "1968-02-05", sex: str = "male") -> dict[str, Any]:
    return {
        "id": ident,
        "last_name": "Пробный",
        "first_name": "Иван",
        "middle_name": "Тестович",
        "birth_date": birth,
        "sex": sex,
        "snils": "000-000-101 23",
        "oms_policy": "7700000000000008",
        "phone": "+79990000000",
        "address": "г. Москва, ул. Тверская, д. 1",
    }


def make(
    who: dict[str, Any] | None = None,
    *,
    child: bool = False,
    labs: int | None = None,
    seed: int = SEED,
    until: date = UNTIL,
) -> list[dict[str, Any]]:
    who = who or (person("c-1", "2018-04-11") if child else person())
    return list(card(who, *place(child), seed, until, labs))


def place(child: bool = False) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    kind = "children_polyclinic" if child else "polyclinic"
    clinic = next(clinic for clinic in clinics(SEED) if clinic.kind == kind)
    return asdict(clinic), [asdict(doctor) for doctor in physicians(SEED, [clinic])]


def only(record: list[dict[str, Any]], kind: str, **same: Any) -> list[dict[str, Any]]:
    found = [resource for resource in record if resource["resourceType"] == kind]
    return [resource for resource in found if all(resource.get(name) == value for name, value in same.items())]


def labs_of(record: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [found for found in only(record, "Observation") if found["category"][0]["coding"][0]["code"] == "laboratory"]


@pytest.fixture(scope="module")
def adult() -> list[dict[str, Any]]:
    return make()


@pytest.fixture(scope="module")
def child() -> list[dict[str, Any]]:
    return make(child=True)


def test_every_district_has_each_kind_of_clinic() -> None:
    found = clinics(SEED)
    assert len(found) >= 130
    kinds = {(clinic.district, clinic.kind) for clinic in found}
    assert kinds == {
        (district.name, kind) for district in districts() for kind in ("polyclinic", "children_polyclinic", "hospital")
    }
    assert len(districts()) == 12


def test_clinics_name_nobody_real_and_nobody_twice() -> None:
    found = clinics(SEED)
    assert all(int(clinic.oid.rpartition(".")[2]) > 900_000 for clinic in found)
    assert all(re.match(r"1\.2\.643\.5\.1\.13\.13\.12\.2\.77\.\d{6}$", clinic.oid) for clinic in found)
    assert all(int(clinic.name.rpartition(" ")[2]) >= 900 for clinic in found)
    assert all(re.fullmatch(r"\+7495000\d{4}", clinic.phone) for clinic in found)
    for attribute in ("id", "oid", "name", "phone"):
        assert len({getattr(clinic, attribute) for clinic in found}) == len(found)


def test_every_polyclinic_has_somebody_to_be_attached_to() -> None:
    found = clinics(SEED)
    staff = list(physicians(SEED, found))
    assert len(staff) >= 1600
    assert {doctor.specialty_code for doctor in staff} <= set(SPECIALTIES)
    taking = {(doctor.clinic_id, doctor.specialty_code) for doctor in staff if doctor.panel_open}
    wanted = {"polyclinic": "therapist", "children_polyclinic": "pediatrician"}
    assert all((clinic.id, wanted[clinic.kind]) in taking for clinic in found if clinic.kind in wanted)


def test_directory_is_deterministic_and_the_seed_moves_only_addresses() -> None:
    assert clinics(3) == clinics(3)
    assert list(physicians(3, clinics(3))) == list(physicians(3, clinics(3)))
    assert [clinic.id for clinic in clinics(3)] == [clinic.id for clinic in clinics(4)]
    assert clinics(3) != clinics(4)


@pytest.mark.parametrize(
    ("address", "district"),
    [
        ("г. Москва, ул. Тверская, д. 1", "ЦАО"),
        ("Москва, Ленинградский пр-т, 20", "САО"),
        ("Юго-Восточный округ", "ЮВАО"),
        ("Зеленоград, корп. 1100", "ЗелАО"),
        ("Щелковское шоссе, 5", "ВАО"),
    ],
)
def test_known_addresses_are_placed(address: str, district: str) -> None:
    place = locate(address)
    assert (place.district, place.approximate) == (district, False)
    assert place == locate(address)


def test_unknown_addresses_get_a_point_that_stays() -> None:
    place = locate("г. Нигде, ул. Никакая, д. 7")
    assert place.approximate
    assert place == locate("г. Нигде, ул. Никакая, д. 7")
    assert 55 < place.lat < 56.2


def test_distance() -> None:
    centre, far = locate("Тверская, 1"), locate("Зеленоград")
    assert distance_km(centre, centre) == 0
    assert 25 < distance_km(centre, far) < 45
    assert hospital_of("ЗелАО", SEED).district == "ЗелАО"


def test_the_same_person_has_the_same_record(adult: list[dict[str, Any]]) -> None:
    assert [dumps(found) for found in make()] == [dumps(found) for found in adult]
    assert make(seed=2) != adult
    assert {found["id"] for found in make(person("p-2"))} & {found["id"] for found in only(adult, "Encounter")} == set()


def test_a_later_day_only_adds_visits() -> None:
    earlier = {found["id"]: found["period"]["start"] for found in only(make(until=date(2026, 6, 1)), "Encounter")}
    later = {found["id"]: found["period"]["start"] for found in only(make(), "Encounter")}
    assert earlier.items() <= later.items()


@pytest.mark.parametrize("whose", ["adult", "child"])
def test_references_resolve_and_required_elements_are_there(whose: str, request: pytest.FixtureRequest) -> None:
    record = request.getfixturevalue(whose)
    known = Counter(f"{found['resourceType']}/{found['id']}" for found in record)
    assert max(known.values()) == 1
    assert len({found["id"] for found in record}) == len(record)
    for found in record:
        text = dumps(found).decode()
        assert set(re.findall(r'"reference":"([^"]+)"', text)) <= set(known)
        assert not [name for name in REQUIRED[found["resourceType"]] if name not in found]
        assert found["meta"]["security"][0]["code"] == "HTEST"
        assert found["meta"]["lastUpdated"][:10] <= str(UNTIL)
        assert ":null" not in text
        assert "{}" not in text
        assert "[]" not in text
        assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", found["id"])


def test_all_kinds_occur(adult: list[dict[str, Any]]) -> None:
    assert {found["resourceType"] for found in adult} == set(REQUIRED)


@pytest.mark.parametrize("birth", ["1955-03-11", "1968-02-05", "1980-05-05", "1990-02-05"])
@pytest.mark.parametrize("sex", ["female", "male"])
def test_ten_years_of_an_adult_have_a_natural_size(birth: str, sex: str) -> None:
    record = make(person(f"{sex}-{birth}", birth, sex))
    assert 300 <= len(labs_of(record)) <= 500
    assert 50 <= len(only(record, "Encounter")) <= 95


def test_the_person_is_the_patient(adult: list[dict[str, Any]]) -> None:
    patient = adult[0]
    assert (patient["resourceType"], patient["id"], patient["name"][0]["given"]) == (
        "Patient",
        "p-1",
        ["Иван", "Тестович"],
    )
    assert [number["value"] for number in patient["identifier"]] == ["00000010123", "7700000000000008"]


def test_without_patronymic_policy_and_address() -> None:
    bare = person() | {"middle_name": None, "oms_policy": None, "address": None, "phone": None}
    patient = make(bare)[0]
    assert patient["name"][0]["given"] == ["Иван"]
    assert len(patient["identifier"]) == 1
    assert "address" not in patient


def test_a_record_needs_physicians() -> None:
    with pytest.raises(ValueError, match="physicians"):
        list(card(person(), place()[0], [], SEED, UNTIL))


def test_laboratory_values_are_exact_and_flagged_by_their_range(adult: list[dict[str, Any]]) -> None:
    measured = [
        found for found in labs_of(adult) if "valueQuantity" in found and "comparator" not in found["valueQuantity"]
    ]
    assert any(dumps(found["valueQuantity"]["value"]).endswith(b"0") and b"." in dumps(found) for found in measured)
    for found in measured:
        amount, bounds = found["valueQuantity"]["value"], found["referenceRange"][0]
        assert isinstance(amount, Decimal)
        assert bounds["text"]
        if "interpretation" in found:
            low = "low" in bounds and amount < bounds["low"]["value"]
            high = amount > bounds["high"]["value"]
            flag = found["interpretation"][0]["coding"][0]["code"]
            assert (flag in ("L", "LL"), flag in ("H", "HH")) == (low, high)


def test_laboratory_values_of_every_shape(adult: list[dict[str, Any]]) -> None:
    found = labs_of(adult)
    said = {item.get("valueString") for item in found} | {
        item.get("valueCodeableConcept", {}).get("text") for item in found
    }
    assert {"отрицательно", "+++", "не обнаружено"} <= said
    assert any(item.get("valueQuantity", {}).get("comparator") == "<" for item in found)
    flags = {item["interpretation"][0]["coding"][0]["code"] for item in found if "interpretation" in item}
    assert {"N", "H", "A"} <= flags
    assert {"amended", "corrected", "entered-in-error", "final"} & {item["status"] for item in found} > {"final"}


def test_decimals_keep_their_zeros() -> None:
    assert dumps({"a": Decimal("5.40"), "б": "в"}) == '{"a":5.40,"б":"в"}'.encode()


def test_prescriptions_of_every_status(adult: list[dict[str, Any]]) -> None:
    found = only(adult, "MedicationRequest")
    assert {"active", "completed", "cancelled", "stopped", "entered-in-error"} == {item["status"] for item in found}
    active = only(adult, "MedicationRequest", status="active")
    ends = [item["dispenseRequest"]["validityPeriod"]["end"] for item in active]
    assert min(ends) < str(UNTIL) < max(ends)
    assert {item["category"][1]["text"] for item in found} >= {"Назначение врача", "Рецептурный бланк формы 107-1/у"}


def test_visits_end_with_a_protocol_and_some_are_cancelled(adult: list[dict[str, Any]]) -> None:
    papers = {item["encounter"]["reference"]: item for item in only(adult, "Composition")}
    visits = only(adult, "Encounter")
    assert {"finished", "cancelled"} <= {item["status"] for item in visits}
    for visit in visits:
        if visit["status"] == "finished":
            titles = [part["title"] for part in papers[f"Encounter/{visit['id']}"]["section"]]
            assert {"Заключение", "Рекомендации"} <= set(titles)
    text = json.dumps(list(papers.values()), ensure_ascii=False)
    assert "{" not in "".join(re.findall(r"<p>(.*?)</p>", text))


def test_prevention_has_group_conclusion_and_next_date(adult: list[dict[str, Any]]) -> None:
    groups = [
        item["valueCodeableConcept"]["text"]
        for item in only(adult, "Observation")
        if item["code"]["text"] == "Группа здоровья"
    ]
    assert set(groups) <= {"I", "II", "IIIа", "IIIб"}
    assert len(groups) >= 10
    due = [
        item["activity"][0]["detail"]["scheduledPeriod"]["start"] for item in only(adult, "CarePlan", status="active")
    ]
    assert due
    assert all(day >= str(UNTIL) for day in due)


def test_a_child_is_vaccinated_by_the_calendar(child: list[dict[str, Any]]) -> None:
    doses = only(child, "Immunization")
    infections = {disease["text"] for dose in doses for disease in dose["protocolApplied"][0]["targetDisease"]}
    assert {
        "Гепатит B",
        "Туберкулёз",
        "Полиомиелит",
        "Коклюш",
        "Корь",
        "Краснуха",
        "Эпидемический паротит",
    } <= infections
    assert sum("reaction" in dose for dose in doses) == 1
    assert {"completed", "not-done"} <= {dose["status"] for dose in doses}
    given = [dose for dose in doses if dose["status"] == "completed"]
    assert all(dose["lotNumber"] and dose["manufacturer"] for dose in given)
    assert min(dose["occurrenceDateTime"] for dose in doses) >= "2018-04-11"


@pytest.mark.parametrize("who", ["adult", "child"])
def test_what_comes_next_in_the_calendar_is_due(who: str, request: pytest.FixtureRequest) -> None:
    (found,) = only(request.getfixturevalue(who), "ImmunizationRecommendation")
    due = {one["targetDisease"]["text"]: one["dateCriterion"][0]["value"] for one in found["recommendation"]}
    assert len(due) == len(found["recommendation"]), "one day for each vaccine"
    assert "Грипп" in due
    assert all(day > str(UNTIL) for day in due.values())


def test_a_record_says_who_looked(adult: list[dict[str, Any]]) -> None:
    bases = {item["purposeOfEvent"][0]["text"] for item in only(adult, "AuditEvent")}
    assert len(bases) == 3


@pytest.mark.parametrize("wanted", [0, 7, 150, 1000])
def test_as_many_lab_results_as_asked_for(wanted: int) -> None:
    record = make(labs=wanted)
    found = labs_of(record)
    assert len(found) == wanted
    reported = {ref["reference"] for item in only(record, "DiagnosticReport") for ref in item.get("result", [])}
    assert reported == {f"Observation/{item['id']}" for item in found}


def test_a_large_record_streams_in_little_memory() -> None:
    stream = card(person(), *place(), SEED, UNTIL, 20_000)
    next(stream)
    tracemalloc.start()
    count = sum(found["id"].startswith("lab-") for found in stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 12_000_000


def test_a_newborn_has_a_record() -> None:
    record = make(person("n-1", "2026-11-20"), child=True)
    assert record[0]["birthDate"] == "2026-11-20"
    assert make(person("n-1", "2026-11-20"), child=True, labs=30)
