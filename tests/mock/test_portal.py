"""The portal: from registration to an open card, and everything one can do with it."""

from __future__ import annotations

import pytest

from emkcli.mock import family
from emkcli.mock.application import open_mock
from emkcli.mock.seeding import PERSON

from .person import JPEG, PNG, Person, in_process


def test_the_whole_way_from_registration_to_the_card(someone: Person) -> None:
    account = someone.register()
    assert account["trust"] == "simplified"
    assert someone.tokens["scope"] == "limited"
    assert someone.verify()["trust"] == "standard"
    someone.refused("GET", "/services", 403, "not_verified")
    someone.pass_hours(1)
    assert someone.tokens["trust"] == "confirmed"
    assert someone.tokens["scope"] == "patient/*.read portal"
    assert someone.connect()["status"] == "draft"
    clinic = someone.get("/clinics", near="residence", accepts="adults")["items"][0]
    assert someone.attach(clinic_id=clinic["id"])["status_name"] == "Отправлено"
    patient = someone.tokens["patient"]
    outcome = someone.get("/fhir/R4/Observation", 403, patient=patient)
    assert outcome["issue"][0]["extension"][0]["url"] == "urn:emk:expected-by"
    assert outcome["issue"][0]["details"]["coding"][0]["code"] == "not_activated"
    someone.pass_hours(48)
    application = someone.get("/applications")["items"][0]
    assert [step["status"] for step in application["history"]] == ["draft", "submitted", "in_progress", "activated"]
    assert application["expected_by"] is None
    assert someone.get("/fhir/R4/Observation", patient=patient)["total"] > 100
    titles = [item["title"] for item in someone.get("/notifications")["items"]]
    assert sum("в работе" in title for title in titles) == 2  # cabinet and SMS


def test_registering_again(someone: Person) -> None:
    account = someone.register()
    again = someone.send("POST", "/accounts", 200, json=PERSON)
    assert again["account"]["id"] == account["id"]
    someone.refused("POST", "/accounts", 409, "exists", json=PERSON | {"first_name": "Вера"})
    other = PERSON | {"snils": "000-000-102 00"}
    assert someone.refused("POST", "/accounts", 409, "conflict", json=other)["reason"] == "phone_taken"


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("snils", "123-456-789 00", "format"),
        ("snils", "12345678900", "format"),
        ("phone", "89000000101", "format"),
        ("sex", "other", "format"),
        ("birth_date", "17.04.1986", "format"),
        ("nickname", "Маша", "unknown"),
    ],
)
def test_a_broken_field_is_named_and_its_value_is_not(someone: Person, field: str, value: str, rule: str) -> None:
    body = someone.refused("POST", "/accounts", 400, "invalid_input", json=PERSON | {field: value})
    assert body["fields"] == [{"field": field, "rule": rule}]
    assert value not in str(body)


def test_a_confirmed_account_is_not_opened_by_knowing_its_data(someone: Person) -> None:
    someone.send("POST", "/mock/seed", 201, json={"state": "activated"})
    body = someone.send("POST", "/accounts", 200, json=PERSON)
    someone.use(body["tokens"])
    assert body["tokens"]["scope"] == "limited"
    assert someone.get("/account")["trust"] == "confirmed"
    for path in ("/profile", "/persons", "/applications", "/notifications", "/services"):
        assert someone.refused("GET", path, 401, "login_required")["reason"] == "code_login_required"


def test_pictures_are_checked(someone: Person) -> None:
    someone.register()
    path, png = "/account/verification/selfie", {"Content-Type": "image/png"}
    assert someone.refused("PUT", path, 400, "invalid_input", content=JPEG, headers=png)["reason"] == "not_a_picture"
    huge = PNG + bytes(5 * 1024 * 1024)
    assert someone.refused("PUT", path, 413, "invalid_input", content=huge, headers=png)["reason"] == "too_large"
    body = someone.refused("POST", "/account/verification", 400, "invalid_input")
    assert body["reason"] == "pictures_missing"
    someone.send("PUT", path, content=PNG, headers=png)
    assert someone.get("/account")["verification"] == {
        "status": "uploading", "uploaded": ["selfie"], "expected_by": None, "reason": None,
    }  # fmt: skip


