"""Logging in at a provider: the whole way, and every violation refused without a secret in what is said."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import errors
from emkcli.api import Client
from emkcli.api.auth import InMemory
from emkcli.api.backends import Setup, recipe
from emkcli.api.documents import Document
from emkcli.api.oidc import answers
from emkcli.api.oidc import provider as described
from emkcli.api.ports import Authorization, CardQuery, DeviceAuthorization
from emkcli.models import Tokens
from emkcli.usecases.onboarding.provider_login import poll_for_tokens
from tests.provider import CLIENT, OTHER_KEY, Provider, at_hash, running

REDIRECT = "http://127.0.0.1:8765/callback"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running(Provider()) as one:
        yield one


def client(provider: Provider, **more: Any) -> Client:
    store = InMemory()
    settings = {"client_id": CLIENT} | more
    return recipe("fhir")(Setup(store=lambda *_: store, open_mock=lambda: None, url=provider.fhir, **settings))


def visited(begun: Authorization) -> dict[str, str]:
    """What a browser brings back from the provider's page."""
    location = httpx.get(begun.url, trust_env=False).headers["Location"]
    assert location.startswith(begun.redirect_uri + "?")
    return dict(parse_qsl(urlsplit(location).query))


def log_in(client: Client) -> Tokens:
    begun = client.identity.authorize(REDIRECT)
    return client.identity.exchange_authorization(begun, visited(begun))


def test_a_smart_launch_opens_the_card(provider: Provider) -> None:
    with client(provider) as emk:
        begun = emk.identity.authorize(REDIRECT)
        asked_for = dict(parse_qsl(urlsplit(begun.url).query))
        assert asked_for["aud"] == provider.fhir
        assert asked_for["scope"] == "launch/patient patient/*.rs openid fhirUser offline_access"
        assert asked_for["code_challenge_method"] == "S256"
        tokens = emk.identity.exchange_authorization(begun, visited(begun))
        assert (tokens.patient, tokens.issuer) == ("p-1", provider.issuer)
        assert tokens.expires_at
        left = datetime.fromisoformat(tokens.expires_at) - datetime.now(UTC)
        assert 3500 < left.total_seconds() <= 3601
        assert emk.session
        emk.session.begin(tokens)
        assert [one.analyte for one in emk.card.labs(CardQuery())] == ["Глюкоза"]
    assert {path for path, bearer in provider.bearers if bearer} <= {
        "/fhir/metadata",
        "/fhir/Patient/p-1",
        "/fhir/Observation",
    }


def test_one_login_never_looks_like_another(provider: Provider) -> None:
    with client(provider) as emk:
        begun = [emk.identity.authorize(REDIRECT) for _ in range(3)]
        for secret in ("state", "verifier", "nonce"):
            assert len({getattr(one, secret) for one in begun}) == 3
        assert begun[0].verifier not in begun[0].url
        assert str(begun[0].verifier) not in repr(begun[0])


def test_an_expired_token_is_refreshed_and_the_refresh_token_rotates(provider: Provider) -> None:
    with client(provider) as emk:
        assert emk.session
        emk.session.begin(log_in(emk))
        before = emk.session.tokens()
        provider.access.clear()
        assert len(list(emk.card.labs(CardQuery()))) == 1
        after = emk.session.tokens()
        assert after.refresh_token not in (None, before.refresh_token)
        assert after.patient == "p-1"
        assert provider.asked.count("/op/token") == 2


def test_a_refresh_token_that_is_not_rotated_is_kept(provider: Provider) -> None:
    def sparing(tokens: dict[str, Any]) -> None:
        for name in ("refresh_token", "id_token", "patient", "scope"):
            tokens.pop(name)

    with client(provider) as emk:
        assert emk.session
        emk.session.begin(log_in(emk))
        before = emk.session.tokens()
        provider.change_tokens = sparing
        provider.access.clear()
        list(emk.card.labs(CardQuery()))
        after = emk.session.tokens()
        assert after.access_token != before.access_token
        kept = ("refresh_token", "id_token", "patient", "scope", "issuer")
        assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]


