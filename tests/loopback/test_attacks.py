"""What other users, pages and half-dead connections try with the listeners; real sockets, for root real users too."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest

from emkcli import errors
from emkcli.loopback import connections, one_time_page, peer_uid
from emkcli.loopback.oauth_callback import Receiver
from emkcli.loopback.one_time_page import OneTimePage
from tests.loopback.browser import ask
from tests.loopback.stranger import as_stranger, says, says_and_hangs_up

STATE = "state-of-this-login"
LARGE = b"<p>" + b"x" * 20_000_000
"""More than the sockets of both ends keep, so that it is not written before somebody reads."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver("http://127.0.0.1/callback") as one:
        one.expect(STATE)
        yield one


@pytest.fixture
def served() -> Iterator[OneTimePage]:
    with OneTimePage(b"<p>card", {"Content-Type": "text/html"}) as page:
        yield page


def place(address: str) -> tuple[int, str]:
    parts = urlsplit(address)
    return int(parts.port or 0), parts.path


def request(address: str, *, query: str = "") -> bytes:
    port, path = place(address)
    return f"GET {path}{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def test_a_stranger_gets_no_page_and_takes_none_away(served: OneTimePage, monkeypatch: pytest.MonkeyPatch) -> None:
    port, _path = place(served.address)
    got = as_stranger(monkeypatch, lambda: says(port, request(served.address)))
    assert b"card" not in got
    assert got == b"" or got.startswith(b"HTTP/1.0 403")
    as_stranger(monkeypatch, lambda: says_and_hangs_up(port, request(served.address)))
    assert not served.wait(0.1)
    assert ask(served.address).status == 200


