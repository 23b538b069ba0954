"""People that the mock draws, and what becomes of them in a scenario."""

from __future__ import annotations

import json
import re
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli.mock.accounts import snils_is_sound
from emkcli.mock.application import open_mock
from emkcli.mock.newcomers import _person
from emkcli.mock.places import locate
from emkcli.mock.seeding import PERSON
from emkcli.registration import identifiers
from tests.conftest import ROOT, Emk

from .person import Person, in_process


def another(someone: Person, state: str = "registered", **wish: object) -> dict[str, object]:
    made: dict[str, object] = someone.send("POST", "/mock/seed", 201, json={"state": state, "another": True, **wish})
    return made


def drawn(seed: int, count: int) -> list[tuple[object, object]]:
    mock = open_mock(":memory:", speed=0, seed=seed)
    someone = in_process(mock)
    people = [another(someone) for _ in range(count)]
    someone.close()
    mock.close()
    return [(person["name"], person["phone"]) for person in people]


def test_each_call_makes_somebody_else_and_the_same_seed_the_same_people() -> None:
    people = drawn(1, 60)
    assert len({phone for _, phone in people}) == 60
    assert len({name for name, _ in people}) > 50
    assert people[:5] == drawn(1, 5)
    assert not set(people) & set(drawn(2, 60))


@settings(max_examples=60)
@given(seed=st.integers(0, 10**9), number=st.integers(100_000, 999_999))
def test_whoever_is_drawn_could_register(seed: int, number: int) -> None:
    person = _person(seed, number)
    assert person["snils"].startswith("000-")
    assert identifiers.snils(person["snils"]) == person["snils"]
    digits = [int(sign) for sign in person["snils"] if sign.isdigit()]
    assert digits[9] * 10 + digits[10] == sum(digit * (9 - turn) for turn, digit in enumerate(digits[:9])) % 101 % 100
    assert snils_is_sound(person["snils"])
    assert identifiers.phone(person["phone"]) == person["phone"]
    assert person["phone"].startswith("+7900")
    for name in ("last_name", "first_name", "middle_name"):
        assert identifiers.name(person[name]) == person[name]
    assert person["middle_name"].endswith("вна" if person["sex"] == "female" else "вич")
    assert not locate(person["residence_address"]).approximate
    assert int(person["passport"]["issued_on"][:4]) - int(person["birth_date"][:4]) == 20


def test_somebody_new_is_as_whole_as_the_one_of_always(someone: Person) -> None:
    first = someone.send("POST", "/mock/seed", 201, json={})
    other = another(someone, "activated", records=12, person={"first_name": "Проба"})
    assert first["phone"] == PERSON["phone"] != other["phone"]
    assert str(other["name"]).split()[1] == "Проба"
    someone.login(str(other["phone"]))
    labs = someone.get("/fhir/R4/Observation", patient=other["person_id"], category="laboratory", _summary="count")
    assert labs["total"] == 12
    someone.login()
    mine = someone.get("/fhir/R4/Observation", patient=first["person_id"], category="laboratory", _summary="count")
    assert mine["total"] > 100, "the size was one person's"
    assert someone.http.get(f"/fhir/R4/Patient/{other['person_id']}").status_code == 403


def test_a_size_that_comes_too_late_is_refused(someone: Person) -> None:
    someone.send("POST", "/mock/seed", 201, json={})
    late = someone.send("POST", "/mock/seed", 409, json={"records": 5})
    assert (late["code"], late["reason"]) == ("conflict", "card_open")
    early = someone.send("POST", "/mock/seed", 400, json={"records": 5, "state": "verified", "another": True})
    assert early["fields"] == [{"field": "records", "rule": "state"}]


def test_the_child_of_whoever_is_activated_has_a_card(someone: Person) -> None:
    before = someone.send("POST", "/mock/seed", 201, json={})
    assert someone.login()
    refused = someone.get(f"/fhir/R4/Patient/{before['child_id']}", 403)
    assert refused["issue"][0]["details"]["coding"][0]["code"] == "not_activated"
    someone.scenario("child")
    assert someone.get(f"/fhir/R4/Patient/{before['child_id']}")["birthDate"] > "2015"
    made = another(someone, "activated")
    someone.login(str(made["phone"]))
    assert someone.get("/fhir/R4/Observation", patient=made["child_id"], _summary="count")["total"] > 50
    [own, child] = someone.get("/persons")["items"]
    assert (own["application_status"], child["application_status"]) == ("activated", "activated")


