"""The one HTTP funnel, against a router of canned answers."""

from __future__ import annotations

import ssl

import httpx
import pytest
import respx

from emkcli import errors
from emkcli.api import wire as module
from emkcli.api.auth import BearerAuth, InMemory, Session
from emkcli.api.wire import Wire
from emkcli.models import Tokens

BASE = "https://card.example.org"


@pytest.fixture
def router(monkeypatch: pytest.MonkeyPatch) -> respx.Router:
    monkeypatch.setattr(module.time, "sleep", lambda seconds: slept.append(seconds))
    slept.clear()
    return respx.Router(assert_all_called=False)


slept: list[float] = []


def wire(router: respx.Router) -> Wire:
    return Wire(BASE, transport=httpx.MockTransport(router.handler))


def test_a_read_is_tried_again_and_a_mutation_only_with_its_key(router: respx.Router) -> None:
    once = router.post("/once").mock(return_value=httpx.Response(503))
    route = router.route().mock(side_effect=[httpx.Response(503), httpx.Response(200, json={"a": 1})] * 2)
    assert wire(router).json("GET", "/x") == {"a": 1}
    assert wire(router).json("POST", "/x", json={}, idempotency_key="k") == {"a": 1}
    assert [call.request.headers.get("idempotency-key") for call in route.calls] == [None, None, "k", "k"]
    with pytest.raises(errors.ServerError):
        wire(router).send("POST", "/once", json={})
    assert once.call_count == 1


def test_a_refused_connection_ends_within_five_seconds(router: respx.Router) -> None:
    router.route().mock(side_effect=httpx.ConnectError("refused"))
    with pytest.raises(errors.Unreachable) as caught:
        wire(router).send("GET", "/x")
    assert sum(slept) < 5
    assert len(slept) == 3
    assert "card.example.org" in caught.value.message


def test_a_drop_after_a_mutation_without_a_key_is_not_repeated(router: respx.Router) -> None:
    route = router.post("/x").mock(side_effect=httpx.RemoteProtocolError("gone"))
    with pytest.raises(errors.Unreachable):
        wire(router).send("POST", "/x", json={})
    assert route.call_count == 1


@pytest.mark.parametrize(("wait", "calls"), [("1", 4), ("600", 1), ("Wed, 21 Oct 2026 07:28:00 GMT", 1)])
def test_retry_after_is_honoured_when_it_is_short(router: respx.Router, wait: str, calls: int) -> None:
    route = router.route().mock(return_value=httpx.Response(429, headers={"Retry-After": wait}))
    with pytest.raises(errors.RateLimited):
        wire(router).send("GET", "/x")
    assert route.call_count == calls


def test_a_timeout_is_not_tried_again(router: respx.Router) -> None:
    router.get("/slow").mock(side_effect=httpx.ReadTimeout("slow"))
    with pytest.raises(errors.TimedOut):
        wire(router).send("GET", "/slow")
    assert slept == []


def test_no_redirect_and_no_foreign_link_is_followed(router: respx.Router) -> None:
    router.get("/x").mock(return_value=httpx.Response(302, headers={"Location": "https://evil.example/"}))
    for path in ("/x", "https://evil.example/next", "http://card.example.org/next", BASE + ":8443/next"):
        with pytest.raises(errors.BadResponse):
            wire(router).send("GET", path)
    assert [call.request.url.host for call in router.calls] == ["card.example.org"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>busy</html>", "no JSON"),
        (b"", "no JSON"),
        (b'{"items": [', "no JSON"),
        (b'{"errorCode": 505, "errorMessage": "update"}', "505"),
    ],
)
def test_an_error_dressed_as_a_success_is_an_error(router: respx.Router, content: bytes, said: str) -> None:
    headers = {"X-Request-Id": "r-1"}
    router.get("/x").mock(return_value=httpx.Response(200, content=content, headers=headers))
    with pytest.raises(errors.BadResponse, match=said) as caught:
        wire(router).json("GET", "/x")
    assert caught.value.request_id == "r-1"


def test_the_clock_is_the_servers(router: respx.Router) -> None:
    stamp = {"Date": "Mon, 02 Mar 2026 07:00:00 GMT"}
    router.get("/x").mock(return_value=httpx.Response(200, json={}, headers=stamp))
    sent = wire(router)
    sent.send("GET", "/x")
    assert sent.now().isoformat() == "2026-03-02T10:00:00+03:00"
    router.get("/y").mock(return_value=httpx.Response(200, json={}, headers={"Date": "nonsense"}))
    sent.send("GET", "/y")
    assert sent.now().year == 2026


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {}, errors.NotFound),
        (401, {"code": "login_required", "detail": "?"}, errors.LoginRequired),
        (403, {"code": "not_activated", "detail": "wait"}, errors.NotActivated),
        (409, {"code": "exists", "detail": "?"}, errors.Exists),
        (418, {}, errors.ServerError),
        (400, {"error": "invalid_grant", "reason": "refresh_reused"}, errors.SessionLost),
        (400, {"error": "invalid_grant", "reason": "code_invalid"}, errors.InvalidInput),
        (403, {"resourceType": "OperationOutcome", "issue": [{"diagnostics": "no"}]}, errors.Forbidden),
        (400, {"resourceType": "OperationOutcome", "issue": "broken"}, errors.InvalidInput),
        (500, ["not", "an", "object"], errors.ServerError),
    ],
)
def test_a_status_becomes_its_error(
    router: respx.Router, status: int, body: object, kind: type[errors.EmkError]
) -> None:
    router.get("/x").mock(return_value=httpx.Response(status, json=body))
    with pytest.raises(kind) as caught:
        wire(router).send("GET", "/x")
    assert type(caught.value) is kind
    assert caught.value.message


def test_a_401_refreshes_once_and_goes_on(router: respx.Router) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.headers["Authorization"] == "Bearer fresh" else 401, json={})

    router.get("/x").mock(side_effect=answer)
    store = InMemory(Tokens(access_token="stale", refresh_token="r1", patient="p"))
    asked: list[str] = []

    def refresh(token: str) -> Tokens:
        asked.append(token)
        return Tokens(access_token="fresh", refresh_token="r2")

    sent = wire(router).with_auth(BearerAuth(Session(store, refresh)))
    for _again in range(3):
        assert sent.json("GET", "/x") == {}
    kept = store.load()
    assert kept is not None
    assert (asked, kept.refresh_token, kept.patient) == (["r1"], "r2", "p")


def test_plain_http_is_for_this_machine_only() -> None:
    with pytest.raises(errors.Usage, match="https"):
        Wire("http://card.example.org")
    Wire("http://127.0.0.1:1").close()
    with pytest.raises(errors.InvalidInput, match="ca_bundle"):
        Wire(BASE, ca_bundle="/nowhere/ca.pem")
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED
