"""The authorization code flow against an invented ESIA that checks every parameter and signature."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from emkcli import errors
from emkcli.api.auth import BearerAuth, InMemory, Session
from emkcli.api.esia import problems
from emkcli.api.esia.identity import EsiaIdentity
from emkcli.api.esia.organisation import Organisation
from emkcli.api.models import Tokens
from emkcli.api.wire import Wire
from tests.api.esia_keys import pair
from tests.api.esia_server import HASH, MNEMONIC, OID, REDIRECT, Esia, b64url

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


class World:
    """One organisation, one ESIA, and what was said to a person."""

    def __init__(self, place: Path, **settings: Any) -> None:
        system = pair("system")
        own = {
            "client_id": MNEMONIC,
            "redirect_uri": REDIRECT,
            "certificate": system.certificate_file(place / "system.pem"),
            "certificate_hash": HASH,
            "signer": "rsa",
            "key": system.key_file(place / "system.key"),
            "esia_certificate": pair("esia").certificate_file(place / "esia.pem"),
        }
        self.organisation = Organisation(**{**own, **settings})
        cms = self.organisation.cms
        self.esia = Esia(
            verify=system.verify_cms if cms else system.verify,
            sign=pair("esia").sign,
            legacy=self.organisation.legacy,
        )
        self.said: list[str] = []

    def identity(self, transport: httpx.BaseTransport | None = None) -> EsiaIdentity:
        wire = Wire(self.esia.base, transport=transport or self.esia.transport(), problems=problems.error_for)
        return EsiaIdentity(wire, self.organisation, {}, self.said.append)

    def log_in(self) -> Tokens:
        identity = self.identity()
        begun = identity.authorize(REDIRECT)
        return identity.exchange_authorization(begun, self.esia.log_in(begun.url))

    def refused(self, code: str) -> errors.EmkError:
        with pytest.raises(errors.EmkError) as caught:
            self.log_in()
        assert caught.value.details == {"reason": f"ESIA-{code}"}, caught.value.message
        return caught.value


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    return lambda **settings: World(tmp_path, **settings)


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
        assert caught.value.hint == "log in again: emk login"
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


CLAIMS: list[tuple[str, dict[str, Any], str]] = [
    ("claims", {"exp": 1}, "exp"),
    ("claims", {"exp": "soon"}, "exp"),
    ("claims", {"nbf": 99999999999}, "nbf"),
    ("claims", {"iat": 99999999999}, "iat"),
    ("claims", {"iat": None}, "iat"),
    ("claims", {"iss": "http://evil.example/"}, "iss"),
    ("claims", {"iss": "http://[broken"}, "iss"),
    ("claims", {"iss": None}, "iss"),
    ("claims", {"client_id": "FOREIGN"}, "client_id"),
    ("claims", {"urn:esia:sbj_id": "../../x"}, "urn:esia:sbj_id"),
    ("claims", {"urn:esia:sbj_id": True}, "urn:esia:sbj_id"),
    ("id_claims", {"aud": "FOREIGN"}, "aud"),
    ("id_claims", {"aud": None}, "aud"),
    ("id_claims", {"sub": 1000000999}, "sub"),
    ("id_claims", {"exp": 1}, "exp"),
    ("header", {"alg": "none"}, "alg"),
    ("header", {"alg": "HS256"}, "alg"),
    ("header", {"alg": ["RS256"]}, "alg"),
    ("header", {"typ": "JWS"}, "typ"),
    ("header", {"sbt": "refresh"}, "sbt"),
    ("header", {"ver": 7}, "ver"),
    ("answer_more", {"state": "another"}, "state"),
    ("answer_more", {"access_token": "opaque"}, "JWT"),
    ("answer_more", {"access_token": "a.b.c"}, "JWT"),
    ("answer_more", {"access_token": f"{b64url(b'[' * 9000)}.e30.AA"}, "JWT"),
    ("answer_more", {"access_token": None}, "JWT"),
    ("answer_more", {"id_token": 5}, "JWT"),
    ("answer_more", {"refresh_token": "two\nlines"}, "refresh_token"),
    ("answer_more", {"token_type": "MAC"}, "token_type"),
]


@pytest.mark.parametrize(("where", "wrong", "named"), CLAIMS)
def test_tokens_that_are_not_what_they_should_be(
    world: Callable[..., World], where: str, wrong: dict[str, Any], named: str
) -> None:
    here = world(esia_certificate=None)
    setattr(here.esia, where, wrong)
    with pytest.raises(errors.BadResponse, match=named) as caught:
        here.log_in()
    assert not any(token in str(caught.value) + str(caught.value.hint) for token in here.esia.tokens)


def test_a_small_skew_is_forgiven(world: Callable[..., World]) -> None:
    here = world()
    seconds = int(datetime.now(UTC).timestamp())
    here.esia.claims = {"iat": seconds + 30, "nbf": seconds + 30, "exp": seconds - 30}
    assert here.log_in().patient == str(OID)


def test_times_count_from_the_servers_clock(world: Callable[..., World]) -> None:
    here = world()
    identity = here.identity()
    begun = identity.authorize(REDIRECT)
    answer = here.esia.log_in(begun.url)
    here.esia.now = lambda: datetime.now(UTC) + timedelta(seconds=200)
    assert identity.exchange_authorization(begun, answer).patient == str(OID)


def test_a_token_signed_by_somebody_else(world: Callable[..., World]) -> None:
    here = world()
    here.esia.sign = pair("other").sign
    with pytest.raises(errors.BadResponse, match="not ESIA's"):
        here.log_in()
    here.esia.sign = lambda data: b""
    with pytest.raises(errors.BadResponse, match="not ESIA's"):
        here.log_in()


@pytest.mark.parametrize(
    ("subject", "trust"),
    [
        ({"urn:esia:sbj:lvl": "P"}, "simplified"),
        ({"urn:esia:sbj:lvl": "PR"}, "confirmed"),
        ({"urn:esia:sbj:lvl": "KD"}, "child"),
        ({"urn:esia:sbj:is_tru": "true"}, "simplified"),
        ("?", None),
    ],
)
def test_how_far_the_account_is_trusted(world: Callable[..., World], subject: Any, trust: str | None) -> None:
    here = world()
    here.esia.id_claims = {"urn:esia:sbj": subject, "aud": ["other", MNEMONIC]}
    assert here.log_in().trust == trust


HOSTILE = [
    httpx.Response(200, text="<html>вход</html>"),
    httpx.Response(200, json=[]),
    httpx.Response(200, json={"error": "server_error"}),
    httpx.Response(302, headers={"Location": "https://evil.example/"}),
    httpx.Response(500, text="boom"),
    httpx.Response(400, json={"error": ["x"], "error_description": {"a": 1}}),
    httpx.Response(400, json=["x"]),
    httpx.Response(400, content=b"[" * 100_000),
]


@pytest.mark.parametrize("response", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_answers_are_clear_errors(world: Callable[..., World], response: httpx.Response) -> None:
    identity = world().identity(httpx.MockTransport(lambda request: response))
    begun = identity.authorize(REDIRECT)
    with pytest.raises((errors.ServerError, errors.InvalidInput)) as caught:
        identity.exchange_authorization(begun, {"code": "sentinel-code-1", "state": begun.state})
    assert "sentinel" not in json.dumps(caught.value.as_dict())


def test_a_reflected_secret_is_not_repeated(world: Callable[..., World]) -> None:
    def reflect(request: httpx.Request) -> httpx.Response:
        body = request.content.decode()
        return httpx.Response(
            400, json={"error": "odd", "error_description": f"ESIA-007999: {body} СНИЛС 000-000-101 01"}
        )

    identity = world().identity(httpx.MockTransport(reflect))
    with pytest.raises(errors.InvalidInput) as caught:
        identity.refresh("54039d1f-9917-43cd-961a-2729c891ef8c")
    text = json.dumps(caught.value.as_dict(), ensure_ascii=False)
    assert caught.value.details == {"reason": "ESIA-007999"}
    assert "54039d1f" not in text
    assert "000-000-101" not in text


def test_the_session_is_renewed_once_and_a_dead_one_is_dropped(world: Callable[..., World]) -> None:
    here = world()
    store = InMemory(here.log_in())
    identity = here.identity()
    session = Session(store, identity.refresh)
    here.esia.tokens.clear()
    wire = Wire(here.esia.base, transport=here.esia.transport(), problems=problems.error_for)
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