def test_a_dead_refresh_token_ends_the_session_and_trouble_does_not(provider: Provider) -> None:
    with client(provider) as emk:
        assert emk.session
        emk.session.begin(log_in(emk))
        provider.access.clear()
        for status, body in (
            ("200 OK", b"<html>busy</html>"),
            ("503 Busy", b""),
            ("401 Nope", b"{}"),
            ("400 Bad", b'{"error":"invalid_client"}'),
        ):
            provider.raw = (status, "text/html", body)
            with pytest.raises((errors.ServerError, errors.Forbidden)):
                list(emk.card.labs(CardQuery()))
            assert emk.session.store.load()
        provider.raw = None
        provider.refreshes.clear()
        with pytest.raises(errors.SessionLost):
            list(emk.card.labs(CardQuery()))
        assert emk.session.store.load() is None


def changed(**values: Any) -> Callable[[dict[str, Any]], None]:
    """An edit: a value of None takes the field out."""

    def change(document: dict[str, Any]) -> None:
        for name, value in values.items():
            document.pop(name, None)
            if value is not None:
                document[name] = value

    return change


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + "."


def keyed_by_the_public_key(provider: Provider) -> Callable[[dict[str, Any]], str]:
    """The classic confusion: HMAC with what everybody can fetch."""
    import hashlib
    import hmac

    def sign(claims: dict[str, Any]) -> str:
        header = {"alg": "HS256", "kid": "one"}
        text = ".".join(
            base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in (header, claims)
        )
        mac = hmac.new(json.dumps(provider.published[0].as_dict(private=False)).encode(), text.encode(), hashlib.sha256)
        return f"{text}.{base64.urlsafe_b64encode(mac.digest()).rstrip(b'=').decode()}"

    return sign


HOUR = 3600
WRONG: dict[str, tuple[str, Any, type[errors.EmkError]]] = {
    "state of another login": ("redirect", changed(state="other"), errors.BadResponse),
    "no state": ("redirect", changed(state=None), errors.BadResponse),
    "mix-up: answer of another provider": ("redirect", changed(iss="https://evil.example"), errors.BadResponse),
    "mix-up: provider is not named": ("redirect", changed(iss=None), errors.BadResponse),
    "neither code nor error": ("redirect", changed(code=None), errors.BadResponse),
    "the person refused": ("redirect", changed(code=None, error="access_denied"), errors.Forbidden),
    "provider is busy": ("redirect", changed(code=None, error="temporarily_unavailable"), errors.ServerError),
    "code of nobody": ("redirect", changed(code="sentinel-code-of-nobody"), errors.Forbidden),
    "iss": ("claims", changed(iss="https://evil.example"), errors.BadResponse),
    "no iss": ("claims", changed(iss=None), errors.BadResponse),
    "aud": ("claims", changed(aud="another"), errors.BadResponse),
    "several aud and no azp": ("claims", changed(aud=[CLIENT, "another"]), errors.BadResponse),
    "azp": ("claims", changed(azp="another"), errors.BadResponse),
    "nonce": ("claims", changed(nonce="other"), errors.BadResponse),
    "no nonce": ("claims", changed(nonce=None), errors.BadResponse),
    "expired": ("claims", changed(exp=int(time.time()) - HOUR), errors.BadResponse),
    "no exp": ("claims", changed(exp=None), errors.BadResponse),
    "exp is a text": ("claims", changed(exp="tomorrow"), errors.BadResponse),
    "issued in the future": ("claims", changed(iat=int(time.time()) + HOUR), errors.BadResponse),
    "no sub": ("claims", changed(sub=None), errors.BadResponse),
    "at_hash of another token": ("claims", changed(at_hash=at_hash("another")), errors.BadResponse),
    "no id token": ("tokens", changed(id_token=None), errors.BadResponse),
    "id token is no JWT": ("tokens", changed(id_token="é.b"), errors.BadResponse),
    "no access token": ("tokens", changed(access_token=None), errors.BadResponse),
    "access token with a line break": ("tokens", changed(access_token="a\r\nX: y"), errors.BadResponse),
    "access token is a number": ("tokens", changed(access_token=5), errors.BadResponse),
    "other token type": ("tokens", changed(token_type="DPoP"), errors.BadResponse),
    "patient is a list": ("tokens", changed(patient=["p-1"]), errors.BadResponse),
    "issuer is another": ("discovery", changed(issuer="https://evil.example"), errors.BadResponse),
    "no PKCE": ("discovery", changed(code_challenge_methods_supported=["plain"]), errors.Unsupported),
    "token endpoint in the clear": ("discovery", changed(token_endpoint="http://192.0.2.1/t"), errors.BadResponse),
    "login page is no page": ("discovery", changed(authorization_endpoint="file:///etc/passwd"), errors.BadResponse),
    "no login page": ("discovery", changed(authorization_endpoint=None), errors.Unsupported),
}
"""What is changed on its way out, how, and what it must be called."""


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("discovered", ["smart", "openid"])
def test_a_violation_logs_nobody_in(provider: Provider, name: str, discovered: str) -> None:
    where, change, kind = WRONG[name]
    setattr(provider, f"change_{where}", change)
    with client(provider, **({"issuer": provider.issuer} if discovered == "openid" else {})) as emk:
        with pytest.raises(errors.EmkError) as caught:
            log_in(emk)
        assert type(caught.value) is kind, caught.value.message
        assert emk.session
        assert emk.session.store.load() is None
    said = caught.value.message + str(caught.value.hint) + str(caught.value.details)
    sent = {form[name] for form in provider.forms for name in ("code", "code_verifier") if name in form}
    assert not [secret for secret in sent | provider.access | provider.refreshes if secret in said]
    assert "\x1b" not in said


