"""The emk HTTP API: accounts, identity and portal as the mock and any gateway speak it (see its OpenAPI document)."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from msgspec.structs import fields

from emkcli import errors, models
from emkcli.api.ports import Accounts, Identity, Items, Portal
from emkcli.api.wire import Wire
from emkcli.locale import _

M = TypeVar("M", bound=models.Model)
V1 = "/api/v1"
PAGE = "200"


def parsed(model: type[M], document: Any) -> M:
    """A document as its model; `BadResponse` names the fields that do not fit, never their values."""
    try:
        return model.from_builtins(document)
    except msgspec.ValidationError:
        where = ", ".join(sorted(_misfits(model, document)))
        raise errors.BadResponse(
            _("The answer does not fit its contract ({where}).").format(where=where), hint=_("retry later")
        ) from None


def _misfits(model: type[models.Model], document: Any) -> Iterator[str]:
    """Every field of a document that does not fit, where msgspec would name the first."""
    if not isinstance(document, dict):
        yield "."
        return
    for field in fields(model):
        if field.encode_name not in document:
            if field.required:
                yield field.encode_name
            continue
        try:
            msgspec.convert(document[field.encode_name], field.type, strict=False)
        except msgspec.ValidationError as cause:
            yield f"{field.encode_name}{_below(str(cause))}"


def _below(message: str) -> str:
    """Where inside a field, dotted; msgspec says: … missing required field `id` - at `$[0].clinic`."""
    missing, place = re.search(r"required field `([^`]+)`", message), re.search(r"at `\$([^`]*)`", message)
    inside = re.sub(r"\[(\d+)\]", r".\1", place[1]) if place else ""
    return f"{inside}.{missing[1]}" if missing else inside


def quoted(identifier: str) -> str:
    """An id as one path segment, whatever a person typed; what would name the folder itself names nothing."""
    if identifier in {"", ".", ".."}:
        raise errors.NotFound(_("There is nothing with the id “{id}”.").format(id=identifier))
    return quote(identifier, safe="")


def _without_none(**params: str | None) -> dict[str, str]:
    return {name: value for name, value in params.items() if value is not None}


class Rest:
    """What the three ports share: one document in, one model out, and lists page by page."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def _get(self, model: type[M], path: str, **params: str | None) -> M:
        return parsed(model, self._wire.json("GET", V1 + path, params=_without_none(**params)))

    def _change(self, model: type[M], method: str, path: str, body: Any = None, **params: str | None) -> M:
        document = self._wire.json(
            method, V1 + path, json=body, params=_without_none(**params), idempotency_key=secrets.token_hex(16)
        )
        return parsed(model, document)

    def _list(self, model: type[M], path: str, **params: str | None) -> Items[M]:
        """The first page at once (so that errors come before any output), the others while they are read."""
        first = self._page(path, params, None)
        person = first.get("person")
        return Items(
            stream=self._stream(model, path, params, first),
            person=parsed(models.Named, person) if person else None,
            total=first.get("total"),
        )

    def _stream(self, model: type[M], path: str, params: dict[str, str | None], page: dict[str, Any]) -> Iterator[M]:
        cursors: set[str] = set()
        while True:
            yield from (parsed(model, item) for item in page["items"])
            cursor = page.get("next")
            if not cursor:
                return
            if cursor in cursors:
                raise errors.BadResponse(_("The server repeats a page; the list would be incomplete."))
            cursors.add(cursor)
            page = self._page(path, params, cursor)

    def _page(self, path: str, params: dict[str, str | None], cursor: str | None) -> dict[str, Any]:
        document = self._wire.json("GET", V1 + path, params=_without_none(**params, cursor=cursor))
        if not isinstance(document, dict) or not isinstance(document.get("items"), list):
            raise errors.BadResponse(_("The answer does not fit its contract ({where}).").format(where="items"))
        return document