def test_an_invented_child_appears_with_the_confirmed_account(someone: Person) -> None:
    someone.seeded("verified", last_name="Вишневецкий", first_name="Илья", middle_name=None, sex="male")
    oneself, child = someone.get("/persons")["items"]
    assert oneself["relation"] == "self"
    assert child["relation"] == "child"
    last, _, middle = child["name"].split()
    assert (last, middle) in (("Вишневецкий", "Ильич"), ("Вишневецкая", "Ильинична"))
    assert child["birth_date"].startswith(("2018", "2019"))
    assert child["access_until"] == str(int(child["birth_date"][:4]) + 18) + child["birth_date"][4:]


@pytest.mark.parametrize(
    ("name", "woman", "man"),
    [
        ("Иванов", "Иванова", "Иванов"),
        ("Римская", "Римская", "Римский"),
        ("Снегирёва-Ясенева", "Снегирёва-Ясенева", "Снегирёв-Ясенев"),
        ("Шевченко", "Шевченко", "Шевченко"),
    ],
)
def test_family_names_agree_with_the_sex(name: str, woman: str, man: str) -> None:
    assert family.gendered(name, "female") in (woman, name)
    assert family.gendered(name, "male") in (man, name)
    assert family.gendered(man, "female") == woman
    assert family.gendered(woman, "male") == man


def test_services_are_searched_by_any_word_and_pinned(someone: Person) -> None:
    someone.seeded("verified")
    found = someone.get("/services", search="медицинская КАРТА")["items"]
    assert len(found) == 5
    assert [item["id"] for item in found if item["region"] == "Москва"] == ["emk-moscow"]
    assert someone.send("PUT", "/services/sick-leave/pin")["pinned"]
    assert [item["id"] for item in someone.get("/services")["items"] if item["pinned"]] == ["sick-leave"]
    assert not someone.send("DELETE", "/services/sick-leave/pin")["pinned"]
    someone.refused("PUT", "/services/emk-spb/connection", 409, "conflict")
    someone.refused("PUT", "/services/nothing/pin", 404, "not_found")


def test_connecting_needs_both_consents(someone: Person) -> None:
    someone.seeded("verified")
    body = someone.refused("PUT", "/services/emk-moscow/connection", 403, "consent_required")
    assert body["consents"] == ["medical-data@1", "egisz-transfer@1"]
    first = someone.get("/consents/medical-data")
    wrong = {"version": "7", "sha256": first["sha256"], "method": "terminal"}
    body = someone.refused("PUT", "/consents/medical-data/acceptance", 409, "consent_required", json=wrong)
    assert body["current_version"] == "1"
    right = wrong | {"version": "1"}
    accepted = someone.send("PUT", "/consents/medical-data/acceptance", json=right)
    assert accepted["status"] == "accepted"
    assert accepted["receipt"]
    body = someone.refused("PUT", "/services/emk-moscow/connection", 403, "consent_required")
    assert body["consents"] == ["egisz-transfer@1"]
    someone.consent()
    someone.send("PUT", "/services/emk-moscow/connection", 201)
    someone.send("PUT", "/services/emk-moscow/connection", 200)


def test_a_new_text_asks_again(someone: Person) -> None:
    patient = someone.seeded()["person_id"]
    someone.scenario("new-consent")
    outcome = someone.get("/fhir/R4/Observation", 403, patient=patient)
    assert outcome["issue"][0]["details"]["coding"][0]["code"] == "consent_required"
    shown = {(item["id"], item["version"]): item["status"] for item in someone.get("/consents")["items"]}
    assert shown == {
        ("medical-data", "1"): "accepted", ("egisz-transfer", "2"): "required", ("egisz-transfer", "1"): "superseded",
    }  # fmt: skip
    old = someone.get("/consents", service="emk-moscow")["items"][-1]
    stale = {"version": "1", "sha256": old["sha256"], "method": "option"}
    body = someone.refused("PUT", "/consents/egisz-transfer/acceptance", 409, "consent_required", json=stale)
    assert body["current_version"] == "2"
    assert "10 days" in body["changes"]
    someone.consent()
    someone.get("/fhir/R4/Observation", patient=patient, _count=1)


def test_a_revoked_consent_closes_the_card_but_not_the_application(someone: Person) -> None:
    patient = someone.seeded()["person_id"]
    revoked = someone.send("PUT", "/consents/medical-data/revocation")
    assert revoked["status"] == "revoked"
    assert someone.send("PUT", "/consents/medical-data/revocation")["revoked_at"] == revoked["revoked_at"]
    outcome = someone.get(f"/fhir/R4/Patient/{patient}", 403)
    assert outcome["issue"][0]["details"]["coding"][0]["code"] == "consent_required"
    assert someone.get("/applications")["items"][0]["status"] == "activated"
    someone.consent()
    someone.get(f"/fhir/R4/Patient/{patient}")


