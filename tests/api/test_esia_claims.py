"""Answers of ESIA that are not what they should be: claims, signatures, hostile bodies."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from emkcli import errors
from tests.api.esia_keys import pair
from tests.api.esia_server import MNEMONIC, OID, REDIRECT, b64url
from tests.api.esia_world import World

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
