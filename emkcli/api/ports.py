"""The four ports of the client. Each operation is documented here once and by default raises `Unsupported`.

Every operation may raise `LoginRequired`, `SessionLost`, `Forbidden` and its kin, `Unreachable`, `ServerError`;
docstrings name only what is particular. A `person` is a person's id, `None` means oneself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from emkcli import errors, models
from emkcli.api.batches import Batch, batched
from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.api.changes import Changes

M = TypeVar("M")


class Port:
    """What a backend may or may not be able to do."""

    def unsupported(self) -> NoReturn:
        raise errors.Unsupported(_("This backend cannot do that."), hint=_("see: emk help backends"))


@dataclass
class Items(Generic[M]):
    """Items that arrive page by page; `person` and `total` are known once the first page is there (`total` may stay None)."""

    stream: Iterator[M]
    person: models.Named | None = None
    total: int | None = None

    def __iter__(self) -> Iterator[M]:
        return self.stream


@dataclass(frozen=True)
class CardQuery:
    """Which records: `since` and `until` are ISO dates (inclusive, Europe/Moscow), `clinic` and `doctor` an id or a part
    of a name; `updated_since` an ISO instant with offset: what the source wrote or changed then or later."""

    person: str | None = None
    since: str | None = None
    until: str | None = None
    clinic: str | None = None
    doctor: str | None = None
    updated_since: str | None = None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Authorization:
    """An authorization code flow that was begun: `url` is for the browser; the rest never leaves the process."""

    url: str
    redirect_uri: str
    state: str = field(repr=False)
    verifier: str | None = field(default=None, repr=False)
    nonce: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class DeviceAuthorization:
    """A device flow that was begun; `interval` and `expires_in` in seconds."""

    device_code: str = field(repr=False)
    user_code: str
    verification_uri: str
    verification_uri_complete: str | None = None
    interval: float = 5.0
    expires_in: float = 600.0


class Accounts(Port):
    """Open an account and confirm who one is."""

    def register(self, person: dict[str, Any]) -> models.Registration:
        """Open the account; the same data again gives the account that exists. `Exists` when the СНИЛС is known with other data."""
        self.unsupported()

    def account(self) -> models.Account:
        """The account of the session; `trust` simplified, standard or confirmed."""
        self.unsupported()

    def upload(self, part: str, content: bytes, media_type: str) -> None:
        """Send a picture; `part` is passport_scan or selfie, `content` PNG or JPEG of at most 5 MB."""
        self.unsupported()

    def request_verification(self) -> models.Challenge:
        """Both pictures are there: have the SMS code sent."""
        self.unsupported()

    def confirm_verification(self, challenge: str, code: str) -> models.Account:
        """Hand everything in for review. `InvalidInput` for a wrong or expired code, `RateLimited` after too many."""
        self.unsupported()


class Identity(Port):
    """Log in, stay logged in, log out."""

    def challenge(self, method: str, login: str) -> models.Challenge:
        """First step: an SMS code is sent (`sms`) or bytes to sign come back (`signature`); `login` is a phone or a СНИЛС."""
        self.unsupported()

    def exchange_code(self, challenge: str, code: str) -> models.Tokens:
        """Second step by SMS. `InvalidInput` for a wrong or expired code, `RateLimited` after too many."""
        self.unsupported()

    def exchange_signature(self, challenge: str, signature: bytes) -> models.Tokens:
        """Second step by electronic signature: a detached CMS (DER) over the challenge's bytes."""
        self.unsupported()

    def authorize(self, redirect_uri: str) -> Authorization:
        """Begin the authorization code flow (RFC 6749 §4.1 with PKCE): the address to open in a browser. Nothing is
        kept on our side; `Authorization` carries what `exchange_authorization` has to compare and to prove."""
        self.unsupported()

    def exchange_authorization(self, begun: Authorization, answer: Mapping[str, str]) -> models.Tokens:
        """End it with the parameters the browser brought back (`code`, `state`, `iss`, or `error`).

        `Forbidden` when the person or the server refused, `BadResponse` for a state or an issuer that is not the one
        asked for.
        """
        self.unsupported()

    def authorize_device(self) -> DeviceAuthorization:
        """Begin the device flow (RFC 8628): a short code to type in on another machine."""
        self.unsupported()

    def exchange_device(self, begun: DeviceAuthorization) -> models.Tokens | None:
        """Ask once whether the person has agreed; None while that is pending. `Forbidden` when refused or too late,
        `RateLimited` when the provider wants to be asked less often from now on (RFC 8628: 5 s more)."""
        self.unsupported()

    def logout_address(self) -> str | None:
        """Where a browser ends the provider's own session (ESIA, OpenID RP-initiated logout); None when it has none."""
        self.unsupported()

    def refresh(self, refresh_token: str) -> models.Tokens:
        """New tokens for a refresh token, which ends with this call. `SessionLost` when it is no longer good."""
        self.unsupported()

    def revoke(self, token: str) -> None:
        """End the session on the server; a token the server does not know is no error."""
        self.unsupported()