def test_clinics_and_doctors(someone: Person) -> None:
    someone.seeded("verified")
    near = someone.get("/clinics", near="residence", accepts="adults", page_size=200)
    distances = [item["distance_km"] for item in near["items"]]
    assert distances == sorted(distances)
    assert near["items"][0]["approximate"] is False
    assert near["total"] >= 60
    assert {item["district"] for item in someone.get("/clinics", district="Центральный")["items"]} == {"ЦАО"}
    assert someone.get("/clinics")["items"][0]["distance_km"] is None
    therapists = someone.get("/doctors", clinic=near["items"][0]["id"], specialty="терапевт")["items"]
    assert {item["specialty_code"] for item in therapists} == {"therapist"}
    assert any(item["panel_open"] for item in therapists)
    name = therapists[0]["name"]
    assert therapists[0]["id"] in [item["id"] for item in someone.get("/doctors", search=name)["items"]]
    assert someone.get(f"/doctors/{therapists[0]['id']}")["name"] == name
    someone.refused("GET", "/clinics?near=work", 400, "invalid_input")
    someone.refused("GET", "/doctors/d-99999", 404, "not_found")


def test_pages_follow_the_cursor(someone: Person) -> None:
    someone.seeded("verified")
    first = someone.get("/clinics", page_size=100)
    second = someone.get("/clinics", page_size=100, cursor=first["next"])
    ids = [item["id"] for item in first["items"] + second["items"]]
    assert len(set(ids)) == first["total"] == len(ids)
    assert second["next"] is None
    someone.refused("GET", "/clinics?page_size=0", 400, "invalid_input")


def _choice(someone: Person, specialty: str = "therapist") -> tuple[str, str]:
    doctors = someone.get("/doctors", specialty=specialty, page_size=200)["items"]
    open_one = next(item for item in doctors if item["panel_open"])
    return open_one["clinic"]["id"], open_one["id"]


def test_choosing_a_therapist_is_faster_and_can_be_done_later(someone: Person) -> None:
    someone.seeded("verified")
    someone.connect()
    clinic, doctor = _choice(someone)
    slow = someone.attach(clinic_id=clinic)
    assert someone.attach(clinic_id=clinic)["history"] == slow["history"]
    assert slow["expected_by"] == "2026-03-04T10:00:00+03:00"
    fast = someone.attach(doctor_id=doctor)
    assert fast["expected_by"] == "2026-03-02T22:00:00+03:00"
    assert fast["doctor"]["id"] == doctor
    someone.pass_hours(12)
    assert someone.get(f"/applications/{fast['id']}")["status"] == "activated"


def test_choices_that_conflict(someone: Person) -> None:
    someone.seeded("verified")
    clinic, doctor = _choice(someone)
    _, pediatrician = _choice(someone, "pediatrician")
    body = someone.attach(403, clinic_id=clinic)
    assert body["code"] == "consent_required"
    someone.consent()
    assert someone.attach(409, clinic_id=clinic)["reason"] == "not_connected"
    someone.connect()
    hospital = someone.get("/clinics", search="ГКБ")["items"][0]["id"]
    closed = next(item for item in someone.get("/doctors", clinic=clinic)["items"] if not item["panel_open"])
    for choice, reason in (
        ({"doctor_id": pediatrician}, "age_group"),
        ({"clinic_id": clinic, "doctor_id": pediatrician}, "doctor_elsewhere"),
        ({"clinic_id": hospital}, "not_a_polyclinic"),
        ({"doctor_id": closed["id"]}, "panel_closed"),
    ):
        body = someone.attach(409, **choice)
        assert (body["code"], body["reason"]) == ("conflict", reason)
    someone.attach(404, clinic_id="gp-999")
    someone.attach(clinic_id=clinic)
    other = next(item for item in someone.get("/clinics", accepts="adults")["items"] if item["id"] != clinic)
    assert someone.attach(409, clinic_id=other["id"])["reason"] == "other_clinic"
    someone.scenario("closed-panels")
    assert someone.attach(409, doctor_id=doctor)["reason"] == "panel_closed"


