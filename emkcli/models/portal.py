"""The documents of the portal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from emkcli.models.elements import DoctorRef, Model, Named, shown


class Verification(Model):
    status: str
    uploaded: list[str] = []
    expected_by: str | None = None
    reason: str | None = None


class Account(Model):
    """The portal account; `snils` and `phone` are masked by the server."""

    kind: ClassVar[str] = "account"
    id: str
    trust: str
    name: str
    snils: str | None = None
    phone: str | None = None
    verification: Verification | None = None
    next: str | None = None


class Challenge(Model):
    """A code sent or bytes to sign; `data` is base64. Never printed."""

    id: str
    method: str
    expires_at: str
    phone: str | None = None
    resend_after: str | None = None
    attempts_left: int | None = None
    data: str | None = None


class Tokens(Model):
    """An OAuth token answer; its repr shows no secret. `expires_at` (ISO 8601) is what we reckoned from `expires_in`
    when it came, for `auth status`; when it ends the server says, by a 401. `signature_checked` is false when the tokens
    are signed and nothing was there to check that with."""

    access_token: str
    refresh_token: str | None = None
    token_type: str = "Bearer"
    signature_checked: bool | None = None
    expires_in: int | None = None
    expires_at: str | None = None
    id_token: str | None = None
    scope: str = ""
    patient: str | None = None
    trust: str | None = None
    issuer: str | None = None

    def __repr__(self) -> str:
        return shown(self, but={"access_token", "refresh_token", "id_token"})

    def dated(self, now: datetime) -> Tokens:
        """The same with its end, reckoned from `now` on the server's clock."""
        if self.expires_in is None:
            return self
        end = now + timedelta(seconds=self.expires_in)
        return replace(self, expires_at=end.isoformat(timespec="seconds"))


class Registration(Model):
    account: Account
    tokens: Tokens


class Person(Model):
    kind: ClassVar[str] = "person"
    id: str
    name: str
    relation: str
    birth_date: str | None = None
    sex: str | None = None
    access_until: str | None = None
    application_status: str | None = None


class Service(Model):
    kind: ClassVar[str] = "service"
    id: str
    title: str
    region: str | None = None
    connected: bool = False
    pinned: bool = False


class Consent(Model):
    kind: ClassVar[str] = "consent"
    id: str
    service: str
    title: str
    text: str
    version: str
    sha256: str
    status: str
    accepted_at: str | None = None
    revoked_at: str | None = None
    receipt: str | None = None


class Clinic(Model):
    kind: ClassVar[str] = "clinic"
    id: str
    oid: str | None = None
    name: str
    short_name: str | None = None
    address: str | None = None
    district: str | None = None
    phone: str | None = None
    accepts: list[str] = []
    distance_km: float | None = None
    approximate: bool | None = None


class Doctor(Model):
    kind: ClassVar[str] = "doctor"
    id: str
    name: str
    specialty: str | None = None
    specialty_code: str | None = None
    clinic: Named | None = None
    panel_open: bool | None = None


class Step(Model):
    """One line of an application's history."""

    at: str
    status: str
    status_name: str
    comment: str | None = None


class Application(Model):
    """«Заявка»: `status` draft, submitted, in_progress, activated, refused or cancelled; `status_name` is the portal's word."""

    kind: ClassVar[str] = "application"
    id: str
    service: Named | None = None
    person: Named | None = None
    status: str
    status_name: str
    clinic: Named | None = None
    doctor: DoctorRef | None = None
    submitted_at: str | None = None
    expected_by: str | None = None
    activated_at: str | None = None
    reason: str | None = None
    history: list[Step] = []
    next: str | None = None


class Request(Model):
    kind: ClassVar[str] = "request"
    id: str | None = None
    type: str = msgspec.field(default="prescription", name="kind")
    status: str
    medicine: str | None = None
    comment: str | None = None
    created_at: str | None = None
    doctor: DoctorRef | None = None
    clinic: Named | None = None
    result_id: str | None = None


class RecordRef(Model):
    id: str
    type: str = msgspec.field(name="kind")


class Transfer(Model):
    kind: ClassVar[str] = "transfer"
    id: str | None = None
    to: Named
    records: list[RecordRef] = []
    created_at: str | None = None
    expires_at: str | None = None
    revoked_at: str | None = None
    status: str
    receipt: str | None = None


class Profile(Model):
    kind: ClassVar[str] = "profile"
    person: Named | None = None
    name: str
    birth_date: str | None = None
    phone: str | None = None
    email: str | None = None
    registration_address: str | None = None
    residence_address: str | None = None
    clinic: Named | None = None
    doctor: DoctorRef | None = None


class ProfileChange(Model):
    """The profile as it is now, and the challenge when a new phone waits for its code."""

    profile: Profile
    challenge: Challenge | None = None


class Contact(Model):
    name: str
    phone: str | None = None


class Notification(Model):
    kind: ClassVar[str] = "notification"
    id: str
    at: str
    channel: str
    title: str
    text: str
    read: bool = False
    contact: Contact | None = None


class Next(Model):
    """The one command that comes next, and why."""

    kind: ClassVar[str] = "next"
    command: str
    why: str