class Portal(Port):
    """Services, consents, applications, clinics, physicians, requests, transfers, profile, notifications."""

    def persons(self) -> Items[models.Person]:
        """Oneself and one's children."""
        self.unsupported()

    def services(self, search: str | None = None, person: str | None = None) -> Items[models.Service]:
        """The catalogue; `search` is a part of title, region or description."""
        self.unsupported()

    def pin(self, service: str, pinned: bool) -> models.Service:
        """Put a service among «Мои услуги», or take it from there."""
        self.unsupported()

    def connect(self, service: str, person: str | None = None) -> models.Application:
        """Open the application as a draft. `NotVerified`, or `ConsentRequired` with `details["consents"]`."""
        self.unsupported()

    def consents(self, service: str | None = None, person: str | None = None) -> Items[models.Consent]:
        """Every consent the service asks for, with its text."""
        self.unsupported()

    def consent(self, consent: str, person: str | None = None) -> models.Consent:
        """One consent in the version in force."""
        self.unsupported()

    def accept_consent(
        self, consent: str, version: str, sha256: str, method: str, person: str | None = None
    ) -> models.Consent:
        """Record an acceptance of exactly this text; `method` terminal or option. `ConsentRequired` when another version is in force."""
        self.unsupported()

    def revoke_consent(self, consent: str, person: str | None = None) -> models.Consent:
        """Withdraw a consent; afterwards the card is closed."""
        self.unsupported()

    def clinics(
        self,
        search: str | None = None,
        district: str | None = None,
        near: str | None = None,
        accepts: str | None = None,
        person: str | None = None,
    ) -> Items[models.Clinic]:
        """Clinics; `near` registration or residence sorts by distance (km), `accepts` adults or children."""
        self.unsupported()

    def clinic(self, clinic: str) -> models.Clinic:
        """One clinic."""
        self.unsupported()

    def doctors(
        self, clinic: str | None = None, search: str | None = None, specialty: str | None = None
    ) -> Items[models.Doctor]:
        """Physicians; `specialty` is a slug (therapist) or the Russian name."""
        self.unsupported()

    def doctor(self, doctor: str) -> models.Doctor:
        """One physician."""
        self.unsupported()

    def attach(
        self, clinic: str | None = None, doctor: str | None = None, person: str | None = None
    ) -> models.Application:
        """Choose the clinic and, or, the physician; a draft is submitted by it. `Conflict` when the state or the clinic forbids it."""
        self.unsupported()

    def applications(self, person: str | None = None) -> Items[models.Application]:
        """«Мои заявки», newest first."""
        self.unsupported()

    def application(self, application: str) -> models.Application:
        """One application with its history."""
        self.unsupported()

    def cancel_application(self, application: str) -> models.Application:
        """Cancel an application that is not decided yet."""
        self.unsupported()

    def requests(self, person: str | None = None) -> Items[models.Request]:
        """Requests, newest first."""
        self.unsupported()

    def request(self, request: str) -> models.Request:
        """One request; `result_id` names the prescription once it was written."""
        self.unsupported()

    def create_request(
        self,
        kind: str,
        medicine: str | None = None,
        repeat: str | None = None,
        comment: str | None = None,
        person: str | None = None,
    ) -> models.Request:
        """«Создать запрос»; `kind` is prescription, `repeat` the id of a prescription. An open request for the same is answered as is."""
        self.unsupported()

    def cancel_request(self, request: str) -> models.Request:
        """Cancel a request that is not done."""
        self.unsupported()

    def transfers(self, person: str | None = None) -> Items[models.Transfer]:
        """«Передать данные»: transfers, newest first."""
        self.unsupported()

    def transfer(self, transfer: str) -> models.Transfer:
        """One transfer."""
        self.unsupported()

    def create_transfer(
        self,
        to: str,
        records: list[models.RecordRef],
        expires_at: str | None = None,
        person: str | None = None,
    ) -> models.Transfer:
        """Open these records to a clinic until `expires_at` (30 days when absent)."""
        self.unsupported()

    def revoke_transfer(self, transfer: str) -> models.Transfer:
        """End a transfer."""
        self.unsupported()

    def profile(self, person: str | None = None) -> models.Profile:
        """«Мои данные»."""
        self.unsupported()

    def update_profile(self, changes: dict[str, str], person: str | None = None) -> models.ProfileChange:
        """Change phone, email, registration_address, residence_address; a new phone waits for its code."""
        self.unsupported()

    def confirm_phone(self, challenge: str, code: str) -> models.Profile:
        """Confirm the new phone."""
        self.unsupported()

    def move(self, residence_address: str, clinic: str | None = None, person: str | None = None) -> models.Profile:
        """New residence and the clinic that goes with it."""
        self.unsupported()

    def notifications(self, unread: bool = False) -> Items[models.Notification]:
        """SMS and cabinet messages, newest first."""
        self.unsupported()

    def notification(self, notification: str) -> models.Notification:
        """One message."""
        self.unsupported()

    def read_notification(self, notification: str) -> models.Notification:
        """Mark a message as read."""
        self.unsupported()