def test_cancelling_and_beginning_anew(someone: Person) -> None:
    someone.seeded("verified")
    someone.connect()
    clinic, _ = _choice(someone)
    name = someone.attach(clinic_id=clinic)["id"]
    for _ in range(2):
        assert someone.send("PUT", f"/applications/{name}/cancellation")["status_name"] == "Отменено"
    someone.pass_hours(72)
    assert someone.get(f"/applications/{name}")["status"] == "cancelled"
    again = someone.attach(clinic_id=clinic)
    assert again["id"] != name
    someone.pass_hours(48)
    body = someone.refused("PUT", f"/applications/{again['id']}/cancellation", 409, "conflict")
    assert body["reason"] == "already_activated"
    assert [item["status"] for item in someone.get("/applications")["items"]] == ["activated", "cancelled"]


def test_a_refusal_gives_its_reason_in_the_language_asked_for(someone: Person) -> None:
    someone.seeded("verified")
    someone.connect()
    clinic, _ = _choice(someone)
    someone.attach(clinic_id=clinic)
    someone.scenario("refusal")
    someone.pass_hours(48)
    someone.http.headers["Accept-Language"] = "ru-RU,ru;q=0.9,en;q=0.8"
    application = someone.get("/applications")["items"][0]
    assert (application["status_name"], application["expected_by"]) == ("Отказано", None)
    assert "регистром застрахованных" in application["reason"]
    newest = someone.get("/notifications", unread="true")["items"][0]
    assert newest["title"] == f"По заявке {application['id']} отказано"
    assert newest["contact"]["name"].startswith("Регистратура")
    assert someone.send("PUT", f"/notifications/{newest['id']}/read")["read"]
    assert newest["id"] not in [item["id"] for item in someone.get("/notifications", unread="true")["items"]]


def test_the_physician_is_changed_and_a_move_changes_the_clinic(someone: Person) -> None:
    someone.seeded()
    profile = someone.get("/profile")
    staff = someone.get("/doctors", clinic=profile["clinic"]["id"], specialty="therapist")["items"]
    other = next((item for item in staff if item["panel_open"] and item["id"] != profile["doctor"]["id"]), staff[0])
    someone.attach(doctor_id=other["id"])
    assert someone.get("/profile")["doctor"]["id"] == other["id"]
    elsewhere = someone.get("/clinics", district="Зеленоградский", accepts="adults")["items"][0]
    assert someone.attach(409, clinic_id=elsewhere["id"])["reason"] == "attached_elsewhere"
    moved = someone.send("POST", "/profile/move", json={"residence_address": elsewhere["address"]})
    assert moved["clinic"]["id"] != profile["clinic"]["id"]
    assert moved["doctor"] is None
    assert moved["residence_address"] == elsewhere["address"]
    named = {"residence_address": "г. Москва, где-то", "clinic_id": elsewhere["id"]}
    assert someone.send("POST", "/profile/move", json=named)["clinic"]["id"] == elsewhere["id"]


def test_a_new_phone_waits_for_its_code(someone: Person) -> None:
    someone.seeded()
    body = someone.send("PATCH", "/profile", json={"phone": "+79000000777", "email": "new@example.com"})
    assert body["profile"]["phone"] == PERSON["phone"]
    assert body["profile"]["email"] == "new@example.com"
    answer = {"challenge_id": body["challenge"]["id"], "code": someone.code()}
    assert someone.send("POST", "/profile/phone/confirmation", json=answer)["phone"] == "+79000000777"
    someone.login("+79000000777")
    assert someone.send("PATCH", "/profile", json={"phone": "+79000000777"})["challenge"] is None
    someone.refused("PATCH", "/profile", 400, "invalid_input", json={"phone": "12"})
    someone.refused("PATCH", "/profile", 400, "invalid_input", json={})


def test_a_prescription_is_asked_for_and_written(someone: Person) -> None:
    patient = someone.seeded()["person_id"]
    old = someone.get("/fhir/R4/MedicationRequest", patient=patient, _count=1)["entry"][0]["resource"]
    wish = {"kind": "prescription", "repeat": old["id"], "comment": "заканчивается"}
    made = someone.send("POST", "/requests", 201, json=wish)
    assert made["medicine"] == old["medicationCodeableConcept"]["text"]
    assert someone.send("POST", "/requests", 200, json=wish)["id"] == made["id"]
    someone.pass_hours(1)
    assert someone.get(f"/requests/{made['id']}")["status"] == "in_progress"
    someone.pass_hours(24)
    done = someone.get("/requests")["items"][0]
    assert done["status"] == "done"
    written = someone.get(f"/fhir/R4/{done['result_id']}")
    assert (written["status"], written["subject"]["reference"]) == ("active", f"Patient/{patient}")
    assert someone.send("POST", "/requests", 201, json=wish)["id"] != made["id"]
    missing = wish | {"repeat": "MedicationRequest/nothing"}
    someone.refused("POST", "/requests", 404, "not_found", json=missing)
    someone.refused("POST", "/requests", 400, "invalid_input", json={"kind": "prescription"})
    someone.refused("PUT", f"/requests/{made['id']}/cancellation", 409, "conflict")


