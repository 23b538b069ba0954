"""Virtual time: one clock for everybody, and what happens when it passes."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest

from emkcli.mock import clock
from emkcli.mock.application import Mock, open_mock

from .conftest import START
from .person import HOUR, Person, in_process


def test_the_clock_stands_moves_and_runs(someone: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert someone.clock(advance=90)["now"] == "2026-03-02T10:01:30+03:00"
    assert someone.clock(set="2026-03-02T08:00:00Z")["now"] == "2026-03-02T11:00:00+03:00"
    assert someone.clock(speed=3600) == {"now": "2026-03-02T11:00:00+03:00", "speed": 3600.0, "next_event": None}
    wall = time.time()
    monkeypatch.setattr(time, "time", lambda: wall + 10)
    passed = datetime.fromisoformat(someone.send("GET", "/mock/clock")["now"]) - datetime.fromisoformat(START)
    assert passed >= timedelta(hours=11)


def test_a_clock_that_was_told_its_speed_at_opening() -> None:
    mock = open_mock(":memory:", speed=0)
    person = in_process(mock)
    before = person.send("GET", "/mock/clock")
    time.sleep(0.01)
    assert person.send("GET", "/mock/clock") == before
    person.close()
    mock.close()


@pytest.mark.parametrize(
    "move", [{}, {"advance": -1}, {"set": "tomorrow"}, {"speed": "fast"}, {"jump": 1}, {"next": 1}]
)
def test_moves_that_make_no_sense(someone: Person, move: dict[str, object]) -> None:
    someone.refused("POST", "/mock/clock", 400, "invalid_input", json=move)


def test_the_date_header_is_mock_time(someone: Person) -> None:
    response = someone.http.get("/.well-known/emk")
    assert response.headers["date"] == "Mon, 02 Mar 2026 07:00:00 GMT"


def test_time_ends_in_2100(someone: Person) -> None:
    assert someone.clock(set="9000-01-01T00:00:00Z")["now"].startswith("2100-01-01")
    someone.clock(advance=10**9)
    someone.get("/.well-known/emk")


def test_the_next_event_can_be_waited_for(someone: Person) -> None:
    someone.register()
    someone.verify()
    upcoming = someone.send("GET", "/mock/clock")["next_event"]
    assert upcoming["what"] == "verification_reviewed"
    started = datetime.fromisoformat(START)
    assert timedelta(minutes=10) <= datetime.fromisoformat(upcoming["at"]) - started <= timedelta(minutes=60)
    moved = someone.clock(next=True)
    assert moved["now"] == upcoming["at"]
    assert moved["next_event"] is None
    assert someone.get("/account")["trust"] == "confirmed"
    assert someone.clock(next=True)["now"] == upcoming["at"]


def _submitted(someone: Person, **choice: str) -> dict[str, object]:
    someone.seeded("verified")
    someone.connect()
    clinic = someone.get("/clinics", accepts="adults")["items"][0]["id"]
    application: dict[str, object] = someone.attach(clinic_id=clinic, **choice)
    return application


def test_an_application_takes_a_day_or_two(someone: Person) -> None:
    submitted = _submitted(someone)
    assert submitted["expected_by"] == "2026-03-04T10:00:00+03:00"
    taken = someone.clock(next=True)
    assert (
        timedelta(hours=1) <= datetime.fromisoformat(taken["now"]) - datetime.fromisoformat(START) <= timedelta(hours=6)
    )
    assert taken["next_event"]["what"] == "application_decided"
    decided = someone.clock(next=True)
    waited = datetime.fromisoformat(decided["now"]) - datetime.fromisoformat(START)
    assert timedelta(hours=24) <= waited <= timedelta(hours=48)
    someone.refresh()
    assert someone.get("/applications")["items"][0]["activated_at"] == decided["now"]


def test_everything_due_happens_in_order_and_at_its_own_moment(someone: Person) -> None:
    _submitted(someone)
    someone.pass_hours(24 * 7)
    application = someone.get("/applications")["items"][0]
    times = [step["at"] for step in application["history"]]
    assert times == sorted(times)
    assert application["activated_at"] == times[-1] < "2026-03-04T10:00:01"
    notes = someone.get("/notifications")["items"]
    assert [note["at"] for note in notes] == sorted((note["at"] for note in notes), reverse=True)


def test_the_record_ends_on_the_day_it_was_opened(someone: Person) -> None:
    _submitted(someone)
    someone.pass_hours(24 * 30)
    patient = someone.tokens["patient"]
    newest = someone.get("/fhir/R4/Observation", patient=patient, _sort="-date", _count=1)["entry"][0]["resource"]
    assert newest["effectiveDateTime"] < "2026-03-05"


def test_reviews_are_decided_by_the_seed() -> None:
    def review(seed: int) -> str:
        mock = open_mock(":memory:", seed=seed, speed=0)
        person = in_process(mock)
        person.clock(set=START)
        person.register()
        person.verify()
        at: str = person.send("GET", "/mock/clock")["next_event"]["at"]
        person.close()
        mock.close()
        return at

    assert review(1) == review(1)
    assert len({review(seed) for seed in range(5)}) > 1


def test_reset_forgets_everybody_and_keeps_the_seed(someone: Person) -> None:
    someone.seeded("activated")
    someone.scenario("refusal")
    someone.send("POST", "/mock/faults", 201, json={"kind": "5xx", "path": "/api"})
    assert someone.send("POST", "/mock/reset", json={}) == {"seed": 1, "records": None}
    assert someone.send("GET", "/mock/scenario") == {"name": "happy"}
    assert someone.send("GET", "/mock/faults") == {"items": []}
    assert someone.send("GET", "/mock/inbox") == {"items": []}
    someone.refused("GET", "/account", 401, "session_lost")
    assert someone.send("POST", "/mock/reset", json={"seed": 7})["seed"] == 7


def test_seeding_again_finds_the_same_person(someone: Person) -> None:
    first = someone.send("POST", "/mock/seed", 201, json={"state": "registered"})
    assert (first["trust"], first["child_id"]) == ("simplified", None)
    assert first["snils"] == "***-***-*** 00"
    second = someone.send("POST", "/mock/seed", 201, json={})
    assert (second["person_id"], second["trust"]) == (first["person_id"], "confirmed")
    assert someone.send("POST", "/mock/seed", 201, json={"state": "registered"}) == second
    someone.refused("POST", "/mock/seed", 400, "invalid_input", json={"person": {"sex": "unknown"}})


@pytest.mark.parametrize(
    ("host", "headers", "status"),
    [
        ("http://127.0.0.1:8000", {}, 200),
        ("http://localhost", {}, 200),
        ("http://[::1]:80", {}, 200),
        ("http://embedded", {}, 200),
        ("http://emk.example.com", {}, 404),
        ("http://127.0.0.1.example.com", {}, 404),
        ("http://localhost", {"Origin": "https://example.com"}, 404),
    ],
)
def test_control_is_for_this_machine_only(someone: Person, host: str, headers: dict[str, str], status: int) -> None:
    assert someone.http.get(f"{host}/mock/clock", headers=headers).status_code == status


def test_dates_after_years() -> None:
    leap = datetime(2012, 2, 29).date()
    assert str(clock.years_after(leap, 18)) == "2030-03-01"
    assert clock.header(0) == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert clock.parse("2026-03-02T10:00:00") == clock.parse(START)
    assert HOUR == clock.HOUR


def test_one_moment_for_two_clients(mock: Mock) -> None:
    one, two = in_process(mock), in_process(mock)
    one.clock(set=START)
    assert two.send("GET", "/mock/clock")["now"] == START
    one.close()
    two.close()
