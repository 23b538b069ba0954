"""Requests per second of the mock as a server, beside waitress alone with a body that is ready.

    make bench          (or: .venv/bin/python -m bench.mock_server [--records 2000] [--seconds 1] [--rounds 5])

Both serve with the same limits and threads, silent about who waits, on the same machine in the same run: for each number of
clients they take turns, and the median of the pairs' ratios counts. Beside it stands the ratio of processor time for an
answer, which other work on the machine disturbs less. What is asked for: what `emk status` asks, a page of 200 entries again
and again, and a card page by page; the ready bodies are as long. Clients keep their connections, and one process is all of
them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from emkcli.mock.patience import LIMITS, hush

CLIENTS = (1, 16, 64)
LEAST = {"status": 0.5, "the same page": 0.4, "page by page": 0.4}
STATUS = "/api/v1/applications"
PAGE = "/fhir/R4/Observation?patient={person}&_count=200"
SMS_GRANT = "urn:emk:grant-type:sms-code"
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")

Address = tuple[str, int]
Exchange = tuple[bytes, int]
"""A request as it goes over the wire, and how long the body of its answer is."""


def bare(lengths: list[int]) -> None:
    """Waitress with nothing behind it: `/N` is answered with the N-th ready body."""
    from waitress.server import create_server  # type: ignore[import-untyped]

    hush()
    bodies = {f"/{number}": b"x" * length for number, length in enumerate(lengths)}

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = bodies[environ["PATH_INFO"]]
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        server: Any = create_server(application, sockets=[listening], threads=8, **LIMITS)
        print(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}"}), flush=True)
        server.run()


class Served(NamedTuple):
    """Where a server is."""

    url: str
    pid: int

    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Pace(NamedTuple):
    """How fast answers come."""

    per_second: float
    per_processor_second: float


@contextmanager
def serving(*arguments: str) -> Iterator[Served]:
    """A server in a process of its own, in an environment as of a new user."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("EMK_", "PYTHON"))}
    with tempfile.TemporaryDirectory() as home:
        environment = kept | {"EMK_HOME": home, "EMK_KEYRING": "off", "LANG": "C.UTF-8"}
        command = [sys.executable, "-m", *arguments]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        try:
            assert process.stdout is not None
            yield Served(json.loads(process.stdout.readline())["url"], process.pid)
        finally:
            process.terminate()
            process.wait(20)


def logged_in(portal: httpx.Client) -> str:
    """A person whose card is open, and the header of her session; her number."""
    seeded = portal.post("/mock/seed", json={}, timeout=300).raise_for_status().json()
    challenge = portal.post("/oauth2/challenges", json={"method": "sms", "login": seeded["phone"]}).json()["id"]
    code = portal.get("/mock/inbox").json()["items"][0]["code"]
    form = {"grant_type": SMS_GRANT, "challenge_id": challenge, "code": code}
    token = portal.post("/oauth2/token", data=form).raise_for_status().json()["access_token"]
    portal.headers["Authorization"] = f"Bearer {token}"
    return str(seeded["person_id"])


def asked(portal: httpx.Client) -> dict[str, list[str]]:
    """What each case asks for, in turn."""
    page = PAGE.format(person=logged_in(portal))
    pages = [page]
    while following := _next(portal.get(pages[-1]).json()):
        pages.append(following.removeprefix(str(portal.base_url).rstrip("/")))
    return {"status": [STATUS], "the same page": [page], "page by page": pages[:-1]}


def _next(bundle: dict[str, Any]) -> str | None:
    return next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)


def as_sent(path: str, portal: httpx.Client) -> bytes:
    lines = (f"GET {path} HTTP/1.1", f"Host: {portal.base_url.netloc.decode()}", "Accept: application/json")
    return "\r\n".join((*lines, f"Authorization: {portal.headers['Authorization']}", "", "")).encode()