def test_a_request_is_cancelled_before_it_is_done(someone: Person) -> None:
    someone.seeded()
    made = someone.send("POST", "/requests", 201, json={"kind": "prescription", "medicine": "Ибупрофен"})
    for _ in range(2):
        assert someone.send("PUT", f"/requests/{made['id']}/cancellation")["status"] == "cancelled"
    someone.pass_hours(48)
    assert someone.get(f"/requests/{made['id']}")["result_id"] is None


def test_before_activation_there_is_nothing_to_ask_for(someone: Person) -> None:
    someone.seeded("verified")
    wish = {"kind": "prescription", "medicine": "Ибупрофен"}
    someone.refused("POST", "/requests", 403, "not_activated", json=wish)
    someone.refused("POST", "/profile/move", 403, "not_activated", json={"residence_address": "г. Москва"})


def test_records_are_transferred_for_a_time(someone: Person) -> None:
    patient = someone.seeded()["person_id"]
    found = someone.get("/fhir/R4/Observation", patient=patient, _count=2)["entry"]
    records = [{"id": f"Observation/{entry['resource']['id']}", "kind": "lab_result"} for entry in found]
    body = {"to": "gp-020", "records": records}
    sent = someone.send("POST", "/transfers", 201, json=body)
    assert sent["expires_at"] == "2026-04-01T10:00:00+03:00"
    assert someone.send("POST", "/transfers", 200, json=body | {"records": records[::-1]})["id"] == sent["id"]
    someone.refused("POST", "/transfers", 400, "invalid_input", json=body | {"expires_at": "2026-01-01T00:00:00Z"})
    foreign = {"to": "gp-020", "records": [{"id": "Observation/nothing", "kind": "lab_result"}]}
    someone.refused("POST", "/transfers", 404, "not_found", json=foreign)
    someone.refused("POST", "/transfers", 400, "invalid_input", json={"to": "gp-020", "records": []})
    second = someone.send("POST", "/transfers", 201, json=body | {"to": "gp-021"})
    revoked = someone.send("PUT", f"/transfers/{second['id']}/revocation")
    assert someone.send("PUT", f"/transfers/{second['id']}/revocation") == revoked
    someone.pass_hours(31 * 24)
    assert [item["status"] for item in someone.get("/transfers")["items"]] == ["revoked", "expired"]


def test_a_child_has_a_card_of_its_own_until_it_is_grown_up(someone: Person) -> None:
    child = someone.seeded()["child_id"]
    someone.connect(person=child)
    _, pediatrician = _choice(someone, "pediatrician")
    someone.attach(person=child, doctor_id=pediatrician)
    someone.pass_hours(12)
    found = someone.get("/fhir/R4/Immunization", patient=child)
    assert found["total"] > 5
    assert someone.get("/persons")["items"][1]["application_status"] == "activated"
    assert someone.get("/profile", person=child)["phone"] is None
    someone.refused("PATCH", f"/profile?person={child}", 400, "invalid_input", json={"phone": "+79000000888"})
    someone.clock(set="2037-06-01T00:00:00+03:00")
    someone.login()
    assert someone.refused("GET", f"/profile?person={child}", 403, "forbidden")["reason"] == "access_ended"
    assert (
        someone.get("/fhir/R4/Immunization", 403, patient=child)["issue"][0]["details"]["coding"][0]["code"]
        == "forbidden"
    )


def test_strangers_do_not_exist_for_each_other(someone: Person) -> None:
    mine = someone.seeded()
    application = someone.get("/applications")["items"][0]["id"]
    note = someone.get("/notifications")["items"][0]["id"]
    someone.seeded(snils="000-000-102 00", phone="+79000000102", last_name="Ольховская")
    for path in (f"/applications/{application}", f"/notifications/{note}", f"/profile?person={mine['person_id']}"):
        someone.refused("GET", path, 404, "not_found")
    assert someone.get(f"/fhir/R4/Patient/{mine['person_id']}", 403)["issue"][0]["code"] == "forbidden"
    assert someone.get("/fhir/R4/Observation", 403, patient=mine["person_id"])["resourceType"] == "OperationOutcome"
    seen = someone.get("/fhir/R4/Patient")["entry"]
    assert mine["person_id"] not in [entry["resource"]["id"] for entry in seen]


