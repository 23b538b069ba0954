"""One page, once, to who knows the address; through real sockets."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from emkcli.loopback import peer_uid
from emkcli.loopback.one_time_page import OneTimePage
from tests.loopback.browser import ask

PAGE = "<p>страница".encode()


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
    monkeypatch.setattr(peer_uid, "ROOT", -1)
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
