"""The login page as a person meets it, and the OpenID provider behind it."""

from __future__ import annotations

import base64
import hashlib
import re
import sqlite3
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet

from emkcli.mock.application import open_mock
from emkcli.mock.seeding import PERSON

from .person import Person
from .visitor import Visitor

PHONE = PERSON["phone"]
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
REDIRECT = "http://127.0.0.1:4711/callback"
ASKED = {
    "client_id": "emk",
    "redirect_uri": REDIRECT,
    "response_type": "code",
    "scope": "openid offline_access patient/*.read portal",
    "state": "the-state",
    "nonce": "the-nonce",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
GRANT = {"grant_type": "authorization_code", "client_id": "emk", "redirect_uri": REDIRECT, "code_verifier": VERIFIER}


def address(**changes: str | None) -> str:
    return "/oauth2/authorize?" + urlencode({k: v for k, v in (ASKED | changes).items() if v is not None})


@pytest.fixture
def visitor(someone: Person) -> Visitor:
    someone.send("POST", "/mock/seed", 201, json={"state": "verified"})
    return Visitor(someone.http)


def test_from_the_page_to_the_account(someone: Person, visitor: Visitor) -> None:
    back = visitor.log_in(address(), PHONE, someone.code)
    assert (back["state"], back["iss"]) == ("the-state", "http://embedded")
    assert not [one for one in visitor.seen if PHONE[2:] in one or someone.code() in one], (
        "nothing secret in an address"
    )
    tokens = someone.send("POST", "/oauth2/token", data=GRANT | {"code": back["code"]})
    someone.use(tokens)
    account = someone.get("/account")
    assert account["id"] == tokens["patient"]
    found = jwt.decode(tokens["id_token"], KeySet.import_key_set(someone.get("/oauth2/jwks")), algorithms=["RS256"])
    named = {name: found.claims[name] for name in ("iss", "aud", "sub", "nonce")}
    assert named == {"iss": "http://embedded", "aud": "emk", "sub": account["id"], "nonce": "the-nonce"}
    someone.refresh()
    assert someone.get("/services")["items"]


def test_a_wrong_code_then_too_many_then_a_new_one(someone: Person, visitor: Visitor) -> None:
    visitor.open(address()).press("send", who=PHONE)
    first = someone.code()
    wrong = f"{(int(first) + 1) % 1_000_000:06d}"
    for _ in range(3):
        visitor.press("enter", code=wrong)
        assert (visitor.status, visitor.problem) == (400, "The code is wrong.")
    assert visitor.press("enter", code=first).status == 429
    assert "too often" in visitor.problem
    visitor.press("again")
    assert "60 s" in visitor.problem
    someone.clock(advance=61)
    visitor.press("again")
    assert visitor.problem == ""
    assert visitor.press("enter", code=someone.code()).back["code"]


def test_a_code_that_is_too_late_and_a_page_that_is(someone: Person, visitor: Visitor) -> None:
    visitor.open(address()).press("send", who=PHONE)
    someone.clock(advance=301)
    visitor.press("enter", code=someone.code())
    assert "expired" in visitor.problem
    someone.clock(advance=1800)
    visitor.press("again")
    assert "emk login" in visitor.problem


def test_another_person_cancels_and_the_back_button_leads_nowhere(someone: Person, visitor: Visitor) -> None:
    visitor.open(address()).press("send", who="000-000-999 99")
    visitor.press("other")
    assert visitor.press("send", who=PHONE).problem == ""
    page = visitor.page
    assert visitor.press("cancel").back["error"] == "access_denied"
    visitor.page = page
    visitor.press("enter", code=someone.code())
    assert (visitor.status, "ended" in visitor.problem) == (400, True)


def test_a_blocked_account(someone: Person, visitor: Visitor) -> None:
    someone.send("POST", "/mock/blocked", json={"phone": PHONE, "blocked": True})
    someone.send("POST", "/mock/blocked", 404, json={"phone": "+79000000999", "blocked": True})
    visitor.open(address()).press("send", who=PHONE).press("enter", code=someone.code())
    assert (visitor.status, "blocked" in visitor.problem) == (403, True)
    assert visitor.press("back").back["error"] == "access_denied"


@pytest.mark.parametrize(
    "typed",
    [
        "+79000000101",
        "8 (900) 000-01-01",
        "900 000 01 01",
        "79000000101",
        "000-000-101 00",
        "000-000-101-00",
        "00000010100",
    ],
)
def test_however_a_person_writes_it(someone: Person, visitor: Visitor, typed: str) -> None:
    assert visitor.log_in(address(), typed, someone.code)["code"]


def test_nobody_learns_who_has_an_account(someone: Person, visitor: Visitor) -> None:
    known = visitor.open(address()).press("send", who=PHONE).page
    unknown = visitor.open(address()).press("send", who="+79000000999").page
    handle = re.compile(r'name="login" value="[^"]+"')
    assert handle.sub("", known) == handle.sub("", unknown)
    someone.clock(advance=1)
    assert visitor.press("enter", code="000000").problem == "The code is wrong."


def test_the_page_speaks_russian_and_every_field_has_its_label(someone: Person) -> None:
    visitor = Visitor(someone.http, "ru-RU,ru;q=0.9").open(address())
    assert '<html lang="ru">' in visitor.page
    assert "Телефон или СНИЛС" in visitor.page
    visitor.press("send", who="кто я")
    assert "Это не телефон" in visitor.problem
    assert 'aria-describedby="problem"' in visitor.page


@pytest.mark.parametrize(
    "change", [{"client_id": "stranger"}, {"redirect_uri": "http://evil.example/callback"}, {"redirect_uri": None}]
)
def test_a_stranger_gets_no_answer(someone: Person, change: dict[str, str | None]) -> None:
    visitor = Visitor(someone.http).open(address(**change))
    assert (visitor.status, visitor.address) == (400, "")
    assert "not registered" in visitor.problem


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"aud": "https://other.example/fhir"}, "invalid_request"),
        ({"scope": "system/*.rs everything patient/Nothing.read"}, "invalid_scope"),
    ],
)
def test_a_wrong_request_goes_back_with_its_error(someone: Person, change: dict[str, str | None], error: str) -> None:
    back = Visitor(someone.http).open(address(**change)).back
    assert (back["error"], back["state"]) == (error, "the-state")