def test_an_empty_card_has_a_patient_and_nothing_else(someone: Person) -> None:
    someone.scenario("empty-card")
    patient = someone.seeded()["person_id"]
    assert someone.get("/fhir/R4/Observation", patient=patient)["total"] == 0
    assert someone.get(f"/fhir/R4/Patient/{patient}")["id"] == patient


def test_reading_leaves_one_trace_an_hour(someone: Person) -> None:
    patient = someone.seeded()["person_id"]

    def traces() -> int:
        return int(someone.get("/fhir/R4/AuditEvent", patient=patient, _count=1)["total"])

    before = traces()
    assert traces() == before + 1
    assert traces() == before + 1
    someone.pass_hours(1)
    traces()
    assert traces() == before + 2


def test_fhir_search_by_form_and_errors(someone: Person) -> None:
    patient = someone.seeded()["person_id"]
    form = {"patient": patient, "_count": "3"}
    assert len(someone.send("POST", "/fhir/R4/Observation/_search", data=form)["entry"]) == 3
    assert someone.get("/fhir/R4/Patient/$everything", _count=5)["total"] > 100
    assert someone.get(f"/fhir/R4/Patient/{patient}/$everything", _count=5)["total"] > 100
    assert someone.get("/fhir/R4/metadata")["resourceType"] == "CapabilityStatement"
    someone.get("/fhir/R4/Observation/nothing", 404)
    someone.get("/fhir/R4/Nonsense", None)
    del someone.http.headers["Authorization"]
    someone.get("/fhir/R4/Patient", 401)


def test_the_same_key_answers_the_same(someone: Person) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = someone.send("POST", "/accounts", 201, json=PERSON, headers=key)
    again = someone.send("POST", "/accounts", 201, json=PERSON, headers=key)
    assert again["account"] == first["account"]
    assert again["tokens"]["access_token"] != first["tokens"]["access_token"]
    body = someone.refused("POST", "/accounts", 409, "conflict", json=PERSON | {"first_name": "Вера"}, headers=key)
    assert body["reason"] == "key_reused"
    someone.refused("POST", "/accounts", 400, "invalid_input", json=PERSON, headers={"Idempotency-Key": "k" * 129})
    someone.seeded()
    wish = {"kind": "prescription", "medicine": "Ибупрофен"}
    made = someone.send("POST", "/requests", 201, json=wish, headers=key)
    assert someone.send("POST", "/requests", 201, json=wish, headers=key) == made


def test_the_log_keeps_names_of_parameters_and_no_values(someone: Person) -> None:
    patient = someone.seeded()["person_id"]
    someone.send("DELETE", "/mock/log")
    someone.get("/doctors", search="Снегирёва")
    someone.get("/fhir/R4/Observation", patient=patient, _count=1)
    items = someone.send("GET", "/mock/log")["items"]
    assert [(item["path"], item["status"]) for item in items] == [
        ("/api/v1/doctors?search", 200),
        ("/fhir/R4/Observation?patient&_count", 200),
    ]


def test_the_same_seed_makes_the_same_world(someone: Person) -> None:
    def world(seed: int) -> tuple[object, ...]:
        mock = open_mock(":memory:", seed=seed, speed=0)
        person = in_process(mock)
        person.clock(set="2026-03-02T10:00:00+03:00")
        patient = person.seeded()["person_id"]
        labs = person.get("/fhir/R4/Observation", patient=patient, _count=50)
        seen = person.get("/applications"), person.get("/persons"), labs["entry"]
        person.close()
        mock.close()
        return seen

    assert world(5) == world(5)
    assert world(5) != world(6)


def test_what_is_unknown_says_so(someone: Person) -> None:
    someone.refused("GET", "/nothing", 404, "not_found")
    response = someone.http.post("/.well-known/emk")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")
    assert someone.get("/.well-known/emk")["demo"] is True
    assert someone.get("/openapi.json")["openapi"].startswith("3.1")


def test_a_large_card_keeps_its_number_of_results(someone: Person) -> None:
    someone.send("POST", "/mock/reset", json={"records": 700})
    patient = someone.seeded()["person_id"]
    found = someone.get("/fhir/R4/Observation", patient=patient, category="laboratory", _count=1)
    assert found["total"] == 700
