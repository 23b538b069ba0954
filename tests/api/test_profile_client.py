"""What `connect` takes besides a ready token: a profile and its session, the local card, a refresh token, a store of one's own."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace

import pytest

from emkcli import errors
from emkcli.api import CardQuery, Client, TokenStore, connect
from emkcli.models import Tokens
from tests.conftest import Emk
from tests.invented import bundle, encoded, lab

Seed = Callable[..., None]
LATER = {"advance": 3601}
"""Seconds after which an access token of the mock is worth nothing."""


class Shelf:
    """A store as a script writes one: nothing of ours is in it."""

    writable = True
    source = "shelf"

    def __init__(self, tokens: Tokens | None = None) -> None:
        self.tokens = tokens
        self.writes: list[str] = []
        self._lock = threading.RLock()

    def load(self) -> Tokens | None:
        return self.tokens

    def begin(self, tokens: Tokens) -> None:
        self.writes.append("begin")
        self.tokens = tokens

    def save(self, tokens: Tokens) -> None:
        self.writes.append("save")
        self.tokens = tokens

    def clear(self) -> None:
        self.writes.append("clear")
        self.tokens = None

    def lock(self) -> AbstractContextManager[object]:
        return self._lock

    def probe(self) -> None: ...


def login(client: Client) -> Tokens:
    """Somebody invented logs in at the mock."""
    phone = client.wire.json("POST", "/mock/seed", json={"state": "activated"})["phone"]
    challenge = client.identity.challenge("sms", phone)
    code = next(m["code"] for m in client.wire.json("GET", "/mock/inbox")["items"] if m["code"])
    return client.identity.exchange_code(challenge.id, code)


@pytest.fixture
def state(tmp_path: Path) -> str:
    return str(tmp_path / "mock.sqlite3")


@pytest.fixture
def tokens(state: str) -> Tokens:
    """A session on the mock of that state, whose access token is too old by now."""
    with connect("mock", state=state) as client:
        begun = login(client)
        client.wire.json("POST", "/mock/clock", json=LATER)
        return begun


def test_a_profile_brings_its_session(emk: Emk, seeded: Seed, capsys: pytest.CaptureFixture[str]) -> None:
    seeded()
    shown = emk("card", "labs", "--all", "--json").items
    with connect(profile="default") as client:
        assert [result.id for result in client.card.labs()] == [item["id"] for item in shown]
        assert client.demo
    assert capsys.readouterr() == ("", "")


def test_a_renewed_session_goes_back_to_where_the_program_finds_it(emk: Emk, seeded: Seed) -> None:
    seeded()
    before = emk("auth", "token", "--show").out
    assert emk("mock", "clock", "advance", "2h").code == 0
    with connect(profile="default") as client, connect(profile="default") as other:
        assert other.session.tokens().access_token == before.strip()
        assert client.portal.persons()
        assert client.session.tokens().access_token != before.strip()
        renewed = client.session.tokens().access_token
        # a refresh token is good once: who comes second takes what the first stored
        assert other.portal.persons()
        assert other.session.tokens().access_token == renewed
    assert emk("auth", "token", "--show").out.strip() == renewed
    assert emk("card", "labs").code == 0


def test_arguments_count_before_variables_and_these_before_the_profile(
    emk: Emk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert emk("config", "set", "backend", "fhir", "--profile", "work").code == 0
    assert emk("config", "set", "url", "https://profile.example.org", "--profile", "work").code == 0
    with connect(profile="work") as client:
        assert client.wire.base_url == "https://profile.example.org"
        assert not client.can("portal.attach")
    monkeypatch.setenv("EMK_URL", "https://variable.example.org")
    with connect(profile="work") as client:
        assert client.wire.base_url == "https://variable.example.org"
    with connect(profile="work", url="https://argument.example.org/") as client:
        assert client.wire.base_url == "https://argument.example.org"
    with connect("fhir", url="https://argument.example.org") as client:
        assert client.wire.base_url == "https://argument.example.org"
    with pytest.raises(errors.Usage, match=r"^url \(connect\(\)\)"):
        connect(profile="work", url="no address")
    with pytest.raises(errors.Usage, match="timeout"):
        connect(profile="work", timeout=-1)


def test_without_a_profile_nothing_of_this_machine_is_read(
    emk: Emk, seeded: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeded()
    monkeypatch.setenv("EMK_TOKEN", "variable")
    monkeypatch.setenv("EMK_BACKEND", "local")
    with connect() as client, pytest.raises(errors.LoginRequired):
        client.session.tokens()
    with connect("mock", profile="default") as client:
        assert client.session.tokens().access_token == "variable"
        assert client.session.store.source == "env"


def test_another_home(emk: Emk, seeded: Seed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seeded()
    home = str(tmp_path / "emk")
    monkeypatch.setenv("EMK_HOME", str(tmp_path / "elsewhere"))
    with connect(profile="default", home=home) as client:
        assert client.session.stored() is not None
    with connect(profile="default") as client:
        assert client.session.stored() is None


@pytest.fixture
def imported(emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A local card with one result, under a passphrase from a file."""
    monkeypatch.setenv("EMK_PASSPHRASE_FILE", str(tmp_path / "secret"))
    (tmp_path / "secret").write_text("верная лошадь")
    (tmp_path / "secret").chmod(0o600)
    patient = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Пробная"}], "birthDate": "1979-06-01"}
    document = bundle(patient, lab("a", effectiveDateTime="2020-01-01"))
    (tmp_path / "a.json").write_bytes(encoded(document))
    assert emk("card", "import", str(tmp_path / "a.json")).code == 0


