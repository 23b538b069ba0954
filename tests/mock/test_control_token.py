"""A server that other machines reach: its strings are for who has the control token, and without one it does not start."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import Emk

TOKEN = "s3cret-of-a-mock"
STRINGS = (
    ("GET", "/mock/inbox"),
    ("GET", "/mock/clock"),
    ("GET", "/mock/log"),
    ("GET", "/mock/faults"),
    ("GET", "/mock/scenario"),
    ("POST", "/mock/seed"),
    ("POST", "/mock/reset"),
    ("DELETE", "/t/somebody"),
)


@pytest.fixture
def token(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.touch(0o600)
    file.write_text(f"{TOKEN}\n")
    return file


@pytest.fixture
def open_server(token: Path) -> Iterator[str]:
    """Its address on this machine."""
    line = ["mock", "serve", "--host", "0.0.0.0", "--control-token-file", str(token)]
    running = subprocess.Popen(
        [sys.executable, "-m", "emkcli", *line], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout
    yield f"http://127.0.0.1:{httpx.URL(json.loads(running.stdout.readline())['url']).port}"
    running.terminate()
    out, said = running.communicate(timeout=60)
    assert out == ""
    assert said.startswith("emk: Everybody who reaches this machine can use the mock")
    assert "/mock is for who has the control token" in said
    assert TOKEN not in said


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
