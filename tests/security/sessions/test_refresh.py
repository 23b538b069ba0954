"""A session is refreshed once, by one process, and only what is truly dead is cleared."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock

from emkcli import errors
from emkcli.api.auth import Session
from emkcli.config.places import Places
from emkcli.config.private_files import held
from emkcli.config.settings import resolve_settings
from emkcli.models import Tokens
from emkcli.security.keyrings import NoKeyring
from emkcli.security.passphrases import Passphrase
from emkcli.security.sessions import GivenToken, store_for
from tests.security.sessions.places import PLACES, place, tokens

STALE = tokens("stale")


@pytest.fixture(params=PLACES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_many_with_one_stale_token_refresh_once(kind: str, tmp_path: Path) -> None:
    place(kind, tmp_path).save(STALE)
    asked: list[str] = []

    def refresh(token: str) -> Tokens:
        asked.append(token)
        return tokens("fresh")

    sessions = [Session(place(kind, tmp_path), refresh) for _one in range(8)]
    with ThreadPoolExecutor(8) as pool:
        renewed = list(pool.map(lambda session: session.renew("stale"), sessions))
    assert renewed == ["fresh"] * 8
    assert asked == ["r-stale"]


def test_a_refused_refresh_clears_the_token_that_failed(kind: str, tmp_path: Path) -> None:
    place(kind, tmp_path).save(STALE)

    def refused(_token: str) -> Tokens:
        raise errors.SessionLost("invalid_grant")

    with pytest.raises(errors.SessionLost):
        Session(place(kind, tmp_path), refused).renew("stale")
    assert place(kind, tmp_path).load() is None


def test_a_login_during_a_refused_refresh_survives(kind: str, tmp_path: Path) -> None:
    """A login waits for the refresh that is under way, and is there afterwards."""
    place(kind, tmp_path).save(STALE)
    login = threading.Thread(target=lambda: place(kind, tmp_path).begin(tokens("new")))

    def refused(_token: str) -> Tokens:
        login.start()
        raise errors.SessionLost("invalid_grant")

    with pytest.raises(errors.SessionLost):
        Session(place(kind, tmp_path), refused).renew("stale")
    login.join()
    assert place(kind, tmp_path).load() == tokens("new")


@pytest.mark.parametrize("trouble", [errors.Unreachable, errors.ServerError, errors.BadResponse, errors.RateLimited])
def test_trouble_on_the_way_leaves_the_session(tmp_path: Path, trouble: type[errors.EmkError]) -> None:
    place("plain_file", tmp_path).save(STALE)

    def failed(_token: str) -> Tokens:
        raise trouble("no answer")

    with pytest.raises(trouble):
        Session(place("plain_file", tmp_path), failed).renew("stale")
    assert place("plain_file", tmp_path).load() == STALE


def test_a_refresh_token_is_not_spent_where_its_answer_could_not_be_kept(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(kind, tmp_path).save(STALE)
    store = place(kind, tmp_path)
    spent: list[str] = []

    def full(_tokens: Tokens) -> None:
        raise errors.Storage("the disk is full")

    monkeypatch.setattr(store.place, "save", full)
    with pytest.raises(errors.Storage, match="full"):
        Session(store, lambda token: (spent.append(token), tokens("fresh"))[1]).renew("stale")
    assert spent == []
    assert place(kind, tmp_path).load() == STALE


def test_a_token_that_is_fresh_already_is_taken_without_asking(kind: str, tmp_path: Path) -> None:
    place(kind, tmp_path).save(tokens("fresh"))

    def never(_token: str) -> Tokens:
        raise AssertionError("asked for no reason")

    assert Session(place(kind, tmp_path), never).renew("stale") == "fresh"


def test_waiting_for_another_ends(tmp_path: Path) -> None:
    one = place("plain_file", tmp_path)
    one.lock_wait = 0.2
    lock = FileLock(one.lock_file)
    one.lock_file.parent.mkdir(parents=True)
    with lock, pytest.raises(errors.Busy) as caught, one.lock():
        pass
    assert caught.value.retryable
    assert one.lock_file.exists()
    with held(one.lock_file, 1, "busy"), one.lock():
        one.save(STALE)


def test_a_given_token_is_never_changed_and_may_be_replaced_by_its_giver(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one\n")
    settings = resolve_settings({"token_file": str(file)}, {}, {})
    places = Places(tmp_path, tmp_path / "state", tmp_path)
    store = store_for(
        settings,
        places,
        {"EMK_TOKEN": "other"},
        "https://карта.example",
        demo=False,
        insecure=False,
        keyring=NoKeyring(),
        passphrase=Passphrase(),
        notice=lambda _text: None,
    )
    assert isinstance(store, GivenToken)
    assert (store.source, store.load()) == ("env_file", Tokens(access_token="one"))
    for change in (store.save, store.begin):
        with pytest.raises(errors.Usage, match="EMK_TOKEN_FILE"):
            change(STALE)
    store.clear()
    store.clear()
    with pytest.raises(errors.SessionLost) as caught:
        Session(store, lambda _token: STALE).renew("one")
    assert "emk login" not in str(caught.value.hint)
    file.write_text("two")
    assert Session(store, lambda _token: STALE).renew("one") == "two"
    assert not (tmp_path / "state").exists()
