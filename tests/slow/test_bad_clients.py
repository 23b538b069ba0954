"""Clients that mean no good, or mean well and break off, against a real `emk mock serve`: whoever is honest is served meanwhile, and
afterwards the server has as many threads and descriptors, and about as much memory, as before."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

CROWD = 64
SECONDS = 6.0
"""So long a crowd goes on."""
AT_ONCE = 2.0
"""Seconds for an honest answer."""
REST = 60.0
"""Seconds until the server is at rest again; it waits up to 30 s for a whole request."""
POST = b"POST /api/v1/accounts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
Sends = Callable[[socket.socket, threading.Event], None]


class Mock:
    """A server of its own, and what the system knows of it."""

    def __init__(self, place: Path) -> None:
        self.state, self._said = place / "mock.sqlite3", place / "stderr"
        line = [sys.executable, "-m", "emkcli", "mock", "serve", "--port", "0", "--state", str(self.state)]
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=said, text=True)
        assert self.process.stdout is not None
        self.url = json.loads(self.process.stdout.readline())["url"]
        self.address = ("127.0.0.1", httpx.URL(self.url).port or 0)
        self.honest = httpx.Client(base_url=self.url, timeout=AT_ONCE, trust_env=False)
        for _turn in range(20):  # its threads are all there, and its pages loaded
            self.ask()
        self.honest.close()
        self.honest = httpx.Client(base_url=self.url, timeout=AT_ONCE, trust_env=False, headers={"Connection": "close"})

    def ask(self) -> None:
        assert self.honest.get("/healthz").json() == {"status": "ok"}
        assert self.honest.get("/fhir/R4/metadata").json()["resourceType"] == "CapabilityStatement"

    def said(self) -> str:
        return self._said.read_text(encoding="utf-8")

    def counts(self) -> tuple[int, int]:
        """Threads and descriptors."""
        folder = Path(f"/proc/{self.process.pid}")
        return len(list((folder / "task").iterdir())), len(list((folder / "fd").iterdir()))

    def megabytes(self) -> float:
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 1e6

    def answer(self, request: bytes) -> bytes:
        """What is answered to these bytes and no more."""
        with socket.create_connection(self.address, timeout=AT_ONCE) as connection, suppress(OSError):
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))
        return b""

    def end(self) -> None:
        self.honest.close()
        self.process.terminate()
        assert self.process.wait(30) == 0
        if self.process.stdout:
            self.process.stdout.close()


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    patch = pytest.MonkeyPatch()
    patch.setenv("EMK_HOME", str(tmp_path_factory.mktemp("home")))
    running = Mock(tmp_path_factory.mktemp("mock"))
    patch.undo()
    yield running
    running.end()
    said = running.said().splitlines()
    assert len(said) == 1, said[:5]
    assert said[0].startswith("emk: Every user of this machine can use the mock at ")


def drip(head: bytes, drop: bytes) -> Sends:
    """A beginning at once, and then a little now and then, without an end."""

    def sends(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        while not over.wait(0.2):
            connection.sendall(drop)

    return sends


def flood(head: bytes, more: bytes) -> Sends:
    """As much as the server takes."""

    def sends(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        while not over.is_set():
            connection.sendall(more)

    return sends


def breaks_off(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(POST + b"Content-Length: 500\r\n\r\n{")


def reads_nothing(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
    over.wait(SECONDS)


CHUNK = b"8000\r\n" + b"a" * 0x8000 + b"\r\n"
CROWDS = {
    "slow headers": drip(b"GET / HTTP/1.1\r\nX-", b"a"),
    "slow bodies": drip(POST + b"Content-Length: 4000000\r\n\r\n", b" "),
    "slow chunks": drip(POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "a chunk without an end": drip(POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", b" "),
    "chunks without an end": flood(POST + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK),
    "more than was said": flood(POST + b"Content-Length: 2\r\n\r\n{}", b"GET"),
    "headers without an end": flood(b"GET / HTTP/1.1\r\n", b"X-A: " + b"a" * 4000 + b"\r\n"),
    "half requests": breaks_off,
    "answers nobody reads": reads_nothing,
}


@pytest.mark.parametrize("sends", CROWDS.values(), ids=CROWDS)
def test_a_crowd_holds_up_nobody_and_leaves_nothing(mock: Mock, sends: Sends) -> None:
    at_rest(mock)
    before, megabytes, over = mock.counts(), mock.megabytes(), threading.Event()

    def client() -> None:
        while not over.is_set():
            with suppress(OSError), socket.create_connection(mock.address, timeout=AT_ONCE) as connection:
                sends(connection, over)
            over.wait(0.1)

    crowd = [threading.Thread(target=client) for _one in range(CROWD)]
    for one in crowd:
        one.start()
    try:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            mock.ask()
            time.sleep(0.1)
    finally:
        over.set()
        for one in crowd:
            one.join()
    at_rest(mock, before)
    assert mock.megabytes() < megabytes + 60
    mock.ask()


REST_OF = b"Host: localhost\r\nConnection: close\r\n"
MALFORMED = {
    "no request": b"\x00\x01\x02\r\n\r\n",
    "TLS": bytes.fromhex("16030100a5010000a10303") + b"a" * 160 + b"\r\n\r\n",
    "no address": b"GET\r\n\r\n",
    "a method that is none": b"\xff\xfe / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a header without a colon": b"GET / HTTP/1.1\r\nHost: localhost\r\nnothing\r\n\r\n",
    "a null in a header": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: \x00\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n" + REST_OF + b"\r\n",
    "a host that is markup": b'GET / HTTP/1.1\r\nHost: "><script>\r\nConnection: close\r\n\r\n',
    "a host with a name before it": b"GET / HTTP/1.1\r\nHost: localhost@evil.example\r\nConnection: close\r\n\r\n",
    "a host in two lines": b"GET / HTTP/1.1\r\nHost: localhost\r\n evil\r\nConnection: close\r\n\r\n",
    "a long host": b"GET / HTTP/1.1\r\nHost: " + b"x" * 60_000 + b"\r\nConnection: close\r\n\r\n",
    "a negative length": POST + b"Content-Length: -5\r\n\r\n{}",
    "a length in other digits": POST + "Content-Length: ٣\r\n\r\n{} ".encode(),
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "a length beyond all": POST + b"Content-Length: 99999999999999999999\r\n\r\n{}",
    "a chunk of no length": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a chunk of a negative length": POST + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
    "a transfer that is none": POST + b"Transfer-Encoding: gzip\r\n\r\n{}",
    "an address of nothing": b"GET /healthz%00 HTTP/1.1\r\n" + REST_OF + b"\r\n",
    "an address that is no text": b"GET /%ff%zz HTTP/1.1\r\n" + REST_OF + b"\r\n",
    "an address of 10 kB": b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\n" + REST_OF + b"\r\n",
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\n" + REST_OF + b"\r\n",
}


@pytest.mark.parametrize("request_of", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_request_is_refused(mock: Mock, request_of: bytes) -> None:
    answer = mock.answer(request_of)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split(b" ")[1] in {b"400", b"404", b"413", b"501"}, answer[:200]
    assert len(body) < 1000
    assert not [word for word in (b"Traceback", b"evil", b"<script", b".py") if word in answer]
    mock.ask()


@pytest.mark.parametrize("host", [b"evil.example", b"127.0.0.1.evil.example", b"localhost.evil.example:80", b""])
@pytest.mark.parametrize("below", [b"", b"/t/rebound"])
def test_a_page_that_gives_itself_our_address_gets_no_codes(mock: Mock, host: bytes, below: bytes) -> None:
    """DNS rebinding: the browser asks this machine, and names the page's host."""
    for method, path in ((b"GET", b"/mock/inbox"), (b"POST", b"/mock/reset"), (b"GET", b"/mock/log")):
        answer = mock.answer(b"%b %b%b HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % (method, below, path, host))
        assert answer.startswith(b"HTTP/1.1 404 "), answer[:200]
        assert b"access-control-allow-origin" not in answer.lower()
    answer = mock.answer(b"DELETE /t/rebound HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % host)
    assert answer.startswith(b"HTTP/1.1 404 ")


TENANTS = [
    "..",
    "%2e%2e",
    "..%2f..%2fmock",
    "a%2f..%2fb",
    "a%00b",
    "a%0a",
    "a%0d%0aX-A:%20b",
    "%E2%80%AEa",
    "%D0%B0",
    "A",
    "-",
    "CON.",
    "a" * 65,
    "a" * 10_000,
]


@pytest.mark.parametrize("name", TENANTS, ids=lambda name: name[:20])
def test_a_hostile_name_makes_no_tenant(mock: Mock, name: str) -> None:
    files = sorted(mock.state.parent.rglob("*"))
    for method, path in (("GET", f"/t/{name}/healthz"), ("POST", f"/t/{name}/mock/reset"), ("DELETE", f"/t/{name}")):
        answer = mock.answer(f"{method} {path} HTTP/1.1\r\n{REST_OF.decode()}Content-Length: 0\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 404 "), answer[:200]
        assert len(answer) < 1000
        assert b"X-A" not in answer
    made = [file for file in sorted(mock.state.parent.rglob("*")) if file not in files]
    assert {file.name.partition(".")[0] for file in made} <= {"a"} if name.startswith("a%2f") else made == []
    mock.ask()


def at_rest(mock: Mock, wanted: tuple[int, int] | None = None) -> None:
    """Until nobody is connected but who listens: as many threads and descriptors as before, or the same for a while."""
    until = time.monotonic() + REST
    seen = [mock.counts()]
    while seen[-1] != wanted if wanted else len(set(seen[-10:])) != 1 or len(seen) < 10:
        assert time.monotonic() < until, (seen[-1], wanted)
        time.sleep(0.1)
        seen.append(mock.counts())
