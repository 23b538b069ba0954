"""Servers that do not play by the rules: no answer of theirs holds a request for longer, or takes more, than it may."""

from __future__ import annotations

import gzip
import socket
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from threading import Thread

import httpcore
import httpx
import pytest

from emkcli import errors
from emkcli.api import wire as module
from emkcli.api.deadlines import promised
from emkcli.api.response_bodies import LARGEST_REFUSAL, text
from emkcli.api.wire import Wire
from tests.api.hostile_server import CLOSE, OK, RESET, drip, hostile, whole, without_end

MEGABYTE = 2**20
TIMEOUT = 0.4
"""Seconds a request may take where it is to run into them; what drips does so far more often."""
AT_MOST = 10 * TIMEOUT
"""A machine that is busy may be late, but not by minutes."""
ENOUGH = 60.0
"""Seconds for what has to end by itself."""


def outcome(
    says: Callable[[], Iterable[bytes]], *, method: str = "GET", timeout: float = ENOUGH
) -> httpx.Response | errors.EmkError:
    """What one request to a server that says this ends with, which has to be soon."""
    with hostile(lambda _head: says()) as server:
        wire = Wire(server.base, timeout=timeout, largest=MEGABYTE)
        started = time.monotonic()
        try:
            return wire.send(method, "/x")
        except errors.EmkError as cause:
            return cause
        finally:
            assert time.monotonic() - started < 10 * timeout
            wire.close()


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
DRIPPING = {
    "status": lambda: drip(bytes([letter]) for letter in OK * 100),
    "headers": lambda: drip((OK, *(b"X-%d: 1\r\n" % number for number in range(1000)))),
    "interim answers": lambda: drip(without_end(b"HTTP/1.1 100 Continue\r\n\r\n")),
    "early hints": lambda: drip(without_end(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")),
    "body": lambda: drip((OK + b"Content-Length: 1000\r\n\r\n", *[b" "] * 1000)),
    "chunks": lambda: drip((CHUNKED, *[b"1\r\n \r\n"] * 1000)),
    "a chunk's size": lambda: drip((CHUNKED, *[b"0"] * 1000)),
    "trailers": lambda: drip((CHUNKED + b"0\r\n", *[b"X: 1\r\n"] * 1000)),
    "an answer that never ends": lambda: drip((OK + b"Connection: close\r\n\r\n", *[b" "] * 1000)),
    "a refusal": lambda: drip((b"HTTP/1.1 404 Not Found\r\nContent-Length: 1000\r\n\r\n", *[b" "] * 1000)),
    "a redirect": lambda: drip((b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 1000\r\n\r\n", *[b" "] * 1000)),
    "nothing": lambda: drip([b""] * 1000),
}


@pytest.mark.parametrize("kind", DRIPPING)
def test_what_drips_ends_by_the_deadline(kind: str) -> None:
    assert isinstance(outcome(DRIPPING[kind], timeout=TIMEOUT), errors.TimedOut)


ENDLESS = {
    "headers": (OK, without_end(b"X-A: 1\r\n" * 1000)),
    "one header": (OK + b"X-A: ", without_end(b"a" * 65536)),
    "status line": (b"HTTP/1.1 200 ", without_end(b"K" * 65536)),
    "interim answers": (b"", without_end(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100)),
    "body": (OK + b"Connection: close\r\n\r\n", without_end(b" " * 65536)),
    "chunks": (CHUNKED, without_end(b"10000\r\n" + b" " * 65536 + b"\r\n")),
    "a chunk's extension": (CHUNKED + b"1;", without_end(b"a" * 65536)),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_what_never_ends_is_no_answer(kind: str) -> None:
    start, more = ENDLESS[kind]

    def answer() -> Iterator[bytes]:
        yield start
        yield from more

    assert isinstance(outcome(answer), errors.BadResponse)


def packed(body: bytes, coding: bytes = b"gzip") -> tuple[bytes, ...]:
    return (whole(body, OK + b"Content-Encoding: " + coding + b"\r\n"),)


BOMB = gzip.compress(b" " * (64 * MEGABYTE))
BOMBS = {
    "gzip": packed(BOMB),
    "gzip twice": packed(gzip.compress(BOMB), b"gzip, gzip"),
    "twice, and much of it between": packed(gzip.compress(gzip.compress(b"") * (4 * MEGABYTE // 20)), b"gzip, gzip"),
    "many members": packed(gzip.compress(b" " * 65536) * 100),
    "gzip three times": packed(gzip.compress(gzip.compress(BOMB)), b"gzip, gzip, gzip"),
    "ten thousand times": packed(BOMB, b", ".join([b"gzip"] * 10_000)),
    "not asked for": packed(zlib.compress(b"{}"), b"deflate"),
    "not asked for either": packed(b"{}", b"br"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_not_unpacked(kind: str) -> None:
    bad = outcome(lambda: BOMBS[kind])
    assert isinstance(bad, errors.BadResponse)
    assert bad.request_id == "r-1"


def test_what_is_packed_well_is_unpacked() -> None:
    members = packed(gzip.compress(b'{"a"') + gzip.compress(b": 1}"))
    layers = packed(gzip.compress(gzip.compress(b'{"a": 1}')), b"gzip, x-gzip")
    for good in (outcome(lambda: members), outcome(lambda: layers)):
        assert isinstance(good, httpx.Response)
        assert good.json() == {"a": 1}


DAMAGED = {
    "cut": packed(gzip.compress(b"{}" * 100)[:-9]),
    "no gzip": packed(b"{}"),
    "a wrong checksum": packed(gzip.compress(b"{}")[:-8] + b"\0" * 8),
    "junk behind it": packed(gzip.compress(b"{}") + b"junk"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_packed_answer_that_is_damaged_is_bad(kind: str) -> None:
    bad = outcome(lambda: DAMAGED[kind])
    assert isinstance(bad, errors.BadResponse)
    assert "damaged" in bad.message
    assert bad.request_id == "r-1"


def test_an_answer_beyond_the_limit_names_limit_setting_and_request() -> None:
    assert isinstance(outcome(lambda: (whole(b" " * MEGABYTE),)), httpx.Response)
    bad = outcome(lambda: (whole(b" " * (MEGABYTE + 1)),))
    assert isinstance(bad, errors.BadResponse)
    assert "1 MB" in bad.message
    assert "limits.response" in bad.message
    assert bad.request_id == "r-1"


def test_it_is_asked_for_once() -> None:
    with hostile(lambda _head: [whole(b" " * 2000)]) as server:
        wire = Wire(server.base, largest=1000)
        with pytest.raises(errors.BadResponse):
            wire.send("GET", "/x")
        assert len(server.requests) == 1
        assert len(wire.send("GET", "/x", limit=3000).content) == 2000
        wire.close()


def test_a_refusal_speaks_by_its_status_when_its_words_have_no_end() -> None:
    head = b"HTTP/1.1 404 Not Found\r\nX-Request-Id: r-2\r\n"
    refusal = b'{"detail": "' + b"x" * LARGEST_REFUSAL + b'"}'
    refused = outcome(lambda: (whole(refusal, head),))
    assert isinstance(refused, errors.NotFound)
    assert "404" in refused.message
    assert "xxx" not in refused.message
    assert refused.request_id == "r-2"


TOO_SHORT = {
    "content-length": (OK + b"Content-Length: 1000\r\n\r\n{}", CLOSE),
    "a chunk": (CHUNKED + b"10\r\n{}", CLOSE),
    "no last chunk": (CHUNKED + b"2\r\n{}\r\n", CLOSE),
    "headers": (OK, CLOSE),
    "reset in the status": (b"HTTP/1.1 2", RESET),
    "reset in the headers": (OK, RESET),
    "reset in the body": (OK + b"Content-Length: 1000\r\n\r\n{}", RESET),
    "reset at once": (RESET,),
    "closed at once": (CLOSE,),
    "a length beyond every number": (OK + b"Content-Length: 99999999999999999999\r\n\r\n{}", CLOSE),
}


@pytest.mark.parametrize("kind", TOO_SHORT)
def test_a_connection_that_breaks_is_no_answer(kind: str) -> None:
    broken = outcome(lambda: TOO_SHORT[kind], method="POST")
    assert isinstance(broken, errors.Unreachable)
    assert not isinstance(broken, errors.TimedOut)


NO_HTTP = {
    "another protocol": (b"SSH-2.0-OpenSSH_9.6\r\n\r\n",),
    "a length that is none": (OK + b"Content-Length: many\r\n\r\n{}",),
    "two lengths": (OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",),
    "a negative length": (OK + b"Content-Length: -1\r\n\r\n{}",),
    "a chunk without a size": (CHUNKED + b"zz\r\n{}\r\n",),
    "a header of binary": (OK + b"X-\0: 1\r\n\r\n",),
    "a status that is none": (b"HTTP/1.1 999999 OK\r\n\r\n",),
}


@pytest.mark.parametrize("kind", NO_HTTP)
def test_what_is_no_http_is_a_bad_response(kind: str) -> None:
    assert isinstance(outcome(lambda: NO_HTTP[kind]), errors.BadResponse)


def test_an_answer_of_http_1_0_ends_with_its_connection() -> None:
    answer = outcome(lambda: (b"HTTP/1.0 200 OK\r\n\r\n", b'{"a": 1}', CLOSE))
    assert isinstance(answer, httpx.Response)
    assert answer.json() == {"a": 1}


def test_a_kept_connection_that_the_server_closes_is_opened_anew() -> None:
    with hostile(lambda _head: [whole(b"{}"), CLOSE]) as server:
        wire = Wire(server.base)
        for _turn in range(5):
            assert wire.json("GET", "/x") == {}
        # one more where the end of the old connection was not seen in time
        assert 5 <= len(server.requests) <= 10
        wire.close()


def test_a_server_that_reads_nothing_ends_by_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire = Wire(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=TIMEOUT)
        started = time.monotonic()
        with pytest.raises(errors.TimedOut):
            wire.send("PUT", "/x", content=b" " * (32 * MEGABYTE))
        assert time.monotonic() - started < AT_MOST
        wire.close()


def test_a_name_that_nobody_resolves_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_host, **_kind: time.sleep(AT_MOST))
    started = time.monotonic()
    with pytest.raises(errors.TimedOut):
        Wire("https://card.example.org", timeout=TIMEOUT).send("GET", "/x")
    assert time.monotonic() - started < AT_MOST


def test_all_attempts_together_take_what_one_request_may() -> None:
    def busy(_head: bytes) -> Iterator[bytes]:
        time.sleep(0.1)
        yield whole(b"{}", b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n")

    with hostile(busy) as server:
        wire = Wire(server.base, timeout=TIMEOUT)
        started = time.monotonic()
        with pytest.raises(errors.ServerError):
            wire.send("GET", "/x")
        assert time.monotonic() - started < 1
        assert len(server.requests) == 1
        wire.close()


def test_a_run_that_promised_to_end_cuts_its_requests_short() -> None:
    with hostile(lambda _head: drip([b""] * 1000)) as server:
        wire = Wire(server.base, timeout=60)
        started = time.monotonic()
        with promised(60), promised(TIMEOUT), promised(60), pytest.raises(errors.TimedOut):
            wire.send("GET", "/x")
        assert time.monotonic() - started < AT_MOST
        wire.close()


@pytest.mark.parametrize(
    "date",
    ["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"],
)
def test_a_date_beyond_the_calendar_is_not_the_time(date: str) -> None:
    with hostile(lambda _head: [whole(b"{}", OK + b"Date: " + date.encode() + b"\r\n")]) as server:
        wire = Wire(server.base)
        wire.send("GET", "/x")
        assert 2000 < wire.now().year < 9000
        wire.close()


@pytest.mark.parametrize("seconds", ["1000000000", "1e300", "inf", "9" * 400])
def test_nobody_waits_for_ever_because_a_server_asks_for_it(seconds: str) -> None:
    answer = (whole(b"{}", b"HTTP/1.1 429 Slow\r\nRetry-After: " + seconds.encode() + b"\r\n"),)
    assert isinstance(outcome(lambda: answer), errors.RateLimited)


def test_a_handshake_that_drips_ends_by_the_deadline() -> None:
    def record() -> Iterator[bytes]:
        """The start of a TLS record of 16 KB, and then byte after byte of it."""
        yield b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"
        yield from drip([b"\0"] * 1000)

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drips() -> None:
            connection, _address = listener.accept()
            with connection, suppress(OSError):
                for part in record():
                    connection.sendall(part)

        Thread(target=drips, daemon=True).start()
        wire = Wire(f"https://127.0.0.1:{listener.getsockname()[1]}", timeout=TIMEOUT)
        started = time.monotonic()
        with pytest.raises(errors.TimedOut):
            wire.send("GET", "/x")
        assert time.monotonic() - started < AT_MOST
        wire.close()


def test_an_address_nobody_answers_at_leaves_the_others_their_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSES", ())
    shares: list[float] = []

    def connect_tcp(_backend: object, host: str, _port: int, timeout: float, *_more: object) -> httpcore.NetworkStream:
        shares.append(timeout)
        raise httpcore.ConnectTimeout if len(shares) < 4 else httpcore.ConnectError(host)

    addresses = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (f"192.0.2.{last}", 443)) for last in range(4)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_host, **_kind: addresses)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect_tcp)
    with pytest.raises(errors.Unreachable):
        Wire("https://card.example.org", timeout=8).send("POST", "/x")
    assert [round(share) for share in shares[:4]] == [2, 3, 4, 8]


def test_an_answer_in_words_is_read_in_a_charset_that_unpacks_nothing() -> None:
    russian = "карта".encode("windows-1251")
    for charset, said in (("windows-1251", "карта"), ("zlib", "�"), ("punycode", "�"), ("nonsense", "�")):
        head = OK.replace(b"json", b"json; charset=" + charset.encode())
        answer = outcome(lambda head=head: (whole(russian, head),))
        assert isinstance(answer, httpx.Response)
        assert text(answer)[0] == said[0]
