"""The page at `/`: what it shows to a person at this machine, and to nobody else."""

from __future__ import annotations

import httpx
import pytest

from emkcli.mock.application import Mock
from emkcli.mock.control import SCENARIOS

from .person import Person

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
OWN = {"Origin": "http://embedded"}


def page(someone: Person, status: int = 200, **headers: str) -> str:
    response = someone.http.get("/", headers=BROWSER | headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src" not in response.headers["content-security-policy"]
    assert "<script" not in response.text
    return response.text


def press(someone: Person, status: int = 303, headers: dict[str, str] = OWN, **form: str) -> httpx.Response:
    response = someone.http.post("/", data=form, headers=headers)
    assert response.status_code == status, response.text
    return response


def test_a_program_gets_json_there(someone: Person) -> None:
    for accepted in ("*/*", "application/json", ""):
        response = someone.http.get("/", headers={"Accept": accepted})
        assert response.json()["demo"] is True
        assert response.headers["vary"].startswith("Accept")


def test_it_shows_people_clock_inbox_and_journal(someone: Person) -> None:
    person = someone.seeded()
    someone.get("/clinics", search="секрет")
    shown = page(someone)
    assert person["phone"] in shown
    assert someone.code() in shown
    assert "2026-03-02T10:00:00+03:00" in shown
    assert "/api/v1/clinics?search" in shown
    assert "секрет" not in shown
    assert f"{someone.tokens['access_token']}" not in shown
    assert "Часы" in page(someone, **{"Accept-Language": "ru"})


def test_its_buttons_do_what_emk_mock_does(someone: Person) -> None:
    assert press(someone, action="seed").headers["location"] == "http://embedded/"
    press(someone, action="seed")
    first, second = (part for part in page(someone).split("<tr>") if "+79" in part and "confirmed" in part)
    assert first != second
    before = someone.send("GET", "/mock/clock")["now"]
    press(someone, action="advance", hours="24")
    assert someone.send("GET", "/mock/clock")["now"] == before.replace("-02T", "-03T")
    press(someone, action="scenario", name="refusal")
    assert someone.send("GET", "/mock/scenario") == {"name": "refusal"}
    assert "<option selected>refusal" in page(someone)
    press(someone, action="reset")
    assert "+79" not in page(someone)


def test_the_next_event_is_one_press_away(someone: Person) -> None:
    someone.seeded("registered")
    someone.http.headers.pop("Authorization")
    someone.login()
    someone.verify()
    assert "verification_reviewed" in page(someone)
    press(someone, action="next")
    assert "verification_reviewed" not in page(someone)


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://embedded:81"}]
)
def test_a_form_of_another_page_does_nothing(someone: Person, headers: dict[str, str]) -> None:
    someone.seeded()
    response = press(someone, 403, headers, action="reset")
    assert response.json()["code"] == "forbidden"
    assert "+79" in page(someone)


def test_another_page_reads_nothing(someone: Person) -> None:
    person = someone.seeded()
    shown = page(someone, Origin="http://evil.example")
    assert person["phone"] not in shown
    assert someone.code() not in shown


@pytest.mark.parametrize("host", ["evil.example", "192.0.2.7:80"])
def test_under_another_name_it_shows_nothing(someone: Person, host: str) -> None:
    person = someone.seeded()
    assert person["phone"] not in page(someone, Host=host)
    press(someone, 403, {"Origin": f"http://{host}", "Host": host}, action="reset")
    assert person["phone"] in page(someone)


def test_a_guarded_server_shows_nothing(mock: Mock, someone: Person) -> None:
    person = someone.seeded()

    def guarded(environ: dict[str, object], start: object) -> object:
        return mock(environ | {"emk.control_token": "token"}, start)  # type: ignore[arg-type]

    with httpx.Client(transport=httpx.WSGITransport(app=guarded), base_url="http://embedded") as http:  # type: ignore[arg-type]
        assert person["phone"] not in http.get("/", headers=BROWSER).text
        assert http.post("/", data={"action": "reset"}, headers=OWN).status_code == 403


@pytest.mark.parametrize("form", [{}, {"action": "x"}, {"action": "advance", "hours": "9"}, {"action": "scenario"}])
def test_a_button_that_there_is_not(someone: Person, form: dict[str, str]) -> None:
    assert press(someone, 400, **form).json()["code"] == "invalid_input"


def test_texts_of_others_stay_texts(someone: Person) -> None:
    person = {"last_name": "<b>Пробная</b>", "first_name": "Анна"}
    refused = someone.http.post("/mock/seed", json={"state": "registered", "person": person})
    someone.http.get("/api/v1/<script>alert(1)</script>")
    shown = page(someone)
    assert "<b>Пробная" not in shown
    assert "<script" not in shown
    assert refused.status_code in (201, 400)


def test_every_scenario_can_be_chosen(someone: Person) -> None:
    shown = page(someone)
    assert all(f">{name}</option>" in shown for name in SCENARIOS)