def test_a_stranger_through_the_other_protocol_neither(served: OneTimePage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket of IPv6 that connects to ::ffff:127.0.0.1 stands in the other table."""
    port, _path = place(served.address)
    mapped = {"host": "::ffff:127.0.0.1", "family": socket.AF_INET6}
    got = as_stranger(monkeypatch, lambda: says(port, request(served.address), **mapped))  # type: ignore[arg-type]
    assert b"card" not in got
    assert b"card" in says(port, request(served.address), **mapped)  # type: ignore[arg-type]


def test_a_stranger_cannot_answer_a_login(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    port, _path = place(receiver.redirect_uri)
    answer = request(receiver.redirect_uri, query=f"?code=theirs&state={STATE}")
    as_stranger(monkeypatch, lambda: says(port, answer))
    as_stranger(monkeypatch, lambda: says_and_hangs_up(port, answer))
    with pytest.raises(errors.TimedOut):
        receiver.wait(patience=0.3)
    assert b" 200 " in says(port, answer)
    assert receiver.wait(patience=30)["code"] == "theirs"


def test_a_stranger_with_the_same_port_elsewhere_keeps_nobody_out(served: OneTimePage) -> None:
    """The whole address is compared: others hold the same numbers of ports at 127.0.0.2."""
    with socket.socket() as mine, socket.socket() as other:
        mine.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.2", mine.getsockname()[1]))
        for one in (mine, other):
            one.connect(_at(served))
        ends = [peer_uid._looked_up(one.getsockname(), _at(served)) for one in (mine, other)]
        assert [end and (end.uid, end.held) for end in ends] == [(os.getuid(), True)] * 2
        other.close()
        assert peer_uid.is_mine(mine.getsockname(), _at(served))


@pytest.fixture(params=["asked", "looked up"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a sandbox forbids to ask the kernel, its tables are read."""
    if request.param == "looked up":
        monkeypatch.setattr(peer_uid, "SOCK_DIAG", 250)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_the_kernel_says_whose_a_connection_is_and_what_it_has_read(family: socket.AddressFamily) -> None:
    host = "127.0.0.1" if family == socket.AF_INET else "::1"
    try:
        listening = socket.create_server((host, 0), family=family)
    except OSError:
        assert family == socket.AF_INET6
        return
    with listening, socket.create_connection(listening.getsockname()[:2]) as client:
        ours, _address = listening.accept()
        pair = (client.getsockname()[:2], listening.getsockname()[:2])
        assert peer_uid.is_mine(*pair)
        assert peer_uid.has_read(*pair)
        ours.sendall(b"xy")
        assert not peer_uid.has_read(*pair)
        client.recv(2)
        assert peer_uid.has_read(*pair)
        client.close()
        assert not peer_uid.is_mine(*pair)
        assert peer_uid.has_read(*pair) is None
        ours.close()


def test_a_flood_of_strangers_keeps_nobody_out(served: OneTimePage, monkeypatch: pytest.MonkeyPatch) -> None:
    port, _path = place(served.address)

    def flood() -> bytes:
        opened = [socket.create_connection(("127.0.0.1", port), timeout=10) for _turn in range(300)]
        return str(len(opened)).encode()

    assert as_stranger(monkeypatch, flood) == b"300"
    assert ask(served.address).status == 200


# what hangs, drips, resets or is too large


def test_a_page_is_not_burned_by_who_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for seconds in ("READ_SECONDS_WITH_OTHERS", "PART_SECONDS"):
        monkeypatch.setattr(one_time_page, seconds, 0.3)
    for content in (b"<p>card", LARGE):
        with OneTimePage(content, {}) as served, socket.create_connection(_at(served)) as deaf:
            deaf.sendall(request(served.address))
            assert not served.wait(0.5)
            fetched = ask(served.address)
            assert (fetched.status, len(fetched.page)) == (200, len(content))  # type: ignore[attr-defined]
            assert served.wait(5)
            assert ask(served.address).status == 410


@pytest.mark.parametrize("read", [0, 1, 5_000_000])
@pytest.mark.parametrize("half_closed", [True, False])
def test_nor_by_who_hangs_up_before_the_end(read: int, half_closed: bool) -> None:
    with OneTimePage(LARGE, {}) as served:
        with socket.create_connection(_at(served), timeout=10) as hasty:
            hasty.sendall(request(served.address))
            if half_closed:
                hasty.shutdown(socket.SHUT_WR)
            left = read
            while left > 0:
                left -= len(hasty.recv(left))
        fetched = ask(served.address)
        assert (fetched.status, len(fetched.page)) == (200, len(LARGE))  # type: ignore[attr-defined]
        assert served.wait(5)
        assert ask(served.address).status == 410


def test_half_a_request_is_no_visit(served: OneTimePage) -> None:
    whole = request(served.address)
    for part in (whole[:-2], whole[: len(whole) // 2], whole.partition(b"Host")[0]):
        with socket.create_connection(_at(served), timeout=10) as connection:
            connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):
                assert b"card" not in connection.recv(65536)
    assert ask(served.address).status == 200


def test_a_reset_before_the_page_loses_no_answer(receiver: Receiver) -> None:
    port, _path = place(receiver.redirect_uri)
    for query in ("?code=c", "", f"?code=c&state={STATE}"):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(request(receiver.redirect_uri, query=query))
            time.sleep(0.2)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    assert receiver.wait(patience=30) == {"code": "c", "state": STATE}


def test_thousands_of_half_open_connections(receiver: Receiver) -> None:
    port, _path = place(receiver.redirect_uri)
    before = threading.active_count()
    with ExitStack() as stack:
        for turn in range(900):
            half = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            with suppress(ConnectionError):
                half.sendall(b"GET /callback?code=" if turn % 2 else b"")
        says(port, request(receiver.redirect_uri, query=f"?code=c&state={STATE}"))
        assert receiver.wait(patience=30)["code"] == "c"
        assert threading.active_count() <= before + connections.MOST + 20


def test_one_byte_more_buys_no_time(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.5)
    with socket.create_connection(_at_port(receiver), timeout=10) as slow:
        until = time.monotonic() + 30
        with suppress(ConnectionError):
            while time.monotonic() < until:
                slow.sendall(b"G")
                time.sleep(0.05)
        assert time.monotonic() < until


@pytest.mark.parametrize(
    "head", [b"GET /" + b"a" * 10_000_000, b"GET / HTTP/1.1\r\n" + b"X-Header: " + b"a" * 60_000 + b"\r\n" * 2]
)
def test_a_request_too_long_is_cut(receiver: Receiver, head: bytes) -> None:
    with socket.create_connection(_at_port(receiver), timeout=10) as connection:
        with suppress(ConnectionError):
            for at in range(0, len(head), 65536):
                connection.sendall(head[at : at + 65536])
        with suppress(ConnectionError):
            assert b"code" not in connection.recv(65536)
    says(_at_port(receiver)[1], request(receiver.redirect_uri, query=f"?code=c&state={STATE}"))
    assert receiver.wait(patience=30)["code"] == "c"


def test_of_many_right_answers_at_once_one_counts(receiver: Receiver) -> None:
    port, _path = place(receiver.redirect_uri)
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(lambda n: says(port, request(receiver.redirect_uri, query=f"?code={n}&state={STATE}")), range(16))
        )
    assert receiver.wait(patience=30)["state"] == STATE
    with pytest.raises(errors.TimedOut):
        receiver.wait(patience=0.05)


def test_nobody_else_takes_the_port_where_a_browser_looks_first() -> None:
    with Receiver("http://localhost/callback") as one, socket.socket(socket.AF_INET6) as other:
        port, _path = place(one.redirect_uri)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError):
            other.bind(("::1", port))


def _at(served: OneTimePage) -> tuple[str, int]:
    return "127.0.0.1", place(served.address)[0]


def _at_port(receiver: Receiver) -> tuple[str, int]:
    return "127.0.0.1", place(receiver.redirect_uri)[0]