def test_a_parameter_is_there_once(someone: Person) -> None:
    assert Visitor(someone.http).open(address() + "&nonce=other").back["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code": "nothing"}, "invalid_grant"),
        ({"client_id": "stranger"}, "invalid_client"),
        ({"redirect_uri": "http://127.0.0.1:4712/callback"}, "invalid_grant"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
    ],
)
def test_a_wrong_exchange(someone: Person, visitor: Visitor, change: dict[str, str], error: str) -> None:
    code = visitor.log_in(address(), PHONE, someone.code)["code"]
    refused = someone.send("POST", "/oauth2/token", 400, data=GRANT | {"code": code} | change)
    assert refused["error"] == error


@pytest.mark.parametrize(("seconds", "status"), [(239, 200), (240, 400)])
def test_how_long_a_code_lasts(someone: Person, visitor: Visitor, seconds: int, status: int) -> None:
    code = visitor.log_in(address(), PHONE, someone.code)["code"]
    someone.clock(advance=seconds)
    someone.send("POST", "/oauth2/token", status, data=GRANT | {"code": code})


def test_a_code_that_comes_twice_ends_what_it_began(someone: Person, visitor: Visitor) -> None:
    code = visitor.log_in(address(), PHONE, someone.code)["code"]
    someone.use(someone.send("POST", "/oauth2/token", data=GRANT | {"code": code}))
    someone.get("/account")
    assert someone.send("POST", "/oauth2/token", 400, data=GRANT | {"code": code})["error"] == "invalid_grant"
    someone.refused("GET", "/account", 401, "session_lost")


def test_a_key_for_each_state_that_outlives_the_process(tmp_path: Path) -> None:
    def keys() -> Any:
        mock = open_mock(tmp_path / "mock.sqlite3")
        with httpx.Client(transport=httpx.WSGITransport(app=mock), base_url="http://embedded") as http:
            found = http.get("/oauth2/jwks").json()
        mock.close()
        return found

    assert keys() == keys()


def test_a_state_of_the_version_before_is_brought_up_to_date(tmp_path: Path) -> None:
    place = tmp_path / "mock.sqlite3"
    open_mock(place).close()
    with sqlite3.connect(place) as db:
        for table in ("keys", "clients", "logins", "grants", "seen_states", "blocked", "bulk_exports", "bulk_files"):
            db.execute(f"DROP TABLE {table}")
        for column in ("rate", "drawn"):
            db.execute(f"ALTER TABLE faults DROP COLUMN {column}")
        db.execute("PRAGMA user_version = 1")
    db.close()
    mock = open_mock(place)
    with httpx.Client(transport=httpx.WSGITransport(app=mock), base_url="http://embedded") as http:
        assert http.get("/oauth2/jwks").status_code == 200
    mock.close()


def test_only_this_machine_registers_programs(someone: Person) -> None:
    body = {"redirect_uris": ["http://127.0.0.1/other"]}
    assert someone.send("PUT", "/mock/clients/emk", json=body)["certificate_hash"] is None
    assert Visitor(someone.http).open(address(redirect_uri="http://127.0.0.1:8765/other")).status == 200
    someone.send("PUT", "/mock/clients/emk", 404, json=body, headers={"Origin": "http://evil.example"})
    for wrong in ({"redirect_uris": []}, {"redirect_uris": ["javascript:x"]}, body | {"certificate": "no PEM"}):
        someone.send("PUT", "/mock/clients/emk", 400, json=wrong)


@given(scope=st.text(max_size=40), state=st.text(max_size=20), who=st.text(max_size=30), code=st.text(max_size=10))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_is_text_on_the_page(someone: Person, scope: str, state: str, who: str, code: str) -> None:
    page = Visitor(someone.http).open(address(scope="openid " + scope + "<script>&\"'", state=state)).page
    assert escape(scope + "<script>&\"'") in page or "\r" in scope or "\x00" in scope
    [handle] = re.findall(r'name="login" value="([^"]+)"', page)
    answer = someone.http.post("/login", data={"login": handle, "who": who, "code": code})
    assert answer.status_code in (200, 400, 429)
    assert "<script" not in page + answer.text
