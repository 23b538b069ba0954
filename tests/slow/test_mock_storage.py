"""The mock's state when things go wrong around it: killed under load, no room on the disk, two servers on one file."""

from __future__ import annotations

import random
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from emkcli.mock.log import LENGTH
from emkcli.mock.seeding import PERSON

KILLS, WRITERS = 5, 8
TENANTS = ("", "/t/one", "/t/two")
_SERVE = """
import sys
from emkcli import interruption
from emkcli.mock.serve import serve
interruption.listen()
serve("127.0.0.1", 0, sys.argv[1], speed=0, ready=lambda url: print(url, flush=True))
"""


class Acknowledged(NamedTuple):
    """A registration that was answered: where, whose, and what opens it."""

    tenant: str
    person: str
    token: str
    request_id: str


class Server(NamedTuple):
    process: subprocess.Popen[str]
    url: str


@contextmanager
def serving(place: Path) -> Iterator[Server]:
    command = [sys.executable, "-c", _SERVE, str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Server(process, process.stdout.readline().strip())
        finally:
            process.kill()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "mock.sqlite3"


@pytest.fixture
def registered() -> Callable[[httpx.Client, str], httpx.Response]:
    """One more person registers."""
    numbers = count(1000)

    def register(portal: httpx.Client, tenant: str = "") -> httpx.Response:
        number = f"{next(numbers):06d}"
        person = PERSON | {"snils": f"000-{number[:3]}-{number[3:]} 00", "phone": f"+79000{number}"}
        return portal.post(f"{tenant}/api/v1/accounts", json=person, headers={"X-Request-Id": f"w-{number}"})

    return register


def acknowledged(tenant: str, answer: httpx.Response) -> Acknowledged:
    body = answer.json()
    return Acknowledged(tenant, body["account"]["id"], body["tokens"]["access_token"], answer.headers["x-request-id"])


def is_there(portal: httpx.Client, write: Acknowledged) -> bool:
    headers = {"Authorization": f"Bearer {write.token}"}
    answer = portal.get(f"{write.tenant}/api/v1/account", headers=headers)
    return answer.status_code == 200 and answer.json()["id"] == write.person


def written(servers: list[Server], register: Callable[..., httpx.Response], done: list[Acknowledged]) -> None:
    """Write until the server is gone or a hundred are done, to the root and to tenants in turn."""

    def write(number: int) -> None:
        with httpx.Client(base_url=servers[number % len(servers)].url, trust_env=False, timeout=30) as portal:
            for turn in range(100):
                tenant = TENANTS[(number + turn) % len(TENANTS)]
                try:
                    answer = register(portal, tenant)
                except httpx.TransportError:
                    return
                assert answer.status_code == 201, answer.text
                done.append(acknowledged(tenant, answer))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_what_was_acknowledged_outlives_a_kill(place: Path, registered: Callable[..., httpx.Response]) -> None:
    chance = random.Random(2026)
    done: list[Acknowledged] = []
    for _turn in range(KILLS):
        with serving(place) as server:
            threading.Timer(chance.uniform(0.3, 1.5), server.process.send_signal, (signal.SIGKILL,)).start()
            written([server], registered, done)
            assert server.process.wait(30) == -signal.SIGKILL
    with serving(place) as server, httpx.Client(base_url=server.url, trust_env=False) as portal:
        lost = [write for write in done if not is_there(portal, write)]
        for tenant in TENANTS:
            asked = {write.request_id for write in done if write.tenant == tenant}
            logged = {line["request_id"] for line in portal.get(f"{tenant}/mock/log").json()["items"]}
            assert asked, "every one was written to"
            # what a kill left behind may be one more than was answered, for each writer and turn
            assert asked <= logged or len(logged) == LENGTH
    print(f"\n{len(done) - len(lost)} of {len(done)} acknowledged writes are there after {KILLS} kills")  # noqa: T201
    assert not lost
    assert len(done) > KILLS * WRITERS


def test_two_servers_on_one_file_lose_nothing(place: Path, registered: Callable[..., httpx.Response]) -> None:
    done: list[Acknowledged] = []
    with serving(place) as one, serving(place) as other:
        written([one, other], registered, done)
        assert len(done) == WRITERS * 100
        for server in (one, other):
            with httpx.Client(base_url=server.url, trust_env=False) as portal:
                assert [write for write in done if not is_there(portal, write)] == []


def test_another_that_writes_for_long_is_waited_for_and_then_told(
    place: Path, registered: Callable[..., httpx.Response]
) -> None:
    with (
        serving(place) as server,
        closing(sqlite3.connect(place, isolation_level=None)) as other,
        httpx.Client(base_url=server.url, trust_env=False, timeout=30) as portal,
    ):
        write = acknowledged("", registered(portal))
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        busy = registered(portal)
        assert time.monotonic() - began > 4
        assert (busy.status_code, busy.json()["code"], busy.headers["retry-after"]) == (503, "busy", "1")
        assert is_there(portal, write), "a read waits for nobody"
        other.execute("ROLLBACK")
        assert registered(portal).status_code == 201


def test_no_room_is_an_answer_and_it_goes_on_when_there_is_room(
    place: Path, registered: Callable[..., httpx.Response]
) -> None:
    with serving(place) as server, httpx.Client(base_url=server.url, trust_env=False, timeout=30) as portal:
        done = [acknowledged("", registered(portal)) for _turn in range(5)]
        before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        for _turn in range(3):
            full = registered(portal)
            assert (full.status_code, full.json()["code"], full.headers["retry-after"]) == (503, "storage", "1")
            assert "Traceback" not in full.text
            assert all(is_there(portal, write) for write in done)
        assert portal.get("/t/new/api/v1/account").status_code == 503
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)
        done += [acknowledged("", registered(portal)) for _turn in range(5)]
        assert all(is_there(portal, write) for write in done)
        assert portal.get("/t/new/api/v1/account").status_code == 401
        lines = portal.get("/mock/log").json()["items"]
        assert [line["status"] for line in lines].count(201) == 10
        assert [line["path"] for line in lines].count("/api/v1/account") == 25, "reads meanwhile are told too"
    with serving(place) as again, httpx.Client(base_url=again.url, trust_env=False) as portal:
        assert all(is_there(portal, write) for write in done)