@pytest.mark.parametrize("name", ["none", "another key", "HMAC by the public key", "another key under its name"])
def test_a_signature_that_proves_nothing(provider: Provider, name: str) -> None:
    provider.sign = {
        "none": unsigned,
        "another key": lambda claims: provider.signed(claims, OTHER_KEY),
        "HMAC by the public key": keyed_by_the_public_key(provider),
        "another key under its name": lambda claims: provider.signed(claims, OTHER_KEY, kid="one"),
    }[name]
    with client(provider) as emk, pytest.raises(errors.BadResponse, match="id token"):
        log_in(emk)


def test_a_rotated_key_is_fetched_once_more(provider: Provider) -> None:
    """The set is fetched for each id token; a provider that publishes late gets one more chance, not two."""
    provider.sign = lambda claims: provider.signed(claims, OTHER_KEY)
    with client(provider) as emk:
        with pytest.raises(errors.BadResponse):
            log_in(emk)
        assert provider.asked.count("/op/jwks") == 2
        provider.published.append(OTHER_KEY)
        assert log_in(emk).id_token
        assert provider.asked.count("/op/jwks") == 3


def test_a_code_is_good_once(provider: Provider) -> None:
    with client(provider) as emk:
        begun = emk.identity.authorize(REDIRECT)
        answer = visited(begun)
        emk.identity.exchange_authorization(begun, answer)
        with pytest.raises(errors.Forbidden, match="invalid_grant") as caught:
            emk.identity.exchange_authorization(begun, answer)
        assert answer["code"] not in caught.value.message
        assert caught.value.details == {"reason": "invalid_grant"}


def test_a_code_belongs_to_its_redirect_address_and_its_verifier(provider: Provider) -> None:
    from dataclasses import replace

    with client(provider) as emk:
        for spoiled in ({"redirect_uri": REDIRECT + "2"}, {"verifier": "x" * 43}):
            begun = emk.identity.authorize(REDIRECT)
            answer = visited(begun)
            with pytest.raises(errors.Forbidden, match="invalid_grant"):
                emk.identity.exchange_authorization(replace(begun, **spoiled), answer)


