"""Whatever an operation raises is among what it documents, or what its port or all ports say once."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from emkcli import errors, models
from emkcli.api import Client, Items, connect, ports
from emkcli.api.ports import Authorization, CardQuery, DeviceAuthorization
from tests.api.test_ports import BY_NAME, OPERATIONS, fields

NAMED = re.compile(r"`(\w+)`")
UNREADABLE = re.compile(r"The server answered with status 4\d\d\.")
PLANTED = ("5xx", "429", "html", "truncated-json", "drop-after-commit", "200-with-error", "empty")
STATUSES = (302, 401, 403, 429, 500, 502, 503, 504)
GIVEN: Mapping[str, Any] = {
    "answer": {"code": "c", "state": "s"},
    "begun": None,
    "changes": {"email": "anna@example.org"},
    "content": b"no picture",
    "kind": "prescription",
    "media_type": "image/png",
    "method": "sms",
    "part": "selfie",
    "passed": None,
    "person": None,
    "pinned": True,
    "query": CardQuery(),
    "records": [models.RecordRef(id="Observation/none", type="lab_result")],
    "redirect_uri": "http://127.0.0.1/callback",
    "signature": b"no signature",
    "unread": True,
}
"""What an argument of that name is; any other is a text that nothing is called."""
OF_LOGIN = {
    "exchange_authorization": Authorization("https://login.example.org", "http://127.0.0.1/callback", "s", "v"),
    "exchange_device": DeviceAuthorization("d", "u", "https://login.example.org"),
}


def documented(name: str) -> tuple[type[errors.EmkError], ...]:
    """The errors of an operation, with those that its port and the package say for all of them."""
    port = getattr(ports, name.partition(".")[0])
    said = [error for kind, error, _text in fields(OPERATIONS[name]) if kind == "raises"]
    general = NAMED.findall(ports.__doc__ or "") + NAMED.findall(inspect.getdoc(port) or "")
    return tuple(BY_NAME[error] for error in {*said, *general} if error in BY_NAME)


def call(client: Client, name: str, **given: Any) -> object:
    """The operation with an argument for everything that has no default, and for a `person` that is given."""
    port, _, operation = name.partition(".")
    method = getattr(getattr(client, port.lower()), operation)
    arguments = {
        argument: given.get(argument, GIVEN.get(argument, "nothing"))
        for argument, about in inspect.signature(OPERATIONS[name]).parameters.items()
        if argument != "self" and (about.default is about.empty or argument in given)
    }
    if "begun" in arguments:
        arguments["begun"] = OF_LOGIN[operation]
    if name == "Accounts.register":
        arguments["person"] = {"last_name": "Пробная"}
    answer = method(**arguments)
    return list(answer) if isinstance(answer, Items | Iterator) else answer


def undocumented(client: Client, **given: Any) -> tuple[list[str], set[str]]:
    """What was raised beside the documentation, and everything that was raised as it is documented."""
    beside, expected = [], set[str]()
    for name in OPERATIONS:
        if name == "Identity.revoke":
            continue  # it ends the session that the others go on with; see below
        try:
            call(client, name, **given)
        except documented(name) as raised:
            expected.add(type(raised).__name__)
        except errors.EmkError as raised:
            if UNREADABLE.match(raised.message):
                continue  # the package says so
            beside.append(f"{name}: {type(raised).__name__}: {raised.message}")
    return beside, expected


def login(client: Client, state: str) -> None:
    phone = client.wire.json("POST", "/mock/seed", json={"state": state})["phone"]
    challenge = client.identity.challenge("sms", phone)
    code = next(m["code"] for m in client.wire.json("GET", "/mock/inbox")["items"] if m["code"])
    client.session.begin(client.identity.exchange_code(challenge.id, code))


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setattr("emkcli.api.wire.time", SimpleNamespace(sleep=lambda seconds: None, monotonic=time.monotonic))
    with connect("mock") as connected:
        yield connected


def test_what_is_documented_is_read_from_the_reference() -> None:
    assert errors.NotFound in documented("Card.record")
    assert errors.Exists in documented("Accounts.register")
    assert errors.Exists not in documented("Accounts.account")
    assert {errors.Unreachable, errors.ServerError, errors.Unsupported} <= set(documented("Identity.refresh"))
    assert errors.NotActivated in documented("Card.labs")
    assert errors.EmkError not in documented("Card.labs")


def test_nobody_is_logged_in(client: Client) -> None:
    beside, expected = undocumented(client)
    assert beside == []
    assert "LoginRequired" in expected


@pytest.mark.parametrize("state", ["registered", "verified", "activated"])
@pytest.mark.parametrize("person", [None, "nobody"])
def test_what_the_portal_refuses(client: Client, state: str, person: str | None) -> None:
    login(client, state)
    beside, expected = undocumented(client, **({"person": person} if person else {}))
    assert beside == []
    assert {"InvalidInput", "NotFound"} <= expected
    assert "LoginRequired" not in expected


@pytest.mark.parametrize("fault", PLANTED)
def test_what_a_fault_on_the_way_raises(client: Client, fault: str) -> None:
    login(client, "activated")
    client.wire.json("POST", "/mock/faults", json={"kind": fault, "path": "/", "times": 0})
    beside, expected = undocumented(client)
    assert beside == []
    assert expected & {"ServerError", "RateLimited", "BadResponse", "Unreachable"}


@pytest.mark.parametrize("backend", ["http", "fhir"])
@pytest.mark.parametrize("status", STATUSES)
def test_what_a_status_raises(monkeypatch: pytest.MonkeyPatch, backend: str, status: int) -> None:
    answers = httpx.MockTransport(
        lambda request: httpx.Response(status, headers={"Location": "https://elsewhere.example"})
    )
    monkeypatch.setattr("emkcli.api.wire._transport", lambda *about, **options: answers)
    with connect(backend, url="https://card.example.org", token="t", person="p", client_id="c", retries=0) as client:
        beside, expected = undocumented(client)
    assert beside == []
    assert expected


@pytest.mark.parametrize(
    ("raised", "named"),
    [
        (httpx.ConnectError("refused"), "Unreachable"),
        (httpx.ReadTimeout("slow"), "TimedOut"),
        (httpx.RemoteProtocolError("gone"), "Unreachable"),
    ],
)
def test_what_a_connection_raises(monkeypatch: pytest.MonkeyPatch, raised: Exception, named: str) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise raised

    monkeypatch.setattr("emkcli.api.wire._transport", lambda *about, **options: httpx.MockTransport(broken))
    with connect("http", url="https://card.example.org", token="t", person="p", retries=0) as client:
        beside, expected = undocumented(client)
    assert beside == []
    assert named in expected


def test_an_error_that_is_not_documented_is_found(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object, *_: object, **__: object) -> None:
        raise errors.Storage("no room")

    monkeypatch.setattr(type(client.portal), "persons", refuse)
    login(client, "verified")
    assert undocumented(client)[0] == ["Portal.persons: Storage: no room"]


@pytest.mark.parametrize("token", ["nothing", ""])
def test_the_end_of_a_session(client: Client, token: str) -> None:
    login(client, "verified")
    try:
        client.identity.revoke(token)
    except documented("Identity.revoke"):
        assert not token
    client.identity.revoke(client.session.tokens().access_token)
    with pytest.raises(documented("Portal.persons")):
        client.portal.persons()
