"""The mock's login page in a real browser, and its ESIA with GOST signatures made by OpenSSL."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from emkcli.mock.seeding import PERSON
from tests.conftest import Emk
from tests.mock.visitor import Visitor
from tests.slow.at_a_desk import log_in_by_browser
from tests.slow.browsing import browser, inbox
from tests.slow.test_gost import Pair, streebog

PHONE = PERSON["phone"]


@pytest.fixture
def served() -> Iterator[str]:
    command = [sys.executable, "-m", "emkcli", "mock", "serve"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    url = json.loads(process.stdout.readline())["url"]
    httpx.post(f"{url}/mock/seed", json={"state": "activated"}, trust_env=False).raise_for_status()
    yield url
    process.terminate()
    process.communicate()


@pytest.mark.parametrize("door", ["embedded", "http"])
def test_a_person_in_a_browser(
    door: str, emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """By its labels and buttons; a wrong code first, then the one of the inbox; the page ends where `emk` waits."""
    if door == "http":
        monkeypatch.setenv("EMK_BACKEND", "http")
        monkeypatch.setenv("EMK_URL", request.getfixturevalue("served"))
    else:
        emk("mock", "seed", "--state", "activated")
    visit = log_in_by_browser(tmp_path, monkeypatch, "--mock", PHONE)
    assert visit.code == 0, visit.said
    assert "You can close this page" in visit.page
    assert emk("whoami", "--json").item["trust"] == "confirmed"
    assert emk("card", "labs", "--limit", "1", "--json").items
    assert dict(parse_qsl(urlsplit(visit.landed).query))["code"] not in visit.said + visit.page


def test_nothing_but_the_form_is_on_the_page(served: str) -> None:
    """The policy of the page is one that the browser keeps without a complaint; a narrow screen needs no scrolling."""
    with browser() as page:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.set_viewport_size({"width": 320, "height": 640})
        query = "client_id=emk&redirect_uri=http://127.0.0.1:9/callback&response_type=code&scope=openid"
        page.goto(f"{served}/oauth2/authorize?{query}&code_challenge={'a' * 43}&code_challenge_method=S256")
        assert page.evaluate("getComputedStyle(document.querySelector('label')).display") == "block"
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert said == []


@pytest.mark.parametrize("how", [{}, {"reverse": "1", "pkce": "1"}, {"signature": "cms"}, {"generation": "legacy"}])
def test_esia_with_gost(served: str, emk: Emk, tmp_path: Path, how: dict[str, str]) -> None:
    """OpenSSL signs for the client, OpenSSL checks for the mock; the hash is the one gostcrypto computes."""
    system = Pair(tmp_path, "system")
    body = {"redirect_uris": ["http://127.0.0.1/callback"], "certificate": system.certificate.read_text()}
    registered = httpx.put(f"{served}/mock/clients/EMK01", json=body, trust_env=False).json()
    assert registered["certificate_hash"] == streebog(system.der).hex()
    (tmp_path / "esia.pem").write_text(registered["esia_certificate"])
    settings = {
        "backend": "gosuslugi",
        "url": served,
        "client_id": "EMK01",
        "esia.key": str(system.key),
        "esia.certificate": str(system.certificate),
        "esia.esia_certificate": str(tmp_path / "esia.pem"),
        **{f"esia.{name}": value for name, value in how.items()},
    }
    for key, value in settings.items():
        assert emk("config", "set", key, value).code == 0
    assert visited(served) == 0
    assert emk("whoami", "--json").item["phone"] == "+7 *** ***-**-01"
    other = Pair(tmp_path, "other")
    emk("config", "set", "esia.key", str(other.key))
    if how.get("signature") == "cms" or "generation" in how:
        emk("config", "set", "esia.certificate", str(other.certificate))
        emk("config", "set", "esia.certificate_hash", streebog(system.der).hex())
    httpx.post(f"{served}/mock/clock", json={"advance": 61}, trust_env=False)
    assert visited(served) == 5
    assert emk("whoami", "--json").code == 0


def test_emk_as_a_smart_program(served: str, emk: Emk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A standalone launch at the mock's FHIR server: what is granted is what was asked for, and it is renewed."""
    for name, value in {"BACKEND": "fhir", "URL": f"{served}/fhir/R4", "CLIENT_ID": "emk"}.items():
        monkeypatch.setenv(f"EMK_{name}", value)
    assert visited(served) == 0
    status = emk("auth", "status", "--json").item
    assert (status["scope"], status["refreshable"]) == (
        "launch/patient patient/*.rs openid fhirUser offline_access",
        True,
    )
    count = emk("card", "labs", "--limit", "1", "--json").json["total"]
    assert count > 100
    httpx.post(f"{served}/mock/clock", json={"advance": 2 * 3600}, trust_env=False)
    assert emk("card", "labs", "--limit", "1", "--json").json["total"] == count, "the token ran out and came anew"
    monkeypatch.setenv("EMK_SCOPE", "launch/patient patient/Patient.rs patient/AllergyIntolerance.rs openid fhirUser")
    assert visited(served) == 0
    status = emk("auth", "status", "--json").item
    assert (status["scope"], status["refreshable"]) == (
        "launch/patient patient/Patient.rs patient/AllergyIntolerance.rs openid fhirUser",
        False,
    )
    read = emk("card", "allergies", "--json")
    assert read.code == 0, read.err
    assert emk("card", "labs", "--json").code == 5


def visited(served: str) -> int:
    """`emk login` as a process with somebody who opens the address it prints; its exit code."""
    line = [sys.executable, "-m", "emkcli", "login", "--method", "browser", "--no-browser", "--insecure-storage"]
    process = subprocess.Popen(
        line, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stderr
    address = next(word for said in process.stderr for word in shlex.split(said) if word.startswith(served))
    with httpx.Client(trust_env=False) as http:
        visitor = Visitor(http).open(address)
        if not visitor.address:
            visitor.press("send", who=PHONE).press("enter", code=inbox(served))
        http.get(visitor.address)
    process.communicate(timeout=60)
    return process.returncode
