"""A server that other machines reach: its strings are for who has the control token, and without one it does not start."""

from __future__ import annotations

import sys
from pathlib import Path

import httpx
import pytest

from tests.conftest import Emk

from .conftest import TOKEN, Heard

STRINGS = (
    ("GET", "/mock/inbox"),
    ("GET", "/mock/clock"),
    ("GET", "/mock/log"),
    ("GET", "/mock/faults"),
    ("GET", "/mock/scenario"),
    ("POST", "/mock/seed"),
    ("POST", "/mock/reset"),
    ("GET", "/mock/state"),
    ("PUT", "/mock/state"),
    ("DELETE", "/t/somebody"),
)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_without_a_token_only_this_machine_is_served(emk: Emk, host: str) -> None:
    run = emk("mock", "serve", "--host", host, "--json")
    assert (run.code, run.out, run.error["code"]) == (2, "", "usage")
    assert run.error["hint"] == "--control-token-file FILE"


@pytest.mark.parametrize("content", ["", "two words", "п\n"])
def test_a_file_without_a_token_is_refused(emk: Emk, token: Path, content: str) -> None:
    token.write_text(content)
    run = emk("mock", "serve", "--control-token-file", str(token), "--json")
    assert (run.code, run.out, run.error["code"]) == (2, "", "invalid_input")
    token.unlink()
    assert emk("mock", "serve", "--control-token-file", str(token)).code == 13


def test_a_state_is_no_address(emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = emk("mock", "serve", "--state", "postgres://somebody:s3cret@localhost/mock", "--json")
    assert (run.code, run.out, run.error["code"]) == (2, "", "usage")
    assert "s3cret" not in run.err
    assert not [*tmp_path.glob("postgres*")]


def test_every_string_asks_for_the_token(open_server: str) -> None:
    httpx.get(f"{open_server}/t/somebody/healthz").raise_for_status()
    for method, path in STRINGS:
        for given in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": f"Basic {TOKEN}"},
            {"Authorization": TOKEN},
        ):
            refused = httpx.request(method, open_server + path, headers=given, json={})
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), (path, given)
            assert TOKEN not in refused.text
        page = {"Authorization": f"Bearer {TOKEN}", "Origin": "http://127.0.0.1:1"}
        assert httpx.request(method, open_server + path, headers=page, json={}).status_code == 404
    for path in ("/healthz", "/.well-known/emk", "/openapi.json", "/t/other/healthz"):
        assert httpx.get(open_server + path).status_code == 200, "what no token guards is open"
    mine = {"Authorization": f"Bearer {TOKEN}"}
    assert httpx.get(f"{open_server}/t/somebody/mock/inbox", headers=mine).json() == {"items": []}
    assert httpx.delete(f"{open_server}/t/somebody", headers=mine).status_code == 204


def test_the_client_presents_the_token(emk: Emk, open_server: str, token: Path, tmp_path: Path) -> None:
    there = {"EMK_BACKEND": "http", "EMK_URL": open_server}
    mine = {**there, "EMK_CONTROL_TOKEN_FILE": str(token)}
    other = tmp_path / "other"
    other.write_text("another")
    for env in (there, {**there, "EMK_CONTROL_TOKEN_FILE": str(other)}):
        refused = emk("mock", "seed", "--json", env=env)
        assert (refused.code, refused.out, refused.error["code"]) == (5, "", "forbidden")
    phone = emk("mock", "seed", "--json", env=mine).item["phone"]
    code = f"{sys.executable} -m emkcli mock inbox --code"
    login = ("login", "--from", "-", "--code-command", code, "--json", "--debug")
    told = emk(*login, stdin=f'phone = "{phone}"\n', env=mine)
    assert told.code == 0
    assert emk("status", "--json", env=there).item["status"] == "activated"
    assert TOKEN not in told.out + told.err


def test_smoke_walks_a_guarded_server_in_a_tenant_that_it_removes(emk: Emk, open_server: str, token: Path) -> None:
    env = {"EMK_BACKEND": "http", "EMK_URL": open_server, "EMK_CONTROL_TOKEN_FILE": str(token)}
    run = emk("smoke", "--json", env=env)
    assert run.code == 0, run.err
    assert all(check["ok"] for check in run.items)
    assert len(run.items) > 15


