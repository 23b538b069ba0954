"""`emk login` in a browser and on another device, as a real process against a provider on loopback."""

from __future__ import annotations

import json
import re
import shlex
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pexpect
import pytest

from emkcli.usecases.onboarding import provider_login
from tests.conftest import Emk, Result
from tests.provider import CLIENT, Provider, running

from .mock_login import Browsing

EMK = (sys.executable, "-m", "emkcli")
LOGIN = ("login", "--insecure-storage")
Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with running(Provider()) as one:
        for name, value in (("BACKEND", "fhir"), ("URL", one.fhir), ("CLIENT_ID", CLIENT)):
            monkeypatch.setenv(f"EMK_{name}", value)
        yield one


@pytest.fixture
def begin() -> Iterator[Begin]:
    """`emk login --no-browser` as a process that waits for its browser."""
    running: list[subprocess.Popen[str]] = []

    def start(*more: str) -> subprocess.Popen[str]:
        line = [*EMK, *LOGIN, "--no-browser", *more]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        running.append(subprocess.Popen(line, text=True, **pipes))  # type: ignore[call-overload]
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def address(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    found = None
    while not found and (line := process.stderr.readline()):
        found = re.search(r"http://\S+/op/authorize\?\S+", line)
    assert found
    return found[0]


def ended(process: subprocess.Popen[str]) -> Result:
    out, err = process.communicate(timeout=60)
    return Result(process.returncode, out, err)


def visit(process: subprocess.Popen[str]) -> Result:
    httpx.get(address(process), follow_redirects=True, trust_env=False)
    return ended(process)


def test_a_script_opens_the_address_itself(provider: Provider, begin: Begin, emk: Emk, tmp_path: Path) -> None:
    done = visit(begin("--json"))
    assert done.code == 0
    assert (done.json["kind"], done.item["person"], done.item["issuer"]) == ("auth", "p-1", provider.issuer)
    assert done.item["expires_at"]
    assert emk("card", "labs", "--fields", "analyte,value").out == "Глюкоза\t5.4\n"
    known = provider.access | provider.refreshes | {f["code_verifier"] for f in provider.forms}
    assert not [secret for secret in known if secret in done.out + done.err]
    out = emk("logout", "--json")
    assert out.item["ended"]
    assert "/op/end?client_id=" in out.json["warnings"][0]
    assert not provider.refreshes
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and any(s.encode() in p.read_bytes() for s in known)]


def test_a_browser_is_opened_for_somebody_at_a_terminal(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = tmp_path / "browser"
    code = "import sys, urllib.request as u; u.build_opener(u.ProxyHandler({})).open(sys.argv[1]); print('chatter')"
    browser.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "{code}" "$1"\n', encoding="utf-8")
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("BROWSER", str(browser))
    terminal = pexpect.spawn(EMK[0], [*EMK[1:], *LOGIN], encoding="utf-8", timeout=60, dimensions=(24, 400))
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0, terminal.before
    assert "p-1" in terminal.before
    assert "chatter" not in terminal.before


@pytest.mark.parametrize(
    ("change", "code", "slug"),
    [
        ({"state": "other"}, 7, "timeout"),
        ({"iss": "https://evil.example"}, 8, "bad_response"),
        ({"error": "access_denied", "error_description": "no\x1b[2J"}, 5, "forbidden"),
    ],
)
def test_a_wrong_answer_has_its_exit_code(
    provider: Provider,
    emk: Emk,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, str],
    code: int,
    slug: str,
) -> None:
    provider.change_redirect = lambda answer: answer.update(change)
    browsing = Browsing(emk, monkeypatch)
    if slug == "timeout":
        browsing.give_up_after(3)
    done = browsing.login()
    browsing.http.close()
    assert (done.code, done.out) == (code, "")
    error = json.loads(done.err)["error"]
    assert (error["code"], error["exit_code"]) == (slug, code)
    assert "\x1b" not in done.err


def test_ctrl_c_ends_the_wait_at_once(provider: Provider, begin: Begin) -> None:
    process = begin()
    address(process)
    process.send_signal(signal.SIGINT)
    done = ended(process)
    assert (done.code, done.out) == (130, "")
    assert "Traceback" not in done.err