class Card(Port):
    """The medical record. Lists are newest first and complete: every page is fetched."""

    def person(self, person: str | None = None) -> models.Person:
        """Whose card it is. `NotActivated` (with `details["expected_by"]`) before activation."""
        self.unsupported()

    def visits(self, query: CardQuery) -> Items[models.Visit]:
        """FHIR Encounter, without preventive examinations."""
        self.unsupported()

    def labs(self, query: CardQuery) -> Items[models.LabResult]:
        """FHIR Observation, category laboratory; a panel's components are results of their own."""
        self.unsupported()

    def studies(self, query: CardQuery) -> Items[models.Study]:
        """FHIR DiagnosticReport other than laboratory."""
        self.unsupported()

    def prescriptions(self, query: CardQuery) -> Items[models.Prescription]:
        """FHIR MedicationRequest."""
        self.unsupported()

    def vaccinations(self, query: CardQuery) -> Items[models.Vaccination]:
        """FHIR Immunization."""
        self.unsupported()

    def prevention(self, query: CardQuery) -> Items[models.Prevention]:
        """Preventive FHIR Encounter with its health group."""
        self.unsupported()

    def documents(self, query: CardQuery) -> Items[models.Document]:
        """FHIR DocumentReference and Composition."""
        self.unsupported()

    def diagnoses(self, query: CardQuery) -> Items[models.Diagnosis]:
        """FHIR Condition."""
        self.unsupported()

    def allergies(self, query: CardQuery) -> Items[models.Allergy]:
        """FHIR AllergyIntolerance."""
        self.unsupported()

    def vitals(self, query: CardQuery) -> Items[models.Vital]:
        """FHIR Observation, category vital-signs."""
        self.unsupported()

    def referrals(self, query: CardQuery) -> Items[models.Referral]:
        """FHIR ServiceRequest."""
        self.unsupported()

    def record(self, record: str, person: str | None = None) -> models.Model:
        """One record in full, by its id. `NotFound`."""
        self.unsupported()

    def raw(self, record: str, person: str | None = None) -> models.Raw:
        """The record's own bytes as the source sent them."""
        self.unsupported()

    def resources(self, query: CardQuery) -> Iterator[models.Raw]:
        """Every FHIR resource of the card, unchanged, in a stable order; what cannot be read raises after the rest was yielded."""
        self.unsupported()

    def batches(self, query: CardQuery) -> Iterator[Batch]:
        """The same resources many at a time."""
        return batched(self.resources(query))

    def changes(self, person: str | None = None) -> Changes:
        """What a local copy needs to become, and to stay, the same as the server's card."""
        self.unsupported()

    def access_log(self, person: str | None = None) -> Items[models.Access]:
        """Who looked at the card. `Unsupported` when the server keeps no such log, never an empty list instead."""
        self.unsupported()