def test_the_option_wins_over_the_variable_and_is_inherited(
    emk: Emk, open_server: str, token: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.touch(0o600)
    other.write_text("another")
    there = {"EMK_URL": open_server, "EMK_CONTROL_TOKEN_FILE": str(other)}
    mine = ("--control-token-file", str(token), "--json")
    phone = emk("mock", "seed", *mine, env=there).item["phone"]
    snapshot = str(tmp_path / "snapshot")
    for line in (
        ("clock",),
        ("inbox",),
        ("scenario",),
        ("fault", "list"),
        ("log",),
        ("state", "save", snapshot),
        ("state", "load", snapshot),
    ):
        refused = emk("mock", *line, "--json", env=there)
        assert (refused.code, refused.out, refused.error["code"]) == (5, "", "forbidden"), line
        assert emk("mock", *line, *mine, env=there).code == 0, line
    told = emk("mock", "inbox", "--control-token-file", str(other), "--json", env=there | mine_of(token))
    assert (told.code, told.error["code"]) == (5, "forbidden")
    code = f"{sys.executable} -m emkcli mock inbox --code"
    login = ("login", "--from", "-", "--code-command", code, "--json")
    assert emk(*login, stdin=f'phone = "{phone}"\n', env=there | mine_of(token)).code == 0
    assert emk("smoke", "--only", "register", *mine, env=there).code == 0


def mine_of(token: Path) -> dict[str, str]:
    return {"EMK_CONTROL_TOKEN_FILE": str(token)}


def test_a_program_that_is_run_inherits_where_the_token_lies(token: Path) -> None:
    from emkcli.app import App

    app = App(environ={})
    assert "EMK_CONTROL_TOKEN_FILE" not in app.child_environment()
    app.give("control_token_file", str(token))
    assert app.child_environment()["EMK_CONTROL_TOKEN_FILE"] == str(token)


SESSION = "session-of-a-person"


@pytest.mark.parametrize(
    ("base", "method", "path", "bearer"),
    [
        ("", "GET", "/mock/inbox", TOKEN),
        ("", "GET", "mock/inbox", TOKEN),
        ("", "GET", "/%6Dock/inbox", TOKEN),
        ("", "GET", "/api/../mock/inbox", TOKEN),
        ("", "GET", "/t/job/mock/clock", TOKEN),
        ("/t/job", "GET", "/mock/clock", TOKEN),
        ("", "DELETE", "/t/job", TOKEN),
        ("", "GET", "/t/job", SESSION),
        ("", "DELETE", "/t/job/api/v1/services/x/pin", SESSION),
        ("", "GET", "/api/v1/account", SESSION),
        ("", "GET", "/mock/../api/v1/account", SESSION),
        ("", "GET", "/mockery/inbox", SESSION),
        ("", "GET", "/api/mock/inbox", SESSION),
    ],
)
def test_a_raw_request_has_the_token_of_its_path_alone(
    emk: Emk,
    heard: Heard,
    token: Path,
    base: str,
    method: str,
    path: str,
    bearer: str,
) -> None:
    env = {"EMK_URL": heard.url + base, "EMK_CONTROL_TOKEN_FILE": str(token), "EMK_TOKEN": SESSION}
    assert emk("api", method, path, env=env).code == 0
    discovery, request = heard.requests
    assert discovery[2] is None
    assert request[2] == f"Bearer {bearer}"


def test_a_raw_request_without_a_control_token_sends_none(emk: Emk, heard: Heard, token: Path) -> None:
    assert emk("api", "GET", "/mock/inbox", env={"EMK_URL": heard.url, "EMK_TOKEN": SESSION}).code == 0
    assert [request[2] for request in heard.requests] == [None, None]
    heard.requests.clear()
    elsewhere = emk(
        "api", "GET", "http://127.0.0.2:1/mock/inbox", "--json", env={"EMK_URL": heard.url, **mine_of(token)}
    )
    assert (elsewhere.code, elsewhere.error["code"]) == (8, "bad_response")
    assert [request[2] for request in heard.requests] == [None]


def test_a_server_that_is_no_mock_is_given_no_control_token(emk: Emk, heard: Heard, token: Path) -> None:
    heard.demo = False
    env = {"EMK_URL": heard.url, "EMK_TOKEN": SESSION, **mine_of(token)}
    assert emk("mock", "inbox", "--json", env=env).error["code"] == "unsupported"
    assert emk("api", "GET", "/mock/inbox", env=env).code == 0
    given = [(path, bearer) for _method, path, bearer in heard.requests]
    discovery = ("/.well-known/emk", None)
    assert given == [discovery, discovery, ("/mock/inbox", f"Bearer {SESSION}")]


@pytest.mark.parametrize(
    ("content", "mode", "code", "slug"),
    [
        ("", 0o600, 2, "invalid_input"),
        ("\n\n", 0o600, 2, "invalid_input"),
        (f"{TOKEN}\nand more\n", 0o600, 2, "invalid_input"),
        (f"\r\n{TOKEN}\r\n", 0o600, 0, None),
        (TOKEN, 0o644, 0, None),
    ],
)
def test_the_file_as_people_have_it(
    emk: Emk, open_server: str, token: Path, content: str, mode: int, code: int, slug: str | None
) -> None:
    token.write_bytes(content.encode())
    token.chmod(mode)
    run = emk("mock", "clock", "--json", "--control-token-file", str(token), env={"EMK_URL": open_server})
    assert run.code == code
    assert TOKEN not in run.out + run.err
    if slug:
        assert (run.out, run.error["code"]) == ("", slug)
        return
    exposed = [warning for warning in run.json["warnings"] if "Others on this machine can read" in warning]
    assert len(exposed) == (mode == 0o644)
    token.unlink()
    missing = emk("mock", "clock", "--json", "--control-token-file", str(token), env={"EMK_URL": open_server})
    assert (missing.code, missing.out, missing.error["code"]) == (13, "", "storage")
