"""The documents of the portal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, ClassVar

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from emkcli.models.elements import DoctorRef, Model, Named, shown


class Verification(Model):
    status: Annotated[str, "none, uploading, awaiting_code, in_review, confirmed or refused"]
    uploaded: Annotated[list[str], "pictures that arrived: passport_scan, selfie"] = []
    expected_by: Annotated[str | None, "by when the review should end (ISO 8601)"] = None
    reason: Annotated[str | None, "why it was refused, in the portal's words"] = None


class Account(Model):
    """The portal account; `snils` and `phone` are masked by the server."""

    kind: ClassVar[str] = "account"
    id: Annotated[str, "the person's id on the portal"]
    trust: Annotated[str, "simplified, standard or confirmed"]
    name: Annotated[str, "name as the portal shows it"]
    snils: Annotated[str | None, "СНИЛС, masked by the server"] = None
    phone: Annotated[str | None, "mobile phone, masked by the server"] = None
    verification: Annotated[Verification | None, "how far the proof of identity is"] = None
    next: Annotated[str | None, "the command that comes next"] = None


class Challenge(Model):
    """A code sent or bytes to sign; `data` is base64. Never printed."""

    id: Annotated[str, "id to answer it with"]
    method: Annotated[str, "sms or signature"]
    expires_at: Annotated[str, "until when it can be answered (ISO 8601)"]
    phone: Annotated[str | None, "where the code went, masked"] = None
    resend_after: Annotated[str | None, "from when on another code can be asked for (ISO 8601)"] = None
    attempts_left: Annotated[int | None, "how many wrong answers are left"] = None
    data: Annotated[str | None, "bytes to sign, base64"] = None


class Tokens(Model):
    """An OAuth token answer; its repr shows no secret. `expires_at` (ISO 8601) is what we reckoned from `expires_in`
    when it came, for `auth status`; when it ends the server says, by a 401. `signature_checked` is false when the tokens
    are signed and nothing was there to check that with."""

    access_token: Annotated[str, "secret: the bearer token"]
    refresh_token: Annotated[str | None, "secret: what gets the next one"] = None
    token_type: Annotated[str, "Bearer (RFC 6750)"] = "Bearer"
    signature_checked: Annotated[bool | None, "whether the provider's signature was checked; null without one"] = None
    expires_in: Annotated[int | None, "seconds it is valid from the answer on (RFC 6749)"] = None
    expires_at: Annotated[str | None, "when it ends (ISO 8601), reckoned from `expires_in`"] = None
    id_token: Annotated[str | None, "secret: who logged in (OpenID Connect)"] = None
    scope: Annotated[str, "scopes granted, separated by spaces"] = ""
    patient: Annotated[str | None, "whose card the token opens (SMART on FHIR)"] = None
    trust: Annotated[str | None, "simplified, standard or confirmed, where the provider tells"] = None
    issuer: Annotated[str | None, "address of the provider that issued it"] = None

    def __repr__(self) -> str:
        return shown(self, but={"access_token", "refresh_token", "id_token"})

    def dated(self, now: datetime) -> Tokens:
        """The same with its end, reckoned from `now` on the server's clock."""
        if self.expires_in is None:
            return self
        try:
            end = now + timedelta(seconds=self.expires_in)
        except OverflowError:  # beyond the calendar: what a server calls "never"
            return self
        return replace(self, expires_at=end.isoformat(timespec="seconds"))


class Registration(Model):
    account: Annotated[Account, "the new account"]
    tokens: Annotated[Tokens, "the session it begins with"]


class Person(Model):
    kind: ClassVar[str] = "person"
    id: Annotated[str, "the person's id; --person takes it"]
    name: Annotated[str, "name as the source wrote it"]
    relation: Annotated[str, "self, child or other"]
    birth_date: Annotated[str | None, "date of birth (ISO 8601)"] = None
    sex: Annotated[str | None, "male, female, other or unknown (FHIR AdministrativeGender)"] = None
    deceased: Annotated[
        str | None, "when the person died as sent, `true` where no day was told (FHIR Patient.deceased)"
    ] = None
    access_until: Annotated[str | None, "last day on which the parent has access (ISO 8601)"] = None
    application_status: Annotated[str | None, "status of the application for the card"] = None


