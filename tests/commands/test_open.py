"""`emk card open`: one page, once, to who knows the address; through real sockets."""

from __future__ import annotations

import http.client
import subprocess
import sys
import webbrowser
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from emkcli import peers
from emkcli.onetime import OneTimePage
from tests.conftest import Emk

PAGE = "<p>страница".encode()


def ask(
    address: str, *, method: str = "GET", path: str | None = None, host: str | None = None
) -> http.client.HTTPResponse:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
    connection.request(method, path or parts.path, headers={"Host": host or parts.netloc})
    answer = connection.getresponse()
    answer.page = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


@pytest.fixture
def served() -> Iterator[OneTimePage]:
    with OneTimePage(PAGE, {"Content-Type": "text/html; charset=utf-8"}) as page:
        yield page


def test_once(served: OneTimePage) -> None:
    assert served.address.startswith("http://127.0.0.1:")
    assert len(urlsplit(served.address).path) > 40
    first = ask(served.address)
    assert (first.status, first.page) == (200, PAGE)  # type: ignore[attr-defined]
    assert (first.headers["Cache-Control"], first.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert not first.headers["Server"]
    assert served.wait(5)
    again = ask(served.address)
    assert (again.status, again.page) == (410, b"")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "localhost"}, 421),
        ({"method": "HEAD"}, 405),
        ({"method": "POST"}, 405),
        ({"method": "BREW"}, 405),
        ({"path": "/"}, 404),
        ({"path": "/favicon.ico"}, 404),
        ({"path": "/%d1%8f"}, 404),
    ],
)
def test_what_does_not_use_it_up(served: OneTimePage, how: dict[str, str], status: int) -> None:
    answer = ask(served.address, **how)
    assert (answer.status, answer.page) == (status, b"")  # type: ignore[attr-defined,arg-type]
    assert not served.wait(0)
    assert ask(served.address).status == 200


def test_another_user_of_this_machine_gets_nothing(served: OneTimePage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "ROOT", -1)
    with monkeypatch.context() as patched:
        patched.setattr("os.getuid", lambda: 12345)
        expected = 403 if sys.platform == "linux" else 200
        assert ask(served.address).status == expected
    assert ask(served.address).status == (200 if expected == 403 else 410)


def test_of_many_at_once_one_gets_it(served: OneTimePage) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(lambda _: ask(served.address).status, range(16)))
    assert found == [200] + [410] * 15


def test_an_address_is_never_the_same() -> None:
    with OneTimePage(PAGE, {}) as one, OneTimePage(PAGE, {}) as other:
        assert urlsplit(one.address).path != urlsplit(other.address).path


def written(home: Path) -> set[Path]:
    return {path for path in home.rglob("*") if path.is_file() and b"<html" in path.read_bytes()}


def test_headless(seeded: Callable[[], None], tmp_path: Path) -> None:
    """The address is the output, the page is whole, the process ends, and nothing of it is on the disk."""
    seeded()
    line = [sys.executable, "-m", "emkcli", "card", "open", "--no-browser"]
    with subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        address = process.stdout.readline().decode().strip()
        answer = ask(address)
        content: bytes = answer.page  # type: ignore[attr-defined]
        assert answer.status == 200
        assert content.rstrip().endswith(b"</html>")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Content-Security-Policy"].encode() in content
        assert process.wait(10) == 0
        assert process.stdout.read() == b""
    assert written(tmp_path) == set()


def test_in_the_browser(emk: Emk, seeded: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    seeded()
    visited: list[int] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: bool(visited.append(ask(address).status)) or True)
    monkeypatch.setattr("emkcli.terminal.is_terminal", lambda stream: True)
    done = emk("card", "open")
    assert (done.code, done.out, visited) == (0, "", [200])
    assert "127.0.0.1" not in done.err


def test_nobody_comes(emk: Emk, seeded: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    seeded()
    monkeypatch.setattr("emkcli.journey.opening.WAIT_SECONDS", 0.1)
    done = emk("card", "open", "--json", "--no-browser")
    assert (done.code, done.error["code"]) == (7, "timeout")
    assert done.json["url"].startswith("http://127.0.0.1:")