def test_the_clock_that_counts_is_the_providers(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer whose clock is a day late logs in all the same."""
    real = datetime

    class Late(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return real.fromtimestamp(time.time() - 86400, tz)

    monkeypatch.setattr("emkcli.api.wire.datetime", Late)
    with client(provider) as emk:
        assert log_in(emk).access_token


def test_without_a_client_id_nothing_is_asked(provider: Provider) -> None:
    with client(provider, client_id=None) as emk:
        with pytest.raises(errors.Usage, match="client_id"):
            emk.identity.authorize(REDIRECT)
        with pytest.raises(errors.Usage, match="client_id"):
            emk.identity.authorize_device()
    assert provider.asked == []


def test_a_server_without_a_login_says_so(provider: Provider) -> None:
    provider.smart = provider.protected = False
    with client(provider) as emk, pytest.raises(errors.Unsupported, match="where to log in"):
        emk.identity.authorize(REDIRECT)
    with client(provider, person="p-1") as emk:
        assert len(list(emk.card.labs(CardQuery()))) == 1


def test_a_gateway_that_is_a_provider_too(provider: Provider) -> None:
    store = InMemory()
    setup = Setup(lambda *_: store, lambda: None, url=provider.url, issuer=provider.issuer, client_id=CLIENT)
    with recipe("http")(setup) as emk:
        assert emk.can("identity.authorize")
        begun = emk.identity.authorize(REDIRECT)
        assert dict(parse_qsl(urlsplit(begun.url).query))["scope"] == "openid offline_access patient/*.read portal"
        assert emk.identity.exchange_authorization(begun, visited(begun)).patient == "p-1"
        device = emk.identity.authorize_device()
        assert emk.identity.exchange_device(device)
        assert emk.identity.logout_address()
    plain = Setup(lambda *_: store, lambda: None, url=provider.url)
    with recipe("http")(plain) as emk, pytest.raises(errors.Unsupported, match="no OpenID configuration"):
        emk.identity.authorize(REDIRECT)


def test_an_older_server_names_its_login_in_its_capabilities(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    uris = [
        {"url": word, "valueUri": f"{provider.issuer}/{path}"}
        for word, path in (("authorize", "authorize"), ("token", "token"))
    ]
    extension = {"url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris", "extension": uris}
    statement = {"resourceType": "CapabilityStatement", "rest": [{"security": {"extension": [extension]}}]}
    real = provider._document
    monkeypatch.setattr(
        provider,
        "_document",
        lambda path, query, environ: ("200 OK", statement) if path == "/fhir/metadata" else real(path, query, environ),
    )
    provider.smart = False
    with client(provider) as emk:
        tokens = log_in(emk)
        assert (tokens.patient, tokens.issuer, tokens.id_token) == ("p-1", None, None)


@pytest.mark.parametrize(("version", "release"), [("3.0.1", "STU3"), ("1.0.2", "DSTU2"), ("5.0.0", "R5")])
def test_a_server_of_another_release_is_refused_by_name(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, version: str, release: str
) -> None:
    statement = {"resourceType": "CapabilityStatement", "fhirVersion": version}
    real = provider._document
    monkeypatch.setattr(
        provider,
        "_document",
        lambda path, query, environ: ("200 OK", statement) if path == "/fhir/metadata" else real(path, query, environ),
    )
    provider.smart = False
    with client(provider) as emk, pytest.raises(errors.Unsupported, match=f"The server speaks FHIR {release}; "):
        emk.identity.authorize(REDIRECT)


def test_a_patient_who_logged_in_is_the_patient(provider: Provider) -> None:
    provider.change_tokens = changed(patient=None)
    with client(provider) as emk:
        for said, patient in (
            (f"{provider.fhir}/Patient/p-7", "p-7"),
            ("Patient/p-7", "p-7"),
            ("https://evil.example/Patient/p-7", None),
            ("Practitioner/p-7", None),
        ):
            provider.change_claims = changed(fhirUser=said)
            assert log_in(emk).patient == patient


def test_logging_out_tells_the_provider(provider: Provider) -> None:
    with client(provider) as emk:
        tokens = log_in(emk)
        assert tokens.refresh_token in provider.refreshes
        emk.identity.revoke(tokens.refresh_token or "")
        assert not provider.refreshes
        address = emk.identity.logout_address()
        assert address == f"{provider.issuer}/end?client_id={CLIENT}"
        provider.change_discovery = changed(revocation_endpoint=None, end_session_endpoint=None)
    with client(provider) as emk:
        with pytest.raises(errors.Unsupported):
            emk.identity.revoke("x")
        assert emk.identity.logout_address() is None


def test_the_device_flow(provider: Provider) -> None:
    provider.device_answers = ["authorization_pending", "slow_down", "authorization_pending"]
    with client(provider) as emk:
        begun = emk.identity.authorize_device()
        assert (begun.user_code, begun.interval) == ("WDJB-MJHT", 1.0)
        assert begun.device_code not in repr(begun)
        assert emk.identity.exchange_device(begun) is None
        with pytest.raises(errors.RateLimited):
            emk.identity.exchange_device(begun)
        assert emk.identity.exchange_device(begun) is None
        tokens = emk.identity.exchange_device(begun)
        assert tokens
        assert tokens.patient == "p-1"
        for refused in ("access_denied", "expired_token"):
            provider.device_answers = [refused]
            with pytest.raises(errors.Forbidden, match=refused) as caught:
                emk.identity.exchange_device(begun)
            assert begun.device_code not in caught.value.message


TOKENS = Tokens(access_token="t")


@pytest.mark.parametrize(
    ("answers_given", "pauses"),
    [
        ([None, None, TOKENS], [5, 5, 5]),
        ([None, errors.RateLimited("slow"), None, TOKENS], [5, 5, 10, 10]),
        ([errors.Unreachable("away"), errors.TimedOut("late"), TOKENS], [5, 10, 20]),
        ([errors.RateLimited("slow")] * 20 + [TOKENS], [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60] + [60] * 9),
    ],
)
def test_the_pace_of_asking(answers_given: list[Any], pauses: list[float]) -> None:
    slept: list[float] = []
    left = iter(answers_given)

    def ask() -> Tokens | None:
        answer = next(left)
        if isinstance(answer, errors.EmkError):
            raise answer
        return answer  # type: ignore[no-any-return]

    begun = DeviceAuthorization("d", "u", "https://example.org", interval=5, expires_in=9000)
    assert poll_for_tokens(ask, begun, sleep=slept.append, clock=lambda: float(sum(slept)) / 2) is TOKENS
    assert slept == pauses


def test_a_code_nobody_enters_expires() -> None:
    slept: list[float] = []
    begun = DeviceAuthorization("d", "u", "https://example.org", interval=0.01, expires_in=20)
    with pytest.raises(errors.Forbidden, match="expired"):
        poll_for_tokens(lambda: None, begun, sleep=slept.append, clock=lambda: sum(slept))
    assert slept == [1.0] * 20


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["a", "bearer", "3600", 3600, "a b", "\u00e9", 10**400, ["a"], {"a": "b"}]),
)


@given(st.dictionaries(st.sampled_from([*answers.FIELDS, "expires_at", "issuer", "trust"]), VALUES), st.booleans())
def test_any_token_answer_is_tokens_or_a_bad_response(document: dict[str, Any], good: bool) -> None:
    document |= {"access_token": "a", "token_type": "Bearer"} if good else {}
    try:
        tokens = answers.tokens_from(Document(document), datetime.now(UTC))
    except errors.BadResponse:
        return
    assert answers.is_token(tokens.access_token)
    assert tokens.issuer is tokens.trust is None
    httpx.Headers({"Authorization": f"Bearer {tokens.access_token}"})


@given(
    st.dictionaries(
        st.sampled_from(["authorization_endpoint", "token_endpoint", "code_challenge_methods_supported"]),
        VALUES | st.sampled_from(["https://[", "https://a:b/", "http://127.0.0.1/x", "https://a/#x", "https:///x"]),
    )
)
def test_any_configuration_is_used_or_refused(document: dict[str, Any]) -> None:
    provider = described.Provider(document, local=False)
    for use in (lambda: provider.needed("token_endpoint"), provider.check_pkce):
        with suppress(errors.BadResponse, errors.Unsupported):
            use()
    with suppress(errors.BadResponse, errors.Unsupported):
        assert provider.needed("authorization_endpoint").startswith("https://")


SENTINEL = "5ecre7-c0de"


@given(st.text(max_size=12) | st.just(SENTINEL), st.text(max_size=40))
def test_a_refusal_repeats_no_secret_and_moves_no_cursor(code: str, said: str) -> None:
    error = answers.refusal({"error": code, "error_description": f"{said}{SENTINEL}{said}"}, [SENTINEL])
    assert SENTINEL not in error.message + str(error.details)
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in error.message)