def test_the_child_of_who_walked_the_whole_way(someone: Person) -> None:
    someone.scenario("child")
    found = someone.seeded("verified")
    someone.connect()
    someone.attach(clinic_id="gp-001")
    assert [one["application_status"] for one in someone.get("/persons")["items"]] == ["submitted", None]
    someone.pass_hours(48)
    assert [one["application_status"] for one in someone.get("/persons")["items"]] == ["activated", "activated"]
    assert someone.get(f"/fhir/R4/Patient/{found['child_id']}")["id"] == found["child_id"]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_consent_that_was_withdrawn_elsewhere(someone: Person, is_first: bool) -> None:
    if is_first:
        someone.scenario("consent-withdrawn")
    patient = someone.seeded()["person_id"]
    if not is_first:
        assert someone.get(f"/fhir/R4/Patient/{patient}")["id"] == patient
        someone.scenario("consent-withdrawn")
    refused = someone.get("/fhir/R4/Observation", 403, patient=patient)
    [issue] = refused["issue"]
    assert issue["details"]["coding"][0]["code"] == "consent_required"
    assert [part["valueString"] for part in issue["extension"]] == ["medical-data@1"]
    consents = {item["id"]: item for item in someone.get("/consents")["items"]}
    assert (consents["medical-data"]["status"], consents["egisz-transfer"]["status"]) == ("revoked", "accepted")
    assert consents["medical-data"]["revoked_at"]
    someone.consent()
    assert someone.get(f"/fhir/R4/Patient/{patient}")["id"] == patient, "given again, it holds"


def test_every_answer_is_slow(someone: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    someone.seeded("verified")
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    someone.scenario("slow")
    assert someone.get("/profile")["name"]
    assert someone.http.get("/nowhere").status_code == 404
    assert slept == [2.0, 2.0]
    assert someone.http.get("/healthz").status_code == 200
    someone.scenario("happy")
    assert someone.get("/profile")["name"]
    assert slept == [2.0, 2.0], "neither what ends it, nor what comes after"


def test_the_words_of_the_command_are_those_of_the_mock(emk: Emk) -> None:
    from emkcli.commands import mock as commands
    from emkcli.mock import control, faults, seeding

    assert commands.SCENARIOS == control.SCENARIOS
    assert commands.FAULTS == faults.KINDS
    assert commands.STATES == seeding.STATES
    help_text = " ".join(emk("mock", "fault", "--help").out.split())
    assert all(kind in help_text for kind in faults.KINDS)
    page = (ROOT / "docs" / "mock.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    assert rows == [*control.SCENARIOS, *faults.KINDS]


def test_a_card_has_an_end(someone: Person) -> None:
    for path in ("/mock/seed", "/mock/reset"):
        told = someone.send("POST", path, 400, json={"records": 100_001})
        assert told["fields"] == [{"field": "records", "rule": "format"}]
    assert someone.send("POST", "/mock/reset", json={"records": 100_000})["records"] == 100_000
    snapshot = someone.http.get("/mock/state").content
    assert b'"100000"' in snapshot
    body, _, _ = snapshot.replace(b'"100000"', b'"100001"').rstrip(b"\n").rpartition(b"\n")
    body += b"\n"
    last = {"rows": body.count(b"\n") - 1, "sha256": sha256(body).hexdigest()}
    larger = body + json.dumps(last).encode() + b"\n"
    refused = someone.http.put("/mock/state", content=larger, headers={"Content-Type": "application/jsonl"})
    assert (refused.status_code, refused.json()["reason"]) == (400, "snapshot_damaged")


def test_an_email_has_no_control_characters(someone: Person) -> None:
    for email in ("a\x85@b.example", "a@b\x1f.example", "a\ufeff@b.example"):
        told = someone.send("POST", "/mock/seed", 400, json={"person": {"email": email}})
        assert told["code"] == "invalid_input"