def test_the_device_flow_needs_no_terminal(provider: Provider, process: Emk) -> None:
    done = process(*LOGIN, "--method", "device", "--json")
    assert done.code == 0, done.err
    assert (done.item["logged_in"], done.item["person"]) == (True, "p-1")
    assert f"{provider.issuer}/activate" in done.err
    assert "WDJB-MJHT" in done.err
    assert not [f for f in provider.forms if "device_code" in f and f["device_code"] in done.err]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider may be asked again at once."""
    for limit in ("SHORTEST", "LONGEST"):
        monkeypatch.setattr(provider_login, limit, 0.01)


@pytest.mark.usefixtures("quick")
def test_a_device_that_takes_its_time(provider: Provider, emk: Emk) -> None:
    provider.device_answers = ["authorization_pending", "authorization_pending"]
    done = emk(*LOGIN, "--method", "device", "--json")
    assert (done.code, done.item["logged_in"]) == (0, True)
    assert len([form for form in provider.forms if "device_code" in form]) == 3


@pytest.mark.usefixtures("quick")
def test_a_refused_device_is_forbidden(provider: Provider, emk: Emk) -> None:
    provider.device_answers = ["authorization_pending", "access_denied"]
    done = emk(*LOGIN, "--method", "device")
    assert (done.code, done.out) == (5, "")
    assert "access_denied" in done.err


@pytest.mark.usefixtures("quick")
def test_debug_traces_a_login_without_its_secrets(provider: Provider, emk: Emk, tmp_path: Path) -> None:
    done = emk(*LOGIN, "--method", "device", "--debug")
    assert done.code == 0
    assert "POST /op/token 200" in done.err
    codes = {form["device_code"] for form in provider.forms if "device_code" in form}
    assert not [secret for secret in provider.access | provider.refreshes | codes if secret in done.err + done.out]
    assert not [p for p in tmp_path.rglob("*") if any(secret in str(p) for secret in provider.access)]


def test_the_order_of_checks(provider: Provider, emk: Emk) -> None:
    """Ability, then input, then the place for the session; the provider hears of none of them."""
    assert emk("login", "--method", "sms").code == 11
    assert emk("login", "--method", "nonsense").code == 2
    for line in (("login",), ("login", "--method", "browser"), ("login", "--method", "browser", "--json")):
        refused = emk(*line)
        assert (refused.code, refused.out) == (2, "")
        assert "--method device" in refused.err
    elsewhere = {"EMK_REDIRECT_URI": "https://clinic.example/back"}
    assert emk("login", "--no-browser", env=elsewhere).code == 2
    for method in ("browser", "device"):
        closed = emk("login", "--no-browser", "--method", method, "--json")
        assert (closed.code, closed.error["code"]) == (4, "no_secret_storage")
    unknown = emk(*LOGIN, "--method", "device", env={"EMK_CLIENT_ID": ""})
    assert (unknown.code, "client_id" in unknown.err) == (2, True)
    assert provider.asked == []


def test_a_server_that_has_no_login_is_read_without_one(provider: Provider, emk: Emk) -> None:
    provider.smart = provider.protected = False
    for line in ((*LOGIN, "--no-browser"), (*LOGIN, "--method", "device")):
        done = emk(*line, "--json")
        assert (done.code, done.error["code"]) == (11, "unsupported")
        assert "--person" in done.error["hint"]
    assert emk("card", "labs", "--person", "p-1", "--fields", "value").out == "5.4\n"
    assert emk("whoami").code == 11


def test_an_address_a_person_pastes(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redirect address that is registered elsewhere: the browser ends there, its address is pasted, and not shown."""
    monkeypatch.setenv("EMK_REDIRECT_URI", "https://clinic.example/back")
    terminal = pexpect.spawn(
        EMK[0], [*EMK[1:], *LOGIN, "--no-browser"], encoding="utf-8", timeout=60, dimensions=(24, 1000)
    )
    terminal.expect(r"(http://\S+/op/authorize\?\S+)")
    landed = httpx.get(terminal.match[1], trust_env=False).headers["Location"]
    assert landed.startswith("https://clinic.example/back?")
    terminal.expect("Address the browser shows afterwards: ")
    terminal.sendline(landed)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0, terminal.before
    assert "code=" not in terminal.before


def test_settings_of_a_login_are_kept_in_the_profile(emk: Emk) -> None:
    assert emk("config", "set", "client_id", "my-app").code == 0
    assert emk("config", "get", "client_id").out == "my-app\n"
    assert emk("config", "set", "issuer", "https://example.org/").code == 0
    assert emk("config", "get", "issuer").out == "https://example.org/\n"
    assert emk("config", "set", "redirect_uri", "http://127.0.0.1:8765/cb").code == 0
    for key, value in (("client_id", "a b"), ("issuer", "example.org"), ("redirect_uri", "http://x/?a=b")):
        assert emk("config", "set", key, value).code == 2
