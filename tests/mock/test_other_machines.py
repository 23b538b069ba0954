"""Plain http to another machine: to the host that a person listed, if it says that it is a demo, and to nobody else.

The other machine is a name of this one: `mock.test` leads to loopback, and to the client it is a host like any other.
"""

from __future__ import annotations

import socket
import stat
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from emkcli import errors
from emkcli.api import connect
from tests.conftest import Emk

from .conftest import TOKEN, Heard

HOST = "mock.test"
SESSION = "session-of-a-person"


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name below `test` leads to this machine."""
    resolve = socket.getaddrinfo

    def found(host: Any, *arguments: Any, **options: Any) -> Any:
        return resolve("127.0.0.1" if str(host).endswith("test") else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", found)


def elsewhere(url: str, host: str = HOST) -> str:
    return str(httpx.URL(url).copy_with(host=host))


@pytest.mark.parametrize("by_profile", [False, True])
def test_a_listed_mock_is_a_mock(
    emk: Emk, process: Emk, open_server: str, token: Path, tmp_path: Path, *, by_profile: bool
) -> None:
    there = {"EMK_URL": elsewhere(open_server), "EMK_CONTROL_TOKEN_FILE": str(token)}
    if by_profile:
        assert emk("config", "set", "allow_http", HOST).code == 0
    else:
        there["EMK_ALLOW_HTTP"] = f"other.example, {HOST.upper()}"
    phone = emk("mock", "seed", "--json", env=there).item["phone"]
    # the program that is run has no names of its own to resolve: it goes to the same server by loopback
    code = f"{sys.executable} -m emkcli mock inbox --code --url {open_server}"
    told = emk("login", "--from", "-", "--code-command", code, "--json", stdin=f'phone = "{phone}"\n', env=there)
    assert told.code == 0, told.err
    assert "No keyring" in str(told.json["warnings"])
    (session,) = tmp_path.rglob("sessions/*.json")
    assert stat.S_IMODE(session.stat().st_mode) == 0o600
    status = emk("status", "--json", env=there).json
    assert (status["demo"], status["item"]["status"]) == (True, "activated")
    smoke = emk("smoke", "--json", env=there)
    assert smoke.code == 0, smoke.err
    assert all(check["ok"] and not check["skipped"] for check in smoke.items)
    assert TOKEN not in told.out + told.err + smoke.out + smoke.err
    assert emk("status", "--json", env={**there, "EMK_ALLOW_HTTP": "other.example"}).code == 2


@pytest.mark.parametrize(
    "listed",
    ["", "other.test", "test", "x.mock.test", "mock.test:1", "127.0.0.1", "mock.test.example,mock", "mock.tes"],
)
def test_a_host_that_is_not_listed_hears_nothing(emk: Emk, heard: Heard, listed: str) -> None:
    env = {"EMK_URL": elsewhere(heard.url), "EMK_ALLOW_HTTP": listed, "EMK_TOKEN": SESSION}
    for line in (("status",), ("api", "GET", "/x"), ("mock", "inbox"), ("smoke",)):
        run = emk(*line, "--json", env=env)
        assert (run.code, run.out, run.error["code"]) == (2, "", "usage"), line
    assert heard.requests == []


def test_the_port_counts_where_it_is_named(emk: Emk, heard: Heard) -> None:
    port = httpx.URL(heard.url).port
    env = {"EMK_URL": elsewhere(heard.url), "EMK_TOKEN": SESSION}
    assert emk("api", "GET", "/x", env={**env, "EMK_ALLOW_HTTP": f"{HOST}:{port}"}).code == 0
    assert heard.requests == [("GET", "/.well-known/emk", None), ("GET", "/x", f"Bearer {SESSION}")]
    assert emk("api", "GET", "/x", env={**env, "EMK_ALLOW_HTTP": f"{HOST}:80"}).code == 2
    assert len(heard.requests) == 2


@pytest.mark.parametrize("demo", [False, None, "true", 1])
def test_what_is_no_demo_is_told_nothing(emk: Emk, heard: Heard, token: Path, demo: object) -> None:
    heard.demo = demo
    env = {
        "EMK_URL": elsewhere(heard.url),
        "EMK_ALLOW_HTTP": HOST,
        "EMK_TOKEN": SESSION,
        "EMK_CONTROL_TOKEN_FILE": str(token),
    }
    for line in (("status",), ("api", "GET", "/mock/inbox"), ("mock", "inbox"), ("logout",)):
        run = emk(*line, "--json", env=env)
        assert (run.code, run.out, run.error["code"]) == (2, "", "usage"), line
        assert HOST in run.error["message"]
    assert {*heard.requests} == {("GET", "/.well-known/emk", None)}


def test_no_redirect_leads_to_another_host(emk: Emk, heard: Heard) -> None:
    env = {"EMK_URL": elsewhere(heard.url), "EMK_ALLOW_HTTP": f"{HOST},other.test", "EMK_TOKEN": SESSION}
    heard.redirects["/x"] = elsewhere(heard.url, "other.test") + "/secret"
    moved = emk("api", "GET", "/x", "--json", env=env)
    assert (moved.code, moved.error["code"]) == (8, "bad_response")
    heard.redirects["/.well-known/emk"] = heard.url + "/demo"
    assert emk("api", "GET", "/y", "--json", env=env).code == 2
    assert [path for _method, path, _bearer in heard.requests] == ["/.well-known/emk", "/x", "/.well-known/emk"]


def test_only_the_emk_api_is_spoken_so(emk: Emk, heard: Heard) -> None:
    env = {"EMK_URL": elsewhere(heard.url), "EMK_ALLOW_HTTP": HOST, "EMK_TOKEN": SESSION}
    for backend in ("fhir", "gosuslugi"):
        run = emk("api", "GET", "/x", "--backend", backend, "--json", env=env)
        assert (run.code, run.error["code"]) == (2, "usage")
    named = httpx.URL(env["EMK_URL"]).copy_with(username="somebody", password="hunter2")
    run = emk("api", "GET", "/x", "--json", env={**env, "EMK_URL": str(named)})
    assert (run.code, run.error["code"]) == (2, "usage")
    assert heard.requests == []


def test_a_listed_host_that_is_not_there_is_unreachable(emk: Emk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    env = {"EMK_URL": f"http://{HOST}:{port}", "EMK_ALLOW_HTTP": HOST, "EMK_TIMEOUT": "2"}
    run = emk("status", "--json", env=env)
    assert (run.code, run.error["code"]) == (7, "unreachable")


def test_the_library_takes_the_list_too(heard: Heard) -> None:
    url = elsewhere(heard.url)
    with connect("http", url=url, token=SESSION, allow_http=[HOST]) as client:
        assert client.demo
    heard.requests.clear()
    for allowed in ((), ["other.test"], [f"{HOST}:1"], ["*"], ["http://mock.test"]):
        with pytest.raises(errors.Usage):
            connect("http", url=url, token=SESSION, allow_http=allowed)
    assert heard.requests == []