class Service(Model):
    kind: ClassVar[str] = "service"
    id: Annotated[str, "id of the service"]
    title: Annotated[str, "title as the portal shows it"]
    region: Annotated[str | None, "region it is offered in"] = None
    connected: Annotated[bool, "whether it is connected for the person"] = False
    pinned: Annotated[bool, "whether it is pinned to the portal's first page"] = False


class Consent(Model):
    kind: ClassVar[str] = "consent"
    id: Annotated[str, "id of the consent"]
    service: Annotated[str, "id of the service it is for"]
    title: Annotated[str, "title as the portal shows it"]
    text: Annotated[str, "the whole text, as it is to be read"]
    version: Annotated[str, "version of the text"]
    sha256: Annotated[str, "SHA-256 of the text in UTF-8, 64 hexadecimal digits"]
    status: Annotated[str, "required, accepted, revoked or superseded"]
    accepted_at: Annotated[str | None, "when it was accepted (ISO 8601)"] = None
    revoked_at: Annotated[str | None, "when it was revoked (ISO 8601)"] = None
    receipt: Annotated[str | None, "number of the receipt"] = None


class Clinic(Model):
    kind: ClassVar[str] = "clinic"
    id: Annotated[str, "id of the clinic; --clinic takes it"]
    oid: Annotated[str | None, "OID in the federal register of medical organisations (ФРМО)"] = None
    name: Annotated[str, "full name"]
    short_name: Annotated[str | None, "name as people say it"] = None
    address: Annotated[str | None, "postal address"] = None
    district: Annotated[str | None, "district of Moscow"] = None
    phone: Annotated[str | None, "telephone"] = None
    accepts: Annotated[list[str], "whom it takes: adults, children"] = []
    distance_km: Annotated[float | None, "distance in a straight line, km; null where no place was asked for"] = None
    approximate: Annotated[bool | None, "whether the distance is that of the district, not of the address"] = None


class Doctor(Model):
    kind: ClassVar[str] = "doctor"
    id: Annotated[str, "id of the physician; --doctor takes it"]
    name: Annotated[str, "name as the portal shows it"]
    specialty: Annotated[str | None, "specialty in words"] = None
    specialty_code: Annotated[str | None, "code of the specialty (НСИ 1.2.643.5.1.13.13.11.1066)"] = None
    clinic: Annotated[Named | None, "where the physician works"] = None
    panel_open: Annotated[bool | None, "whether new patients are taken"] = None


class Step(Model):
    """One line of an application's history."""

    at: Annotated[str, "when (ISO 8601)"]
    status: Annotated[str, "status the application got then"]
    status_name: Annotated[str, "the portal's word for it"]
    comment: Annotated[str | None, "what the portal says beside it"] = None


class Application(Model):
    """«Заявка»: `status` draft, submitted, in_progress, activated, refused or cancelled; `status_name` is the portal's word."""

    kind: ClassVar[str] = "application"
    id: Annotated[str, "number of the application"]
    service: Annotated[Named | None, "the service it is for"] = None
    person: Annotated[Named | None, "whose card it asks for"] = None
    status: Annotated[str, "draft, submitted, in_progress, activated, refused or cancelled"]
    status_name: Annotated[str, "the portal's word for the status"]
    clinic: Annotated[Named | None, "the clinic chosen"] = None
    doctor: Annotated[DoctorRef | None, "the physician chosen"] = None
    submitted_at: Annotated[str | None, "when it was handed in (ISO 8601)"] = None
    expected_by: Annotated[str | None, "by when it should be decided (ISO 8601)"] = None
    activated_at: Annotated[str | None, "since when the card is open (ISO 8601)"] = None
    reason: Annotated[str | None, "why it was refused, in the portal's words"] = None
    history: Annotated[list[Step], "its steps, the oldest first"] = []
    next: Annotated[str | None, "the command that comes next"] = None