class Client:
    """One kept connection that asks again as soon as it has its answer."""

    def __init__(self, address: Address, exchanges: list[Exchange], start: int) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._exchanges = cycle(exchanges[start:] + exchanges[:start])
        self._awaited = -1
        self.ask()

    def ask(self) -> None:
        request, self._length = next(self._exchanges)
        self._awaited = -1
        self.socket.sendall(request)

    def read(self, room: memoryview) -> bool:
        """Whether the answer is whole."""
        count = self.socket.recv_into(room)
        if self._awaited < 0:
            head, _, _ = bytes(room[: min(count, 2048)]).partition(b"\r\n\r\n")
            length = _LENGTH.search(head)
            if not head.startswith(b"HTTP/1.1 200 ") or length is None or int(length[1]) != self._length:
                raise SystemExit(f"an answer that was not expected: {head!r}")
            self._awaited = len(head) + 4 + self._length
        self._awaited -= count
        return self._awaited == 0


def pace(server: Served, exchanges: list[Exchange], clients: int, seconds: float) -> Pace:
    url, room, done = httpx.URL(server.url), memoryview(bytearray(1 << 20)), 0
    address, used = (url.host, url.port or 0), server.processor_seconds()
    with selectors.DefaultSelector() as selector, ExitStack() as stack:
        for number in range(clients):
            client = Client(address, exchanges, number % len(exchanges))
            stack.enter_context(client.socket)
            selector.register(client.socket, selectors.EVENT_READ, client)
        began = time.perf_counter()
        while (now := time.perf_counter()) < began + seconds:
            for key, _events in selector.select(1):
                if key.data.read(room):
                    done += 1
                    key.data.ask()
        took = now - began
    return Pace(done / took, done / max(server.processor_seconds() - used, 0.01))


def measure(records: int, seconds: float, rounds: int, state: str) -> dict[tuple[str, int], float]:
    """The ratio for each case and number of clients."""
    ratios: dict[tuple[str, int], float] = {}
    with (
        serving("emkcli", "mock", "serve", "--records", str(records), "--state", state) as mock,
        httpx.Client(base_url=mock.url, trust_env=False) as portal,
    ):
        for case, paths in asked(portal).items():
            lengths = [len(portal.get(path).raise_for_status().content) for path in paths]
            ours = [(as_sent(path, portal), length) for path, length in zip(paths, lengths, strict=True)]
            ready = [(as_sent(f"/{number}", portal), length) for number, length in enumerate(lengths)]
            with serving("bench.mock_server", "--bare", json.dumps(lengths)) as alone:
                for clients in CLIENTS:
                    pairs = [
                        (pace(mock, ours, clients, seconds), pace(alone, ready, clients, seconds))
                        for _round in range(rounds)
                    ]
                    ratios[case, clients] = report(f"{case:14} {clients:3} clients", pairs, LEAST[case])
    return ratios


def report(what: str, pairs: list[tuple[Pace, Pace]], least: float) -> float:
    """One line; the ratio that counts."""
    ratio = statistics.median(mock.per_second / alone.per_second for mock, alone in pairs)
    processor = statistics.median(mock.per_processor_second / alone.per_processor_second for mock, alone in pairs)
    mock, alone = (statistics.median(pace.per_second for pace in column) for column in zip(*pairs, strict=True))
    print(
        f"{what} {mock:7.0f} /s  waitress alone {alone:7.0f} /s  {ratio:5.2f} (at least {least})  "
        f"processor {processor:5.2f}",
        flush=True,
    )
    return ratio


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--bare", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    if given.bare:
        bare(given.bare)
        return
    worst = 1.0
    with tempfile.TemporaryDirectory() as place:
        for state in (":memory:", str(Path(place) / "mock.sqlite3")):
            print(f"state in {'memory' if state == ':memory:' else 'a file'}, {given.records:,} results")
            ratios = measure(given.records, given.seconds, given.rounds, state)
            worst = min(worst, *(ratio / LEAST[case] for (case, _clients), ratio in ratios.items()))
    if worst < 1:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
