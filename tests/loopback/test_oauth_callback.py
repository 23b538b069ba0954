"""The receiver of a browser's answer: what ends the wait, what does not, and what it tells the browser."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import errors, locale
from emkcli.loopback.oauth_callback import Receiver, from_address, is_loopback, parameters

STATE = "state-of-this-login"
GOOD = {"code": "c", "state": STATE}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver("http://127.0.0.1/callback") as one:
        one.expect(STATE)
        yield one


def get(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, trust_env=False)


def test_the_answer_and_a_page_without_secrets(receiver: Receiver) -> None:
    shown = get(f"{receiver.redirect_uri}?{urlencode(GOOD | {'iss': 'https://example.org'})}")
    assert receiver.wait(patience=30) == GOOD | {"iss": "https://example.org"}
    assert shown.status_code == 200
    assert "close this page" in shown.text
    assert STATE not in shown.text + str(shown.headers)
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "python" not in shown.headers["Server"].lower()


def test_the_page_speaks_russian() -> None:
    locale.use("ru")
    with Receiver("http://127.0.0.1/callback") as one:
        one.expect(STATE)
        assert '<html lang="ru">' in get(f"{one.redirect_uri}?{urlencode(GOOD)}").text


@pytest.mark.parametrize("state", ["&state=other", "", "&state=", f"&state={STATE[:-1]}", "&state=%D1%8F"])
def test_an_answer_to_another_login_is_said_and_ignored(receiver: Receiver, state: str) -> None:
    for _turn in range(3):
        shown = get(f"{receiver.redirect_uri}?code=c{state}")
        assert shown.status_code == 400
        assert "does not belong" in shown.text
        assert "close this page" not in shown.text
    with pytest.raises(errors.TimedOut):
        receiver.wait(patience=0.05)
    get(f"{receiver.redirect_uri}?error=access_denied&state={STATE}")
    assert receiver.wait(patience=30) == {"error": "access_denied", "state": STATE}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/favicon.ico", {}, 404),
        ("/callback/?code=c", {}, 404),
        ("/?code=c&state=" + STATE, {}, 404),
        ("/callback", {}, 400),
        ("/callback?state=" + STATE, {}, 400),
        ("/callback?code=&state=" + STATE, {}, 400),
        ("/callback?code=a&code=b&state=" + STATE, {}, 400),
        ("/callback?code=%ff&state=" + STATE, {}, 400),
        ("/callback?code=" + "c" * 20000, {}, 400),
        ("/callback?" + "a=1&" * 50 + "code=c", {}, 400),
        (f"/callback?code=c&state={STATE}", {"Host": "evil.example"}, 421),
        (f"/callback?code=c&state={STATE}", {"Host": "127.0.0.1"}, 421),
    ],
)
def test_what_is_no_answer_does_not_end_the_wait(
    receiver: Receiver, path: str, headers: dict[str, str], status: int
) -> None:
    assert get(f"http://{receiver.host}{path}", **headers).status_code == status
    with pytest.raises(errors.TimedOut):
        receiver.wait(patience=0.05)
    get(f"{receiver.redirect_uri}?{urlencode(GOOD)}")
    assert receiver.wait(patience=30) == GOOD


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "OPTIONS"])
def test_other_methods_are_refused(receiver: Receiver, method: str) -> None:
    answer = httpx.request(method, f"{receiver.redirect_uri}?{urlencode(GOOD)}", trust_env=False)
    assert answer.status_code == 501
    with pytest.raises(errors.TimedOut):
        receiver.wait(patience=0.05)


def test_the_first_answer_counts(receiver: Receiver) -> None:
    get(f"{receiver.redirect_uri}?{urlencode(GOOD)}")
    assert get(f"{receiver.redirect_uri}?code=second&state={STATE}").status_code == 404
    assert receiver.wait(patience=30)["code"] == "c"


def test_a_connection_that_says_nothing_holds_up_nobody(receiver: Receiver) -> None:
    """Browsers open connections they do not use."""
    port = int(receiver.host.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)) as half:
        half.sendall(b"GET /callback?code=")
        get(f"{receiver.redirect_uri}?{urlencode(GOOD)}")
        assert receiver.wait(patience=30) == GOOD


def test_only_this_machine_is_listened_to_and_the_port_is_new_each_time() -> None:
    with Receiver("http://localhost/a") as one, Receiver("http://127.0.0.1/a") as other:
        assert one.host != other.host
        assert one.redirect_uri == f"http://{one.host}/a"
        assert one._server.server_address[0] == other._server.server_address[0] == "127.0.0.1"


def test_a_port_the_provider_demands() -> None:
    with Receiver("http://127.0.0.1/x") as taken:
        port = int(taken.host.rpartition(":")[2])
        with pytest.raises(errors.Storage, match=str(port)):
            Receiver(f"http://127.0.0.1:{port}/x")
    with Receiver(f"http://127.0.0.1:{port}/x") as one:
        assert one.redirect_uri == f"http://127.0.0.1:{port}/x"


def test_it_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    with Receiver("http://127.0.0.1/x"):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


@given(st.text(max_size=200))
def test_a_hostile_query_is_an_answer_or_nothing(query: str) -> None:
    answer = parameters(query)
    assert answer is None or answer.get("code") or answer.get("error")


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=6), st.text(min_size=1, max_size=20))
def test_what_was_sent_is_what_arrives(others: dict[str, str], code: str) -> None:
    sent = others | {"code": code}
    assert parameters(urlencode(sent)) == dict(parse_qsl(urlencode(sent), keep_blank_values=True))
    assert (parameters(f"{urlencode(sent)}&code=x")) is None


@given(st.binary(max_size=60))
def test_any_bytes_on_the_line(noise: bytes) -> None:
    query = quote(noise, safe="&=;%?+#")
    answer = parameters(query)
    assert answer is None or set(map(type, answer.values())) == {str}


def test_an_address_that_was_pasted() -> None:
    wanted = "https://clinic.example/back"
    assert from_address(f"  {wanted}?code=c&state=s#_=_ \n", wanted) == {"code": "c", "state": "s"}
    for wrong in ("", "c", wanted, f"{wanted}?state=s", "https://evil.example/back?code=c", f"{wanted}/x?code=c"):
        with pytest.raises(errors.InvalidInput, match="not the address") as caught:
            from_address(wrong, wanted)
        assert caught.value.hint == f"it begins with {wanted}?"


def test_which_addresses_are_on_this_machine() -> None:
    for here in ("http://127.0.0.1/callback", "http://localhost:8000", "http://[::1]/"):
        assert is_loopback(here)
    for elsewhere in ("https://127.0.0.1/x", "http://127.0.0.1.example/", "urn:ietf:wg:oauth:2.0:oob", "app:/x"):
        assert not is_loopback(elsewhere)