@pytest.mark.usefixtures("imported")
def test_the_local_card(emk: Emk) -> None:
    with connect("local") as client:
        results = client.card.labs()
        assert [result.collected_at for result in results] == ["2020-01-01"]
        assert list(client.card.labs(CardQuery(since="2021"))) == []
        assert not client.has_session
        assert not client.has_wire
        for touched in ("session", "wire"):
            with pytest.raises(errors.Unsupported):
                getattr(client, touched)
    # nobody holds the lock of the card any more, or its end would be refused
    assert emk("card", "forget", "--yes").code == 0


@pytest.mark.usefixtures("imported")
def test_a_local_card_that_nobody_unlocks_asks_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("EMK_PASSPHRASE_FILE")
    monkeypatch.setattr("getpass.getpass", lambda *_: pytest.fail("somebody was asked"))
    with pytest.raises(errors.NoSecretStorage) as caught, connect("local") as client:
        client.card.labs()
    assert caught.value.exit_code == 4
    assert capsys.readouterr() == ("", "")


def test_there_is_no_local_card_yet() -> None:
    with pytest.raises(errors.NotFound):
        connect("local")


def test_a_refresh_token_alone_begins_a_session(state: str, tokens: Tokens) -> None:
    with connect("mock", state=state, refresh_token=tokens.refresh_token) as client:
        assert next(iter(client.card.labs())).value
        assert client.session.tokens().access_token not in {"", tokens.access_token}


def test_a_refresh_token_renews_an_access_token_that_is_too_old(state: str, tokens: Tokens) -> None:
    with connect("mock", state=state, token=tokens.access_token) as client, pytest.raises(errors.SessionLost):
        client.portal.persons()
    with connect("mock", state=state, token=tokens.access_token, refresh_token=tokens.refresh_token) as client:
        assert client.portal.persons()
        assert client.session.tokens().access_token != tokens.access_token


def test_a_refresh_token_that_is_worth_nothing(state: str) -> None:
    with connect("mock", state=state, refresh_token="nothing") as client, pytest.raises(errors.SessionLost):
        client.card.labs()


def test_a_store_of_ones_own(state: str, tokens: Tokens) -> None:
    shelf: TokenStore = Shelf(tokens)
    assert isinstance(shelf, Shelf)
    with connect("mock", state=state, store=shelf) as client:
        assert client.portal.persons()
    assert shelf.writes == ["save", "save"], "once to try the place, once with the new tokens"
    assert shelf.tokens is not None
    assert shelf.tokens.access_token != tokens.access_token
    assert shelf.tokens.patient == tokens.patient
    with connect("mock", state=state, store=shelf) as client:
        client.session.begin(login(client))
    assert shelf.writes[2:] == ["begin"]


def test_a_store_replaces_that_of_the_profile(emk: Emk, seeded: Seed) -> None:
    seeded()
    with connect(profile="default", store=Shelf()) as client, pytest.raises(errors.LoginRequired):
        client.session.tokens()
    assert emk("card", "labs").code == 0


def test_a_store_and_tokens_exclude_each_other() -> None:
    for given in ({"token": "a"}, {"refresh_token": "r"}):
        with pytest.raises(errors.Usage):
            connect("mock", store=Shelf(), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(("retries", "sent"), [(0, 1), (1, 2), (3, 4), (5, 6)])
def test_retries(retries: int, sent: int, monkeypatch: pytest.MonkeyPatch) -> None:

    waits: list[float] = []
    monkeypatch.setattr("emkcli.api.wire.time", SimpleNamespace(sleep=waits.append, monotonic=time.monotonic))
    with connect("mock", retries=retries) as client:
        client.session.begin(login(client))
        client.wire.json("POST", "/mock/faults", json={"kind": "429", "path": "/api/v1/persons", "times": 0})
        with pytest.raises(errors.RateLimited):
            client.portal.persons()
        seen = [entry for entry in client.wire.json("GET", "/mock/log")["items"] if entry["path"] == "/api/v1/persons"]
    assert len(seen) == sent
    assert len(waits) == retries


def test_nothing_above_the_client_is_loaded_without_a_profile() -> None:

    code = (
        "import sys; from emkcli.api import connect\n"
        "with connect('mock') as client: client.card\n"
        "print([m for m in ('emkcli.profile_client', 'emkcli.security.credentials', 'emkcli.localcard', 'keyring')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.usefixtures("imported")
def test_a_record_of_the_local_card_is_of_its_kind() -> None:
    with connect("local") as client:
        ident = next(iter(client.card.labs())).id
        assert client.card.record(ident, kind="lab_result").id == ident
        with pytest.raises(errors.NotFound, match="not vital"):
            client.card.record(ident, kind="vital")
