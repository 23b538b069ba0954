"""Tenants: nothing of one is in another, there are never more than allowed, and no name leads elsewhere."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any
from wsgiref.util import setup_testing_defaults

import httpx
import pytest

from emkcli.mock.application import Mock, open_mock
from emkcli.mock.tenants import Tenants

Served = Callable[..., Tenants]


@pytest.fixture
def served() -> Iterator[Served]:
    opened: list[Tenants] = []

    def serve(place: str | Path = ":memory:", most: int = 3, made: Callable[..., Mock] = open_mock) -> Tenants:
        make = partial(made, speed=0)
        opened.append(Tenants(make(place), make, most))
        return opened[-1]

    yield serve
    for tenants in opened:
        tenants.close()


def client(tenants: Tenants, base: str = "http://127.0.0.1") -> httpx.Client:
    return httpx.Client(transport=httpx.WSGITransport(app=tenants, remote_addr="127.0.0.1"), base_url=base)


def test_state_clock_inbox_and_log_are_its_own(served: Served) -> None:
    portal = client(served())
    before = {name: portal.get(f"{name}/mock/clock").json()["now"] for name in ("", "/t/a", "/t/b")}
    assert portal.post("/t/a/mock/clock", json={"advance": 3600}).json()["now"] != before["/t/a"]
    assert portal.post("/t/a/mock/seed", json={}).status_code == 201
    assert portal.get("/t/a/mock/inbox").json()["items"]
    for other in ("", "/t/b"):
        assert portal.get(f"{other}/mock/clock").json()["now"] == before[other]
        assert portal.get(f"{other}/mock/inbox").json()["items"] == []
    portal.get("/t/a/api/v1/clinics")
    assert [line["path"] for line in portal.get("/t/a/mock/log").json()["items"]] == ["/api/v1/clinics"]
    assert portal.get("/mock/log").json()["items"] == []


def test_a_new_one_behaves_as_the_server_is_set_and_then_apart(served: Served) -> None:
    portal = client(served())
    portal.get("/t/old/mock/clock")
    portal.put("/mock/scenario", json={"name": "empty-card"})
    portal.post("/mock/faults", json={"kind": "html", "path": "/api/v1/clinics", "times": 1, "rate": 0.5})
    assert portal.get("/t/new/mock/scenario").json()["name"] == "empty-card"
    assert portal.get("/t/old/mock/scenario").json()["name"] == "happy"
    assert portal.get("/t/new/mock/faults").json() == portal.get("/mock/faults").json()
    assert len(portal.get("/t/new/mock/faults").json()["items"]) == 1
    portal.delete("/t/new/mock/faults")
    assert len(portal.get("/mock/faults").json()["items"]) == 1
    assert portal.get("/t/old/mock/faults").json()["items"] == []


def test_what_links_links_within_the_tenant(served: Served) -> None:
    portal = client(served())
    root, tenant = (portal.get(f"{name}/.well-known/emk").json() for name in ("", "/t/a"))
    assert (root["tenants"], tenant["tenants"]) == ("http://127.0.0.1/t/", "http://127.0.0.1/t/")
    assert tenant["openapi"] == "http://127.0.0.1/t/a/openapi.json"
    assert portal.get("/t/a/openapi.json").json()["servers"] == [{"url": "http://127.0.0.1/t/a"}]
    assert portal.get("/openapi.json").json()["servers"] == [{"url": "http://127.0.0.1"}]
    assert portal.get("/t/a/.well-known/openid-configuration").json()["issuer"] == "http://127.0.0.1/t/a"


def test_the_one_idle_longest_goes_first(served: Served) -> None:
    portal = client(served(most=2))
    for name in ("a", "b", "a", "c"):
        portal.post(f"/t/{name}/mock/clock", json={"advance": 3600})
    moved = {name: portal.get(f"/t/{name}/mock/clock").json()["now"] for name in ("a", "c")}
    assert portal.get("/t/b/mock/clock").json()["now"] < moved["c"]  # made anew, and one of the two went for it
    assert moved["a"] > moved["c"]


def test_one_that_answers_is_neither_removed_nor_pushed_out(served: Served) -> None:
    entered, leave = Event(), Event()

    class Slow(Mock):
        def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
            if environ["PATH_INFO"] == "/wait":
                entered.set()
                assert leave.wait(60)
            return super().__call__(environ, start_response)

    def made(place: str | Path, **settings: Any) -> Mock:
        return Slow(open_mock(place, **settings).state)

    portal = client(served(most=1, made=made))
    waiting = Thread(target=lambda: portal.get("/t/a/wait"))
    waiting.start()
    assert entered.wait(60)
    pushed, removed = portal.get("/t/b/mock/clock"), portal.delete("/t/a")
    leave.set()
    waiting.join()
    assert (pushed.status_code, pushed.json()["reason"]) == (503, "tenants_in_use")
    assert (removed.status_code, removed.json()["reason"]) == (409, "tenant_in_use")
    assert portal.delete("/t/a").status_code == 204


def test_they_lie_beside_the_state_and_outlive_the_server(served: Served, tmp_path: Path) -> None:
    place = tmp_path / "mock.sqlite3"
    first = served(place)
    moved = client(first).post("/t/a/mock/clock", json={"advance": 3600}).json()["now"]
    client(first).get("/t/b/mock/clock")
    first.close()
    again = client(served(place, most=2))
    assert again.get("/t/a/mock/clock").json()["now"] == moved
    again.get("/t/c/mock/clock")
    assert {file.stem for file in (tmp_path / "mock.sqlite3.tenants").glob("*.sqlite3")} == {"a", "c"}
    assert (tmp_path / "mock.sqlite3.tenants").stat().st_mode & 0o077 == 0
    assert again.delete("/t/a").status_code == 204
    assert not list((tmp_path / "mock.sqlite3.tenants").glob("a.*"))
    assert again.delete("/t/a").json()["reason"] == "no_tenant"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../x",
        "A",
        "a.",
        "a_b",
        "-a",
        "a-",
        "a" * 65,
        "a" * 10_000,
        "%2e%2e",
        "а",
        "a\u202eb",
        "a\u2066b\u2069",
        "\x1b[2J\x1b]0;a\x07",
        "a\r\nSet-Cookie: a=b",
        "a\\b",
        "a b",
        "a\0b",
        "a\n",
        "con:",
    ],
)
def test_a_hostile_name_makes_nothing(served: Served, tmp_path: Path, name: str) -> None:
    answered: list[str] = []
    headers: list[tuple[str, str]] = []

    def start(status: str, given: list[tuple[str, str]]) -> None:
        answered.append(status)
        headers.extend(given)

    environ: dict[str, Any] = {"PATH_INFO": f"/t/{name}/mock/clock".encode().decode("latin-1")}
    setup_testing_defaults(environ)
    body = b"".join(served(tmp_path / "mock.sqlite3")(environ, start)).decode()
    assert answered == ["404 Not Found"]
    told = json.loads(body)
    assert (told["code"], told["reason"]) == ("not_found", "tenant_name")
    said = body + str(headers)
    assert said.isprintable()
    assert not name or len(name) < 5 or name not in said
    assert len(said) < 1000
    assert not (tmp_path / "mock.sqlite3.tenants").exists()
    assert {file.name.partition("-")[0] for file in tmp_path.iterdir()} == {"mock.sqlite3"}


@pytest.mark.parametrize("headers", [{"Origin": "https://example.org"}, {"Host": "example.org"}])
def test_only_who_may_control_the_mock_removes(served: Served, headers: dict[str, str]) -> None:
    portal = client(served())
    moved = portal.post("/t/a/mock/clock", json={"advance": 3600}).json()["now"]
    assert portal.delete("/t/a", headers=headers).status_code == 404
    assert portal.get("/t/a").status_code == 404
    assert portal.get("/t/a/mock/clock").json()["now"] == moved


RAW = (
    b"/t/../mock/clock",
    b"/t/../../etc/mock/clock",
    b"/t/%2e%2e/mock/clock",
    b"/t/%2e%2e%2f%2e%2e/mock/clock",
    b"/t/a%00b/mock/clock",
    b"/t/%0d%0aSet-Cookie:%20a=b/mock/clock",
    b"/t/%e2%80%aeabc/mock/clock",
    b"/t/\xe2\x80\xaeabc/mock/clock",
    b"/t/%1b%5b2J/mock/clock",
    b"/t/%ff%fe/mock/clock",
    b"/t/" + b"a" * 10_000 + b"/mock/clock",
    b"/t//mock/clock",
)


@pytest.mark.parametrize("method", [b"GET", b"DELETE"])
def test_a_hostile_name_by_the_wire(tmp_path: Path, method: bytes) -> None:
    """As bytes, since a client would tidy them up."""
    line = ["mock", "serve", "--state", str(tmp_path / "mock.sqlite3")]
    server = subprocess.Popen([sys.executable, "-m", "emkcli", *line], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert server.stdout
        port = httpx.URL(json.loads(server.stdout.readline())["url"]).port
        for path in RAW:
            with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
                connection.sendall(method + b" " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                answer = b"".join(iter(lambda: connection.recv(65536), b""))
            head, _, body = answer.partition(b"\r\n\r\n")
            status = 404 if path.isascii() else 400  # bytes that are no address at all
            assert head.startswith(b"HTTP/1.1 %d " % status), path
            assert b"Set-Cookie" not in head
            assert " ".join(body.decode().split()).isprintable(), path
            assert len(answer) < 1000
    finally:
        server.terminate()
        _out, said = server.communicate(timeout=60)
    assert said.count(b"\n") == 1, "only what it said when it began"
    assert not list(tmp_path.glob("*.tenants"))


def test_two_servers_on_one_state_have_one_tenant_of_a_name(served: Served, tmp_path: Path) -> None:
    """One that was removed through the other server is not written on: that would be in no file."""
    one, other = (client(served(tmp_path / "mock.sqlite3")) for _ in range(2))
    one.put("/t/a/mock/scenario", json={"name": "refusal"})
    assert other.get("/t/a/mock/scenario").json() == {"name": "refusal"}, "made by the other, and not made anew"
    assert one.post("/t/a/mock/seed", json={}).status_code == 201
    assert other.delete("/t/a").status_code == 204
    assert one.get("/t/a/mock/scenario").json() == {"name": "happy"}
    assert one.post("/t/a/mock/seed", json={"another": True}).status_code == 201
    phones = {client.post("/t/a/mock/seed", json={"another": True}).json()["phone"] for client in (one, other)}
    assert len(phones) == 2
    assert one.get("/t/a/mock/inbox").json() == other.get("/t/a/mock/inbox").json()


@pytest.mark.parametrize("path", ["/t/BAD/x", "/t/a", "/t/a/nowhere"])
def test_a_head_has_no_body(served: Served, path: str) -> None:
    response = client(served()).head(path)
    assert response.status_code in (404, 405)
    assert response.content == b""
