"""The authorization code flow against an invented ESIA that checks every parameter and signature."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from emkcli import errors
from emkcli.api.auth import BearerAuth, InMemory, Session
from emkcli.api.esia import problems
from emkcli.api.wire import Wire
from tests.api.esia_keys import pair
from tests.api.esia_server import HASH, MNEMONIC, OID, REDIRECT
from tests.api.esia_world import World

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


VARIANTS = [
    {},
    {"generation": "legacy"},
    {"scope_org": "org_inf org_emps"},
    {"padding": "strip", "access_type": "online", "person_filter": "conf_acc acc_kid"},
    {"signature": "cms"},
    {"generation": "legacy", "signature": "raw"},
    {"signer": "openssl", "engine": "none", "digest": "sha256"},
    {"signer": "openssl", "engine": "none", "signature": "cms"},
]


@pytest.mark.parametrize("settings", VARIANTS, ids=lambda one: " ".join(one.values()) or "current")
def test_a_session_in_every_variant(world: Callable[..., World], settings: dict[str, str]) -> None:
    here = world(**settings)
    tokens = here.log_in()
    assert (tokens.patient, tokens.trust, tokens.scope) == (str(OID), "confirmed", "openid fullname")
    assert tokens.signature_checked
    assert tokens.expires_at
    assert here.said == []
    fresh = here.identity().refresh(tokens.refresh_token or "")
    assert fresh.refresh_token not in {tokens.refresh_token, None}
    with pytest.raises(errors.SessionLost):
        here.identity().refresh(tokens.refresh_token or "")
    assert len(here.esia.states) == 4, "every call has a state of its own"


def test_what_the_browser_is_sent_with(world: Callable[..., World]) -> None:
    begun = world(person_filter="conf_acc").identity().authorize(REDIRECT)
    query = dict(parse_qsl(urlsplit(begun.url).query))
    assert begun.url.startswith("https://esia.example/aas/oauth2/v2/ac?")
    assert base64.b64decode(query["person_filter"]) == b"conf_acc"
    assert (query["access_type"], query["client_certificate_hash"]) == ("offline", HASH)
    assert "scope_org" not in query
    assert "code_challenge" not in query
    assert query["state"] == begun.state


def test_a_reversed_signature(world: Callable[..., World]) -> None:
    here = world(reverse=True)
    verify = here.esia.verify
    here.esia.verify = lambda text, signature: verify(text, signature[::-1])
    assert here.log_in().patient == str(OID)


def test_without_esias_certificate_it_is_said_that_nothing_was_checked(world: Callable[..., World]) -> None:
    here = world(esia_certificate=None)
    here.esia.sign = lambda data: b"anything"
    tokens = here.log_in()
    assert tokens.signature_checked is False
    assert ["not checked" in said for said in here.said] == [True]


@pytest.mark.parametrize(
    ("broken", "code", "kind"),
    [
        ({"client_id": "FOREIGN"}, "008010", errors.Forbidden),
        ({"redirect_uri": "https://other.example/"}, "007023", errors.InvalidInput),
        ({"certificate_hash": "0" * 64}, "007053", errors.Forbidden),
        ({"key": "other"}, "007053", errors.Forbidden),
        ({"reverse": True}, "007053", errors.Forbidden),
    ],
)
def test_what_esia_refuses(
    world: Callable[..., World], tmp_path: Path, broken: dict[str, Any], code: str, kind: type[errors.EmkError]
) -> None:
    if "key" in broken:
        broken = {"key": pair("other").key_file(tmp_path / "other.key")}
    here = world(**broken)
    identity = here.identity()
    begun = identity.authorize(here.organisation.redirect_uri)
    answer = here.esia.log_in(begun.url)
    with pytest.raises(kind) as caught:
        identity.exchange_authorization(begun, answer)
    assert type(caught.value) is kind
    assert caught.value.details == {"reason": f"ESIA-{code}"}
    assert caught.value.hint


def test_a_clock_that_is_wrong(world: Callable[..., World]) -> None:
    here = world()
    here.esia.now = lambda: datetime.now(UTC) + timedelta(hours=2)
    error = here.refused("007015")
    assert error.hint == "set this machine's clock"


def test_a_code_opens_one_session_and_for_four_minutes(world: Callable[..., World]) -> None:
    here = world()
    identity = here.identity()
    begun = identity.authorize(REDIRECT)
    answer = here.esia.log_in(begun.url)
    identity.exchange_authorization(begun, answer)
    for later in (False, True):
        if later:
            begun = identity.authorize(REDIRECT)
            answer = here.esia.log_in(begun.url)
            here.esia.codes[answer["code"]]["until"] = NOW - timedelta(days=999)
        with pytest.raises(errors.SessionLost) as caught:
            identity.exchange_authorization(begun, answer)
        assert caught.value.hint == "emk login"
        assert answer["code"] not in caught.value.message


@pytest.mark.parametrize(
    "answer", [{"code": "x"}, {"code": "x", "state": "wrong"}, {"error": "access_denied", "state": "я"}, {}]
)
def test_an_answer_of_another_request_is_refused(world: Callable[..., World], answer: dict[str, str]) -> None:
    identity = world().identity()
    with pytest.raises(errors.BadResponse, match="state"):
        identity.exchange_authorization(identity.authorize(REDIRECT), answer)


def test_what_the_browser_may_bring(world: Callable[..., World]) -> None:
    identity = world().identity()
    begun = identity.authorize(REDIRECT)
    denied = {"error": "access_denied", "error_description": "ESIA-007004: denied", "state": begun.state}
    with pytest.raises(errors.Forbidden, match=r"refused access.*ESIA-007004"):
        identity.exchange_authorization(begun, denied)
    with pytest.raises(errors.BadResponse, match="neither"):
        identity.exchange_authorization(begun, {"state": begun.state})


def test_the_session_is_renewed_once_and_a_dead_one_is_dropped(world: Callable[..., World]) -> None:
    here = world()
    store = InMemory(here.log_in())
    identity = here.identity()
    session = Session(store, identity.refresh)
    here.esia.tokens.clear()
    wire = Wire(here.esia.base, transport=here.esia.transport()).with_problems(problems.error_for)
    assert wire.with_auth(BearerAuth(session)).json("GET", f"/rs/prns/{OID}")["lastName"] == "Пробная"
    assert len(here.esia.refreshes) == 1
    here.esia.tokens.clear()
    here.esia.refreshes.clear()
    with pytest.raises(errors.SessionLost):
        wire.with_auth(BearerAuth(session)).json("GET", f"/rs/prns/{OID}")
    assert store.load() is None


def test_the_address_that_ends_esias_own_session(world: Callable[..., World]) -> None:
    address = world().identity().logout_address()
    assert (
        address
        == f"https://esia.example/idp/ext/Logout?client_id={MNEMONIC}&redirect_url=https%3A%2F%2Femk.example.org%2Freturn"
    )


def test_without_credentials_nothing_starts(world: Callable[..., World]) -> None:
    here = world()
    for name, said in (("client_id", "client_id"), ("key", "esia.key")):
        here.organisation = dataclasses.replace(world().organisation, **{name: ""})
        with pytest.raises(errors.Usage, match=said) as caught:
            here.identity().authorize(REDIRECT)
        assert "emk card import" in (caught.value.hint or "")
