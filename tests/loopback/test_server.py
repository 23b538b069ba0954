"""The one server that listens: what reaches an application behind it, and what never does."""

from __future__ import annotations

import http.client
import socket
import sys
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from emkcli.loopback import peer_uid
from emkcli.loopback.server import LoopbackServer, reply
from tests.loopback.browser import ask

Reached = list[tuple[str, str, bytes]]


@pytest.fixture
def reached() -> Reached:
    """Method, path and body of what the application saw."""
    return []


@pytest.fixture
def server(reached: Reached) -> Iterator[LoopbackServer]:
    def application(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        reached.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], body))
        if environ["PATH_INFO"] == "/broken":
            raise RuntimeError("sentinel")
        return reply(start, 200, b"here", {"Content-Type": "text/plain"})

    with LoopbackServer(application) as running:
        yield running


def test_an_application_is_reached_with_what_was_sent(server: LoopbackServer, reached: Reached) -> None:
    answer = ask(server.origin, method="GET", path="/a%20b")
    assert (answer.status, answer.page) == (200, b"here")  # type: ignore[attr-defined]
    parts = urlsplit(server.origin)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=5)
    connection.request("POST", "/form", b"code=1")
    assert connection.getresponse().status == 200
    connection.close()
    assert reached == [("GET", "/a b", b""), ("POST", "/form", b"code=1")]


def test_an_answer_is_kept_by_nobody_and_names_no_software(server: LoopbackServer) -> None:
    headers = ask(server.origin, path="/").headers
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert (headers["X-Frame-Options"], headers["Content-Type"]) == ("DENY", "text/plain")
    assert not headers["Server"]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "[::1]:{port}", "localhost:{port}", "127.0.0.1:{port}.evil.example"]
)
def test_another_host_does_not_reach_it(server: LoopbackServer, reached: Reached, host: str) -> None:
    answer = ask(server.origin, path="/", host=host.format(port=server.server_port))
    assert (answer.status, answer.page, reached) == (421, b"", [])  # type: ignore[attr-defined]


def test_another_user_does_not_reach_it(
    server: LoopbackServer, reached: Reached, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer_uid, "ROOT", -1)
    monkeypatch.setattr("os.getuid", lambda: 12345)
    answer = ask(server.origin, path="/")
    if sys.platform == "linux":
        assert (answer.status, answer.page, reached) == (403, b"", [])  # type: ignore[attr-defined]
    else:  # only Linux tells whose a connection is
        assert (answer.status, len(reached)) == (200, 1)


def test_a_failure_is_a_bare_page_and_silent(server: LoopbackServer, capfd: pytest.CaptureFixture[str]) -> None:
    answer = ask(server.origin, path="/broken")
    assert answer.status == 500
    assert b"sentinel" not in answer.page  # type: ignore[attr-defined]
    assert capfd.readouterr() == ("", "")


def test_a_broken_request_is_answered_without_a_name(server: LoopbackServer, reached: Reached) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as connection:
        connection.sendall(b"\x16\x03\x01 not http at all\r\n\r\n")
        said = connection.makefile("rb").read()
    assert b"Python" not in said
    assert b"400" in said
    assert reached == []


@pytest.mark.parametrize("host", ["0.0.0.0", "", "example.org", "192.0.2.1"])
def test_nothing_but_this_machine_can_be_bound(host: str) -> None:
    with pytest.raises(KeyError):
        LoopbackServer(lambda _environ, start: reply(start, 200), host)


def test_the_other_loopback_address() -> None:
    def application(_environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return reply(start, 200, b"six")

    if not has_ipv6():
        with pytest.raises(OSError):
            LoopbackServer(application, "::1")
        return
    with LoopbackServer(application, "::1") as server:
        assert server.origin == f"http://[::1]:{server.server_port}"
        assert server.server_address[0] == "::1"
        assert ask(server.origin, path="/").page == b"six"  # type: ignore[attr-defined]


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def test_it_ends_with_the_block() -> None:
    with LoopbackServer(lambda _environ, start: reply(start, 200)) as server:
        assert ask(server.origin, path="/").status == 200
    with pytest.raises(ConnectionRefusedError):
        ask(server.origin, path="/")
