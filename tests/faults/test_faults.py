"""What a real server does on a bad day: one clear line, the right exit code, and nothing lost."""

from __future__ import annotations

import socket
import time

import pytest

from tests.contract.world import BOTH, World

REQUEST = ("request", "create", "prescription", "--medicine", "Аторвастатин", "--yes")
LASTING = {
    "5xx": (8, "server_error"),
    "429": (8, "rate_limited"),
    "html": (8, "bad_response"),
    "truncated-json": (8, "bad_response"),
    "200-with-error": (8, "bad_response"),
    "empty": (8, "bad_response"),
    "drop-after-commit": (7, "unreachable"),
}
"""What a fault that does not go away ends with."""
PASSING = {"5xx", "429", "drop-after-commit"}
"""What one retry survives."""


def add(world: World, kind: str, path: str, *, times: int, method: str | None = None, after: int = 0) -> None:
    more = ["--method", method] if method else []
    world.ok("mock", "fault", "add", kind, "--path", path, "--times", str(times), "--after", str(after), *more)


@pytest.fixture(autouse=True)
def none_is_made(pauses: list[float]) -> None:
    """No test waits."""


@pytest.mark.parametrize("kind", LASTING)
def test_a_read_that_cannot_succeed(world: World, kind: str) -> None:
    add(world.at("activated"), kind, "/api/v1/applications", times=0)
    code, slug = LASTING[kind]
    error = world.fails(code, slug, "status")
    assert error["retryable"] is True
    assert "\n" not in error["message"]
    assert "Traceback" not in error["message"]
    world.ok("mock", "fault", "clear")
    assert world.ok("status").item["status"] == "activated"


@pytest.mark.parametrize("kind", LASTING)
def test_a_change_that_cannot_be_confirmed(world: World, kind: str) -> None:
    add(world.at("activated"), kind, "/api/v1/requests", times=0, method="POST")
    code, slug = LASTING[kind]
    world.fails(code, slug, *REQUEST)
    world.ok("mock", "fault", "clear")
    world.ok(*REQUEST)
    assert len(world.ok("request", "list").items) == 1


@pytest.mark.parametrize("kind", sorted(PASSING))
def test_what_passes_by_itself_is_not_noticed(world: World, kind: str) -> None:
    add(world.at("activated"), kind, "/api/v1/requests", times=1, method="POST")
    add(world, kind, "/api/v1/applications", times=1)
    assert world.ok(*REQUEST).item["medicine"] == "Аторвастатин"
    assert world.ok("status").item["status"] == "activated"
    assert len(world.ok("request", "list").items) == 1


def test_a_connection_that_breaks_after_the_change_leaves_one_of_each(world: World) -> None:
    world.at("logged-in")
    for path, method in (("/api/v1/services", "PUT"), ("/api/v1/attachment", "PUT"), ("/api/v1/consents", "PUT")):
        add(world, "drop-after-commit", path, times=1, method=method)
    world.ok("connect", *BOTH)
    world.ok("clinic", "choose", "gp-005", "--yes")
    assert len(world.ok("application", "list").items) == 1
    world.advance("48h")
    add(world, "drop-after-commit", "/api/v1/transfers", times=1, method="POST")
    world.ok("transfer", "create", "--to", "gp-001", "--category", "allergies", "--yes")
    assert len(world.ok("transfer", "list").items) == 1


def test_a_refresh_that_breaks_does_not_lose_the_session(world: World) -> None:
    world.at("activated").advance("2h")
    add(world, "drop-after-commit", "/oauth2/token", times=1)
    assert world.ok("status").item["status"] == "activated"
    world.advance("2h")
    assert world.ok("status").item["status"] == "activated"


def test_a_registration_whose_answer_is_lost_is_found_again(world: World) -> None:
    add(world.at("new"), "truncated-json", "/api/v1/accounts", times=1)
    world.fails(8, "bad_response", "register", "--from", world.person)
    assert world.ok("register", "--from", world.person).item["trust"] == "simplified"
    assert world.ok("whoami").item["trust"] == "simplified"


def test_a_token_that_ends_in_the_middle_of_a_list(world: World) -> None:
    whole = world.at("activated").ok("card", "labs").items
    add(world, "401-mid-paging", "/fhir/R4/", times=1)
    assert world.ok("card", "labs").items == whole
    assert any(entry["status"] == 401 for entry in world.ok("mock", "log").items)


@pytest.mark.parametrize("kind", sorted(LASTING))
def test_a_later_page_that_fails_leaves_no_half_list(embedded: World, kind: str) -> None:
    embedded.at("activated").ok("card", "labs", "--new", "--limit", "1")
    add(embedded, kind, "/fhir/R4/Observation", times=0, after=1)
    code, slug = LASTING[kind]
    embedded.fails(code, slug, "card", "labs", "--new")
    text = embedded("card", "labs")
    assert (text.code, text.out) == (code, "")
    embedded.ok("mock", "fault", "clear")
    assert len(embedded.ok("card", "labs", "--new").items) == len(embedded.ok("card", "labs").items) - 1


@pytest.mark.parametrize("kind", sorted(LASTING))
def test_one_clear_line_for_people(world: World, kind: str) -> None:
    add(world.at("activated"), kind, "/api/v1/applications", times=0)
    said = world("status").err.splitlines()
    assert said[0].startswith("emk: ")
    assert all(line.startswith(("hint: ", "request: ")) for line in said[1:])
    assert len(said) <= 3


def test_too_many_requests_waits_as_the_server_asked(world: World, pauses: list[float]) -> None:
    add(world.at("activated"), "429", "/api/v1/applications", times=1)
    world.ok("status")
    assert pauses == [1.0]


def test_a_slow_server_is_a_timeout(world: World) -> None:
    world.at("activated").ok(
        "mock", "fault", "add", "slow", "--path", "/api/v1/applications", "--seconds", "1.5", "--times", "0"
    )
    if world.server:
        assert world.fails(7, "timeout", "status", "--timeout", "0.3")["retryable"] is True
    else:
        assert world.ok("status").item["status"] == "activated"


def test_a_refused_connection_ends_soon(embedded: World, pauses: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    embedded.at("new")
    begun = time.process_time()
    error = embedded.fails(7, "unreachable", "whoami", "--url", f"http://127.0.0.1:{port}")
    assert time.process_time() - begun + sum(pauses) < 5
    assert len(pauses) == 3
    assert "127.0.0.1" in error["message"]


def test_a_black_hole_ends_with_the_timeout(embedded: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        embedded.at("new")
        begun = time.monotonic()
        embedded.fails(7, "timeout", "whoami", "--url", url, "--timeout", "0.5")
        assert time.monotonic() - begun < 25, "without the option it would be 30 s"
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


@pytest.mark.parametrize(
    ("answer", "code", "slug"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n", 8, "bad_response"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", 7, "unreachable"),
        (b"", 7, "unreachable"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", 8, "bad_response"),
    ],
)
def test_something_else_at_the_address(embedded: World, answer: bytes, code: int, slug: str) -> None:
    from threading import Thread

    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            while True:
                try:
                    peer = server.accept()[0]
                except OSError:
                    return
                with peer:
                    peer.recv(4096)
                    peer.sendall(answer)

        Thread(target=talk, daemon=True).start()
        done = embedded.at("new")(
            "whoami", "--json", env={"EMK_URL": f"http://127.0.0.1:{server.getsockname()[1]}", "EMK_TOKEN": "invented"}
        )
        server.shutdown(socket.SHUT_RDWR)
    assert (done.code, done.out, done.error["code"]) == (code, "", slug)
    assert "invented" not in done.err
