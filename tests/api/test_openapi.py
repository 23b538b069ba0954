"""The client held against the OpenAPI document: every operation of it, every request and every answer checked."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from emkcli import errors, models
from emkcli.api import CardQuery, Client, connect
from tests.contract.world import PERSON
from tests.mock.checking import CheckingTransport, document

MOVED = "г. Москва, ул. Профсоюзная, д. 10"


@pytest.fixture
def transport(monkeypatch: pytest.MonkeyPatch) -> list[CheckingTransport]:
    """Everything the client sends in process passes here."""
    made: list[CheckingTransport] = []
    original = httpx.WSGITransport

    def checking(**options: Any) -> CheckingTransport:
        made.append(CheckingTransport(original(**options)))
        return made[-1]

    monkeypatch.setattr(httpx, "WSGITransport", checking)
    return made


@pytest.fixture
def client(transport: list[CheckingTransport]) -> Iterator[Client]:
    with connect("mock", language="ru") as client:
        yield client


def control(client: Client, method: str, path: str, body: Any = None) -> Any:
    assert client.wire is not None
    return client.wire.json(method, path, json=body)


def code(client: Client) -> str:
    return str(control(client, "GET", "/mock/inbox")["items"][0]["code"])


def test_every_operation_as_the_document_says(client: Client, transport: list[CheckingTransport]) -> None:
    assert client.session is not None
    assert client.wire is not None
    client.wire.json("GET", "/.well-known/emk")
    for path in ("/", "/healthz", "/openapi.json"):
        client.wire.json("GET", path)
    opened(client)
    chosen(client)
    card_and_requests(client)
    profile_and_messages(client)
    client.identity.revoke(client.session.tokens().access_token)
    declared = {
        operation["operationId"]
        for path in document()["paths"].values()
        for method, operation in path.items()
        if method in {"get", "put", "post", "patch", "delete"} and not {"card", "mock"} & set(operation["tags"])
    }
    assert transport[0].seen >= declared


def opened(client: Client) -> None:
    """From nothing to a confirmed account with a renewed session."""
    assert client.session is not None
    with pytest.raises(errors.LoginRequired):
        client.accounts.account()
    client.session.begin(client.accounts.register(PERSON).tokens)
    picture = BytesIO()
    Image.new("RGB", (1500, 1050), "grey").save(picture, "PNG")
    for part in ("passport_scan", "selfie"):
        client.accounts.upload(part, picture.getvalue(), "image/png")
    challenge = client.accounts.request_verification()
    assert client.accounts.confirm_verification(challenge.id, code(client)).trust == "standard"
    control(client, "POST", "/mock/clock", {"advance": 3600})
    assert client.accounts.account().trust == "confirmed"
    challenge = client.identity.challenge("sms", PERSON["phone"])
    with pytest.raises(errors.InvalidInput):
        client.identity.exchange_code(challenge.id, "000000" if code(client) != "000000" else "000001")
    client.session.begin(client.identity.exchange_code(challenge.id, code(client)))
    stale = client.session.tokens().access_token
    assert client.session.renew(stale) != stale


def chosen(client: Client) -> None:
    """Consents, clinic, physician, decision."""
    portal = client.portal
    service = next(s for s in portal.services(search="карта") if s.region == "Москва")
    assert portal.pin(service.id, True).pinned
    assert not portal.pin(service.id, False).pinned
    with pytest.raises(errors.ConsentRequired):
        portal.connect(service.id)
    for consent in portal.consents(service=service.id):
        with pytest.raises(errors.ConsentRequired):
            portal.accept_consent(consent.id, "99", consent.sha256, "option")
        portal.accept_consent(consent.id, consent.version, portal.consent(consent.id).sha256, "option")
    portal.connect(service.id)
    clinic = next(iter(portal.clinics(near="residence", accepts="adults")))
    doctor = next(d for d in portal.doctors(clinic=clinic.id, specialty="therapist") if d.panel_open)
    assert portal.clinic(clinic.id).name == clinic.name
    assert portal.doctor(doctor.id).name == doctor.name
    cancelled = portal.cancel_application(portal.attach(clinic=clinic.id).id)
    assert cancelled.status == "cancelled"
    application = portal.attach(clinic=clinic.id, doctor=doctor.id)
    control(client, "POST", "/mock/clock", {"advance": 48 * 3600})
    assert portal.application(application.id).status == "activated"
    assert next(iter(portal.applications())).id == application.id
    assert [p.relation for p in portal.persons()] == ["self", "child"]


def card_and_requests(client: Client) -> None:
    portal = client.portal
    request = portal.create_request("prescription", medicine="Аторвастатин", comment="на месяц")
    assert portal.request(request.id or "").type == "prescription"
    assert portal.cancel_request(request.id or "").status == "cancelled"
    assert list(portal.requests())
    result = next(iter(client.card.labs(CardQuery())))
    recipient = next(iter(portal.clinics(search="поликлиника")))
    transfer = portal.create_transfer(recipient.id, [models.RecordRef(id=result.id, type="lab_result")])
    assert portal.transfer(transfer.id or "").status == "active"
    assert portal.revoke_transfer(transfer.id or "").status == "revoked"
    assert list(portal.transfers())
    assert portal.revoke_consent("medical-data").status == "revoked"
    with pytest.raises(errors.ConsentRequired):
        list(client.card.labs(CardQuery()))


def profile_and_messages(client: Client) -> None:
    portal = client.portal
    change = portal.update_profile({"email": "new@example.org", "phone": "+79000000778"})
    assert change.challenge is not None
    assert portal.confirm_phone(change.challenge.id, code(client)).phone is not None
    assert portal.profile().email == "new@example.org"
    assert portal.move(MOVED).residence_address == MOVED
    message = next(iter(portal.notifications(unread=True)))
    assert portal.read_notification(message.id).read
    assert portal.notification(message.id).read