class RestAccounts(Rest, Accounts):
    """`public` sends what is done without a session: opening an account."""

    def __init__(self, wire: Wire, public: Wire) -> None:
        super().__init__(wire)
        self._public = Rest(public)

    def register(self, person: dict[str, Any]) -> models.Registration:
        return self._public._change(models.Registration, "POST", "/accounts", person)

    def account(self) -> models.Account:
        return self._get(models.Account, "/account")

    def upload(self, part: str, content: bytes, media_type: str) -> None:
        self._wire.send(
            "PUT",
            f"{V1}/account/verification/{quoted(part)}",
            content=content,
            headers={"Content-Type": media_type},
            idempotency_key=secrets.token_hex(16),
        )

    def request_verification(self) -> models.Challenge:
        return self._change(models.Challenge, "POST", "/account/verification")

    def confirm_verification(self, challenge: str, code: str) -> models.Account:
        body = {"challenge_id": challenge, "code": code}
        return self._change(models.Account, "POST", "/account/verification/confirmation", body)


class RestIdentity(Rest, Identity):
    def challenge(self, method: str, login: str) -> models.Challenge:
        body = {"method": method, "login": login}
        return parsed(
            models.Challenge,
            self._wire.json("POST", "/oauth2/challenges", json=body, idempotency_key=secrets.token_hex(16)),
        )

    def exchange_code(self, challenge: str, code: str) -> models.Tokens:
        return self._token(grant_type="urn:emk:grant-type:sms-code", challenge_id=challenge, code=code)

    def exchange_signature(self, challenge: str, signature: bytes) -> models.Tokens:
        text = base64.b64encode(signature).decode("ascii")
        return self._token(grant_type="urn:emk:grant-type:signature", challenge_id=challenge, signature=text)

    def refresh(self, refresh_token: str) -> models.Tokens:
        return self._token(grant_type="refresh_token", refresh_token=refresh_token)

    def revoke(self, token: str) -> None:
        self._wire.send("POST", "/oauth2/revoke", form={"token": token}, idempotency_key=secrets.token_hex(16))

    def _token(self, **form: str) -> models.Tokens:
        key = secrets.token_hex(16)
        answer = self._wire.json("POST", "/oauth2/token", form=form, idempotency_key=key)
        return parsed(models.Tokens, answer).dated(self._wire.now())