class Request(Model, rename={"type": "kind"}):
    kind: ClassVar[str] = "request"
    id: Annotated[str | None, "number of the request; null of one that was only tried"] = None
    type: Annotated[str, "what is asked for: prescription"] = "prescription"
    status: Annotated[str, "draft, submitted, in_progress, done, refused or cancelled"]
    medicine: Annotated[str | None, "the medicine asked for"] = None
    comment: Annotated[str | None, "words to the physician"] = None
    created_at: Annotated[str | None, "when it was made (ISO 8601)"] = None
    doctor: Annotated[DoctorRef | None, "the physician who gets it"] = None
    clinic: Annotated[Named | None, "that physician's clinic"] = None
    result_id: Annotated[str | None, "id of the prescription that came of it"] = None


class RecordRef(Model, rename={"type": "kind"}):
    id: Annotated[str, "id of the record"]
    type: Annotated[str, "kind of the record: visit, lab_result, …"]


class RecordPreview(RecordRef):
    """What a clinic would read of a record."""

    date: Annotated[str | None, "when it was (ISO 8601)"] = None
    title: Annotated[str, "what it is: the analyte, the medicine, the reason …"]
    value: Annotated[str | None, "value with its unit, as printed"] = None
    flag: Annotated[str | None, "the laboratory's flag, as sent"] = None
    status: Annotated[str | None, "status of the record: what was taken back or not done is passed on too"] = None


class Transfer(Model):
    kind: ClassVar[str] = "transfer"
    id: Annotated[str | None, "number of the transfer; null of one that was only tried"] = None
    to: Annotated[Named, "the clinic that may read"]
    records: Annotated[list[RecordRef], "the records it may read"] = []
    created_at: Annotated[str | None, "since when (ISO 8601)"] = None
    expires_at: Annotated[str | None, "until when (ISO 8601)"] = None
    revoked_at: Annotated[str | None, "when it was revoked (ISO 8601)"] = None
    status: Annotated[str, "active, expired or revoked"]
    receipt: Annotated[str | None, "number of the receipt"] = None
    preview: Annotated[list[RecordPreview] | UnsetType, "what the clinic would read; only of one that was tried"] = (
        UNSET
    )


class Profile(Model):
    kind: ClassVar[str] = "profile"
    person: Annotated[Named | None, "whose profile it is"] = None
    name: Annotated[str, "name as the portal shows it"]
    birth_date: Annotated[str | None, "date of birth (ISO 8601)"] = None
    phone: Annotated[str | None, "mobile phone"] = None
    email: Annotated[str | None, "e-mail address"] = None
    registration_address: Annotated[str | None, "address of registration, as in the passport"] = None
    residence_address: Annotated[str | None, "address where the person lives"] = None
    clinic: Annotated[Named | None, "the clinic the person is attached to"] = None
    doctor: Annotated[DoctorRef | None, "the physician of that attachment"] = None


class ProfileChange(Model):
    """The profile as it is now, and the challenge when a new phone waits for its code."""

    profile: Annotated[Profile, "the profile as it is now"]
    challenge: Annotated[Challenge | None, "what a new phone waits for"] = None


class Contact(Model):
    name: Annotated[str, "who can be asked"]
    phone: Annotated[str | None, "telephone"] = None


class Notification(Model):
    kind: ClassVar[str] = "notification"
    id: Annotated[str, "id of the notification"]
    at: Annotated[str, "when it was sent (ISO 8601)"]
    channel: Annotated[str, "sms or cabinet"]
    title: Annotated[str, "title as sent"]
    text: Annotated[str, "text as sent"]
    read: Annotated[bool, "whether it was read"] = False
    contact: Annotated[Contact | None, "whom to ask about it"] = None


class Next(Model):
    """The one command that comes next, and why."""

    kind: ClassVar[str] = "next"
    command: Annotated[str, "the command line to type"]
    why: Annotated[str, "the reason, in the language of the run"]
