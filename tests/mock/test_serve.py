"""The other door: the same application on a socket."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from emkcli import errors
from emkcli.mock.application import Mock
from emkcli.mock.patience import LONGEST_HEADER, MOST
from emkcli.mock.serve import on_socket, serve
from emkcli.mock.state import State

from .person import Person

_SERVE = """
import sys
from emkcli import interruption
from emkcli.mock.serve import serve
interruption.listen()
serve("127.0.0.1", 0, sys.argv[1], speed=0, ready=lambda url: print(url, flush=True))
"""


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", _SERVE, str(tmp_path / "mock.db")]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield running
    running.kill()
    running.communicate()


def _url(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_the_way_to_the_card_on_a_socket(process: subprocess.Popen[str]) -> None:
    someone = Person(httpx.HTTPTransport(), _url(process))
    someone.clock(set="2026-03-02T10:00:00+03:00")
    patient = someone.seeded()["person_id"]
    first = someone.get("/fhir/R4/Observation", patient=patient, _count=5)
    following = next(link["url"] for link in first["link"] if link["relation"] == "next")
    assert len(someone.http.get(following).json()["entry"]) == 5
    response = someone.http.get("/api/v1/account")
    assert response.headers["date"] == "Mon, 02 Mar 2026 07:00:00 GMT"
    someone.send("POST", "/mock/faults", 201, json={"kind": "drop-after-commit", "method": "PUT"})
    with pytest.raises(httpx.RemoteProtocolError):
        someone.http.put("/api/v1/services/oms-policy/pin")
    assert [item["id"] for item in someone.get("/services")["items"] if item["pinned"]] == ["oms-policy"]
    someone.close()


def test_a_name_in_russian_arrives_whole(process: subprocess.Popen[str]) -> None:
    someone = Person(httpx.HTTPTransport(), _url(process))
    someone.seeded("verified")
    someone.refused("GET", "/clinics/поликлиника", 404, "not_found")
    someone.close()


def test_a_locked_state_is_an_answer(tmp_path: Path) -> None:
    place = tmp_path / "mock.db"
    mock = Mock(State(place, print, timeout=0.05))
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with httpx.Client(transport=httpx.WSGITransport(app=on_socket(mock)), base_url="http://localhost") as client:
        response = client.post("/oauth2/challenges", json={"method": "sms", "login": "+79000000101"})
        assert client.get("/.well-known/emk").json()["demo"] is True  # a read waits for nobody
    assert (response.status_code, response.json()["code"], response.headers["retry-after"]) == (503, "busy", "1")
    other.close()
    mock.close()


def test_a_journal_of_a_state_that_was_locked_for_long_says_what_it_lost(tmp_path: Path) -> None:
    place = tmp_path / "mock.db"
    mock = Mock(State(place, print, timeout=0.01))
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with httpx.Client(transport=httpx.WSGITransport(app=on_socket(mock)), base_url="http://localhost") as client:
        for _ in range(1200):
            client.get("/nowhere")
        assert client.post("/oauth2/revoke", data={"token": "x"}).status_code == 503
        other.execute("ROLLBACK")
        told = client.get("/mock/log").json()
    assert (told["total"], told["truncated"]) == (1000, True)
    assert [(line["path"], line["status"]) for line in told["items"][-2:]] == [
        ("/nowhere", 404),
        ("/oauth2/revoke", 503),
    ]
    other.close()
    mock.close()


def test_a_defect_is_an_answer_in_the_journal_and_told_without_what_was_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(call: object) -> None:
        raise ValueError("секрет")

    monkeypatch.setattr("emkcli.mock.application._routed", broken)
    mock = Mock(State(tmp_path / "mock.db", print))
    said: list[str] = []
    served = on_socket(mock, None, said.append)
    with httpx.Client(transport=httpx.WSGITransport(app=served), base_url="http://localhost") as client:
        answer = client.get("/openapi.json")
        monkeypatch.undo()
        told = client.get("/mock/log").json()["items"]
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert "retry-after" not in answer.headers
    assert [(line["path"], line["status"]) for line in told] == [("/openapi.json", 500)]
    assert len(said) == 1
    assert "ValueError, test_serve.py:" in said[0]
    assert "секрет" not in said[0] + answer.text
    mock.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(process: subprocess.Popen[str], number: signal.Signals) -> None:
    url = _url(process)
    assert httpx.get(f"{url}/.well-known/emk").json()["demo"] is True
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")


def test_a_port_in_use_is_an_error_of_the_call(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(errors.Usage, match="cannot listen"):
            serve("127.0.0.1", taken.getsockname()[1], ":memory:")


def test_half_open_and_dripping_connections_hold_up_nobody(process: subprocess.Popen[str]) -> None:
    """More than there is room for, each in the middle of a request; one byte more must not buy more time."""
    url = httpx.URL(_url(process))
    address = (url.host, url.port or 0)
    with ExitStack() as stack:
        half = [stack.enter_context(socket.create_connection(address, timeout=30)) for _turn in range(2 * MOST)]
        until = time.monotonic() + 60
        answered = False
        for connection in half:
            connection.sendall(b"GET /.well-known/emk HTTP/1.1\r\nX-")
        while not answered and time.monotonic() < until:
            for connection in half:
                with suppress(OSError):
                    connection.send(b"a")
            with suppress(httpx.TimeoutException):
                answered = httpx.get(url.join("/.well-known/emk"), timeout=1).json()["demo"] is True
        assert answered
    assert int(Path(f"/proc/{process.pid}/status").read_text().partition("VmRSS:")[2].split()[0]) < 300_000


def test_a_header_without_an_end_is_refused(process: subprocess.Popen[str]) -> None:
    url = httpx.URL(_url(process))
    with socket.create_connection((url.host, url.port or 0), timeout=30) as connection:
        with suppress(OSError):  # it does not listen to the end
            connection.sendall(b"GET / HTTP/1.1\r\nX-A: " + b"a" * 2 * LONGEST_HEADER)
        with suppress(ConnectionResetError):
            assert connection.recv(4096).startswith(b"HTTP/1.0 431")
    assert httpx.get(url.join("/.well-known/emk")).status_code == 200


def test_it_says_whom_it_is_open_to() -> None:
    """On stderr, before the one line of JSON that a script waits for."""
    line = [sys.executable, "-m", "emkcli", "mock", "serve"]
    running = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout
    ready = json.loads(running.stdout.readline())
    running.send_signal(signal.SIGTERM)
    out, said = running.communicate(timeout=60)
    assert out == ""
    assert said.startswith(f"emk: Every user of this machine can use the mock at {ready['url']}")
    assert said.count("\n") == 1