class RestPortal(Rest, Portal):
    def persons(self) -> Items[models.Person]:
        return self._list(models.Person, "/persons")

    def services(self, search: str | None = None, person: str | None = None) -> Items[models.Service]:
        return self._list(models.Service, "/services", search=search, person=person, page_size=PAGE)

    def pin(self, service: str, pinned: bool) -> models.Service:
        return self._change(models.Service, "PUT" if pinned else "DELETE", f"/services/{quoted(service)}/pin")

    def connect(self, service: str, person: str | None = None) -> models.Application:
        return self._change(models.Application, "PUT", f"/services/{quoted(service)}/connection", person=person)

    def consents(self, service: str | None = None, person: str | None = None) -> Items[models.Consent]:
        return self._list(models.Consent, "/consents", service=service, person=person)

    def consent(self, consent: str, person: str | None = None) -> models.Consent:
        return self._get(models.Consent, f"/consents/{quoted(consent)}", person=person)

    def accept_consent(
        self, consent: str, version: str, sha256: str, method: str, person: str | None = None
    ) -> models.Consent:
        body = {"version": version, "sha256": sha256, "method": method}
        return self._change(models.Consent, "PUT", f"/consents/{quoted(consent)}/acceptance", body, person=person)

    def revoke_consent(self, consent: str, person: str | None = None) -> models.Consent:
        return self._change(models.Consent, "PUT", f"/consents/{quoted(consent)}/revocation", person=person)

    def clinics(
        self,
        search: str | None = None,
        district: str | None = None,
        near: str | None = None,
        accepts: str | None = None,
        person: str | None = None,
    ) -> Items[models.Clinic]:
        return self._list(
            models.Clinic,
            "/clinics",
            search=search,
            district=district,
            near=near,
            accepts=accepts,
            person=person,
            page_size=PAGE,
        )

    def clinic(self, clinic: str) -> models.Clinic:
        return self._get(models.Clinic, f"/clinics/{quoted(clinic)}")

    def doctors(
        self, clinic: str | None = None, search: str | None = None, specialty: str | None = None
    ) -> Items[models.Doctor]:
        return self._list(models.Doctor, "/doctors", clinic=clinic, search=search, specialty=specialty, page_size=PAGE)

    def doctor(self, doctor: str) -> models.Doctor:
        return self._get(models.Doctor, f"/doctors/{quoted(doctor)}")

    def attach(
        self, clinic: str | None = None, doctor: str | None = None, person: str | None = None
    ) -> models.Application:
        body = _without_none(clinic_id=clinic, doctor_id=doctor)
        return self._change(models.Application, "PUT", "/attachment", body, person=person)

    def applications(self, person: str | None = None) -> Items[models.Application]:
        return self._list(models.Application, "/applications", person=person)

    def application(self, application: str) -> models.Application:
        return self._get(models.Application, f"/applications/{quoted(application)}")

    def cancel_application(self, application: str) -> models.Application:
        return self._change(models.Application, "PUT", f"/applications/{quoted(application)}/cancellation")

    def requests(self, person: str | None = None) -> Items[models.Request]:
        return self._list(models.Request, "/requests", person=person)

    def request(self, request: str) -> models.Request:
        return self._get(models.Request, f"/requests/{quoted(request)}")

    def create_request(
        self,
        kind: str,
        medicine: str | None = None,
        repeat: str | None = None,
        comment: str | None = None,
        person: str | None = None,
    ) -> models.Request:
        body = {"kind": kind, **_without_none(medicine=medicine, repeat=repeat, comment=comment)}
        return self._change(models.Request, "POST", "/requests", body, person=person)

    def cancel_request(self, request: str) -> models.Request:
        return self._change(models.Request, "PUT", f"/requests/{quoted(request)}/cancellation")

    def transfers(self, person: str | None = None) -> Items[models.Transfer]:
        return self._list(models.Transfer, "/transfers", person=person)

    def transfer(self, transfer: str) -> models.Transfer:
        return self._get(models.Transfer, f"/transfers/{quoted(transfer)}")

    def create_transfer(
        self,
        to: str,
        records: list[models.RecordRef],
        expires_at: str | None = None,
        person: str | None = None,
    ) -> models.Transfer:
        body = {
            "to": to,
            "records": [ref.to_builtins() for ref in records],
            **_without_none(expires_at=expires_at),
        }
        return self._change(models.Transfer, "POST", "/transfers", body, person=person)

    def revoke_transfer(self, transfer: str) -> models.Transfer:
        return self._change(models.Transfer, "PUT", f"/transfers/{quoted(transfer)}/revocation")

    def profile(self, person: str | None = None) -> models.Profile:
        return self._get(models.Profile, "/profile", person=person)

    def update_profile(self, changes: dict[str, str], person: str | None = None) -> models.ProfileChange:
        return self._change(models.ProfileChange, "PATCH", "/profile", changes, person=person)

    def confirm_phone(self, challenge: str, code: str) -> models.Profile:
        body = {"challenge_id": challenge, "code": code}
        return self._change(models.Profile, "POST", "/profile/phone/confirmation", body)

    def move(self, residence_address: str, clinic: str | None = None, person: str | None = None) -> models.Profile:
        body = {"residence_address": residence_address, **_without_none(clinic_id=clinic)}
        return self._change(models.Profile, "POST", "/profile/move", body, person=person)

    def notifications(self, unread: bool = False) -> Items[models.Notification]:
        return self._list(models.Notification, "/notifications", unread="true" if unread else None, page_size=PAGE)

    def notification(self, notification: str) -> models.Notification:
        return self._get(models.Notification, f"/notifications/{quoted(notification)}")

    def read_notification(self, notification: str) -> models.Notification:
        return self._change(models.Notification, "PUT", f"/notifications/{quoted(notification)}/read")
