"""The port for everything of the portal but the account and the record itself."""

from __future__ import annotations

from emkcli import models
from emkcli.api.ports.port import Items, Port


class Portal(Port):
    """Services, consents, applications, clinics, physicians, requests, transfers, the profile and messages.

    An account that is not confirmed may read `persons`, `applications`, `profile` and the messages; everything else
    raises `NotVerified` (5) for it. An operation that takes a `person` raises `NotFound` (3) for a stranger and
    `Forbidden` (5) for a child whose access has ended.
    """

    def persons(self) -> Items[models.Person]:
        """Oneself and one's children.

        :returns: items of `Person`: `birth_date` and `access_until` are ISO days.
        :raises LoginRequired: nobody is logged in (4).
        :source: `GET /persons`; ESIA `GET /rs/prns/{oid}/kids`.
        """
        self.unsupported()

    def services(self, search: str | None = None, person: str | None = None) -> Items[models.Service]:
        """The catalogue of services.

        :param search: words that title, region or description all have, in any case of letters.
        :returns: items of `Service`; `connected` is said for the person, `pinned` for the account.
        :raises NotVerified: the account is not confirmed yet (5).
        :source: `GET /services`.
        """
        self.unsupported()

    def pin(self, service: str, pinned: bool) -> models.Service:
        """Put a service among «Мои услуги», or take it from there.

        :returns: `Service` as it is now.
        :raises NotFound: there is no such service (3).
        :source: `PUT` and `DELETE /services/{id}/pin`.
        """
        self.unsupported()

    def connect(self, service: str, person: str | None = None) -> models.Application:
        """Open an application for a service as a draft; one that is open already is given back.

        :returns: `Application` with `status` draft.
        :raises NotFound: there is no such service (3).
        :raises NotVerified: the account is not confirmed yet (5).
        :raises ConsentRequired: consents are missing; `details["consents"]` has them as `ID@VERSION` (5).
        :raises Conflict: the service is not connected here (6).
        :source: `PUT /services/{id}/connection`; «Подключить».
        """
        self.unsupported()

    def consents(self, service: str | None = None, person: str | None = None) -> Items[models.Consent]:
        """Every consent that the service asks for, then older versions that the person once gave.

        :returns: items of `Consent`: its whole text, `sha256` of exactly that text (hexadecimal, of UTF-8), `status`
            required, accepted, revoked or superseded.
        :raises NotVerified: the account is not confirmed yet (5).
        :source: `GET /consents`; Федеральный закон 152-ФЗ, статья 9.
        """
        self.unsupported()

    def consent(self, consent: str, person: str | None = None) -> models.Consent:
        """One consent in the version in force.

        :returns: `Consent` with its whole text.
        :raises NotFound: there is no such consent (3).
        :source: `GET /consents/{id}`.
        """
        self.unsupported()

    def accept_consent(
        self, consent: str, version: str, sha256: str, method: str, person: str | None = None
    ) -> models.Consent:
        """Record that the person agreed to exactly this text; once is enough.

        :param sha256: of the text that was shown (hexadecimal, of UTF-8).
        :param method: terminal (a word was typed) or option (a script named `ID@VERSION`).
        :returns: `Consent` with `status` accepted and the receipt of the portal.
        :raises NotFound: there is no such consent (3).
        :raises ConsentRequired: another version or text is in force; `details` has `current_version` and `changes` (5).
        :source: `PUT /consents/{id}/acceptance`.
        """
        self.unsupported()

    def revoke_consent(self, consent: str, person: str | None = None) -> models.Consent:
        """Withdraw a consent; the card is closed from then on.

        :returns: `Consent` with `status` revoked.
        :raises NotFound: there is no such consent (3).
        :raises Conflict: it was never given (6).
        :source: `PUT /consents/{id}/revocation`.
        """
        self.unsupported()

    def clinics(
        self,
        search: str | None = None,
        district: str | None = None,
        near: str | None = None,
        accepts: str | None = None,
        person: str | None = None,
    ) -> Items[models.Clinic]:
        """Clinics that one can be attached to.

        :param search: words that name or address all have, in any case of letters, ё as е.
        :param district: an administrative district by its abbreviation (ЦАО) or its name.
        :param near: registration or residence: sorted by the distance from that address of the person.
        :param accepts: adults or children.
        :returns: items of `Clinic`: `distance_km` in kilometres with `near`, and `approximate` where the address was
            found only roughly.
        :raises InvalidInput: `near` or `accepts` is another word (2).
        :source: `GET /clinics`; an `oid` is of НСИ 1.2.643.5.1.13.13.11.1461.
        """
        self.unsupported()

    def clinic(self, clinic: str) -> models.Clinic:
        """One clinic.

        :returns: `Clinic`, without a distance.
        :raises NotFound: there is no such clinic (3).
        :source: `GET /clinics/{id}`.
        """
        self.unsupported()

    def doctors(
        self, clinic: str | None = None, search: str | None = None, specialty: str | None = None
    ) -> Items[models.Doctor]:
        """Physicians.

        :param clinic: the id of a clinic; None for all of them.
        :param search: words that the name has, in any case of letters, ё as е.
        :param specialty: a slug (therapist) or a part of the Russian name.
        :returns: items of `Doctor`; `panel_open` says whether new patients are taken.
        :raises NotVerified: the account is not confirmed yet (5).
        :source: `GET /doctors`.
        """
        self.unsupported()

    def doctor(self, doctor: str) -> models.Doctor:
        """One physician.

        :returns: `Doctor`.
        :raises NotFound: there is no such physician (3).
        :source: `GET /doctors/{id}`.
        """
        self.unsupported()

    def attach(
        self, clinic: str | None = None, doctor: str | None = None, person: str | None = None
    ) -> models.Application:
        """Choose the clinic, the physician or both. This submits a draft; later it changes the physician.

        :param clinic: None for the clinic of the physician.
        :returns: `Application`: once submitted, `expected_by` is the time by which it is decided.
        :raises InvalidInput: neither a clinic nor a physician was named (2).
        :raises NotFound: there is no such clinic or physician (3).
        :raises ConsentRequired: a consent is missing (5).
        :raises Conflict: nothing was connected, the clinic does not take this age, the physician works elsewhere or
            takes nobody, or another clinic was chosen; `details["reason"]` says which (6).
        :source: `PUT /attachment`; «Прикрепление к поликлинике».
        """
        self.unsupported()

    def applications(self, person: str | None = None) -> Items[models.Application]:
        """«Мои заявки», newest first.

        :returns: items of `Application` with their history.
        :raises LoginRequired: nobody is logged in (4).
        :source: `GET /applications`.
        """
        self.unsupported()

    def application(self, application: str) -> models.Application:
        """One application with its history.

        :returns: `Application`: `status` draft, submitted, in_progress, activated, refused or cancelled; `status_name`
            is the portal's word for it.
        :raises NotFound: there is no such application (3).
        :source: `GET /applications/{id}`; «Черновик» … «Отменено».
        """
        self.unsupported()

    def cancel_application(self, application: str) -> models.Application:
        """Cancel an application that is not decided yet; cancelled twice is no error.

        :returns: `Application` with `status` cancelled.
        :raises NotFound: there is no such application (3).
        :raises Conflict: it is decided (6).
        :source: `PUT /applications/{id}/cancellation`.
        """
        self.unsupported()

    def requests(self, person: str | None = None) -> Items[models.Request]:
        """«Создать запрос»: the requests, newest first.

        :returns: items of `Request`.
        :raises NotVerified: the account is not confirmed yet (5).
        :source: `GET /requests`.
        """
        self.unsupported()

    def request(self, request: str) -> models.Request:
        """One request.

        :returns: `Request`; `result_id` is the id of the prescription once it was written.
        :raises NotFound: there is no such request (3).
        :source: `GET /requests/{id}`.
        """
        self.unsupported()

    def create_request(
        self,
        kind: str,
        medicine: str | None = None,
        repeat: str | None = None,
        comment: str | None = None,
        person: str | None = None,
    ) -> models.Request:
        """Ask the physician for something; an open request for the same medicine is given back instead.

        :param kind: prescription.
        :param medicine: its name in words; None for that of the prescription to repeat.
        :param repeat: the id of a prescription of the card.
        :param comment: words to the physician.
        :returns: `Request` with `status` submitted.
        :raises InvalidInput: neither a medicine nor a prescription was named (2).
        :raises NotFound: the card has no such prescription (3).
        :raises NotActivated: the card is not open (5).
        :source: `POST /requests`; «Создать запрос».
        """
        self.unsupported()

    def cancel_request(self, request: str) -> models.Request:
        """Cancel a request that is not done.

        :returns: `Request` with `status` cancelled.
        :raises NotFound: there is no such request (3).
        :raises Conflict: it is done or refused (6).
        :source: `PUT /requests/{id}/cancellation`.
        """
        self.unsupported()

    def transfers(self, person: str | None = None) -> Items[models.Transfer]:
        """«Передать данные»: the transfers, newest first.

        :returns: items of `Transfer`.
        :raises NotVerified: the account is not confirmed yet (5).
        :source: `GET /transfers`.
        """
        self.unsupported()

    def transfer(self, transfer: str) -> models.Transfer:
        """One transfer.

        :returns: `Transfer`: `status` active, expired or revoked, the receipt of the portal.
        :raises NotFound: there is no such transfer (3).
        :source: `GET /transfers/{id}`.
        """
        self.unsupported()

    def create_transfer(
        self,
        to: str,
        records: list[models.RecordRef],
        expires_at: str | None = None,
        person: str | None = None,
    ) -> models.Transfer:
        """Open chosen records to another clinic; the same transfer in force is given back instead.

        :param to: the id of the clinic.
        :param records: ids and kinds of records of the card, at least one.
        :param expires_at: until when, ISO 8601 with offset; None for 30 days from now.
        :returns: `Transfer` with `status` active.
        :raises InvalidInput: no record, or a time that is none or is past (2).
        :raises NotFound: there is no such clinic, or the card has no such record (3).
        :raises NotActivated: the card is not open (5).
        :source: `POST /transfers`; «Передать данные».
        """
        self.unsupported()

    def revoke_transfer(self, transfer: str) -> models.Transfer:
        """End a transfer; ended twice is no error.

        :returns: `Transfer` with `status` revoked and the time of the first end.
        :raises NotFound: there is no such transfer (3).
        :source: `PUT /transfers/{id}/revocation`.
        """
        self.unsupported()

    def profile(self, person: str | None = None) -> models.Profile:
        """«Мои данные».

        :returns: `Profile`: phone and e-mail as the portal has them, addresses as one line, `birth_date` an ISO day.
        :raises NotFound: there is no such person (3).
        :source: `GET /profile`; ESIA `GET /rs/prns/{oid}` with contacts, addresses and documents (`MDCL_PLCY`).
        """
        self.unsupported()

    def update_profile(self, changes: dict[str, str], person: str | None = None) -> models.ProfileChange:
        """Change contacts and addresses. A new phone is in force only once its code was confirmed.

        :param changes: of `phone` (`+79XXXXXXXXX`), `email`, `registration_address` and `residence_address` those that
            change, as text.
        :returns: `ProfileChange`: the profile as it is now, and the challenge of a new phone.
        :raises InvalidInput: a field is malformed, or a child's contacts were named (2).
        :raises Conflict: the phone belongs to another account (6).
        :raises RateLimited: the last code was sent less than a minute ago (8).
        :source: `PATCH /profile`.
        """
        self.unsupported()

    def confirm_phone(self, challenge: str, code: str) -> models.Profile:
        """Confirm the new phone.

        :param challenge: the id of the challenge of `update_profile`.
        :param code: the digits of the SMS to the new phone.
        :returns: `Profile` with the new phone.
        :raises InvalidInput: the code is wrong or too old; `details["attempts_left"]` says how many tries remain (2).
        :raises Conflict: the phone belongs to another account by now (6).
        :raises RateLimited: the code was wrong three times (8).
        :source: `POST /profile/phone/confirmation`.
        """
        self.unsupported()

    def move(self, residence_address: str, clinic: str | None = None, person: str | None = None) -> models.Profile:
        """A new residence and the clinic that goes with it; the physician has to be chosen anew.

        :param residence_address: one line of text.
        :param clinic: the id of a clinic; None for the nearest that takes the person's age.
        :returns: `Profile` with the new residence and clinic.
        :raises NotFound: there is no such clinic (3).
        :raises NotActivated: the card is not open (5).
        :raises Conflict: the clinic is no polyclinic or does not take this age (6).
        :source: `POST /profile/move`.
        """
        self.unsupported()

    def notifications(self, unread: bool = False) -> Items[models.Notification]:
        """Messages by SMS and in the cabinet, newest first.

        :param unread: only those that were not read yet.
        :returns: items of `Notification`: `at` is a time, `channel` sms or cabinet, `contact` whom to ask.
        :raises LoginRequired: nobody is logged in (4).
        :source: `GET /notifications`; «Уведомления».
        """
        self.unsupported()

    def notification(self, notification: str) -> models.Notification:
        """One message.

        :returns: `Notification` with its whole text.
        :raises NotFound: there is no such message (3).
        :source: `GET /notifications/{id}`.
        """
        self.unsupported()

    def read_notification(self, notification: str) -> models.Notification:
        """Mark a message as read; twice is no error.

        :returns: `Notification` with `read` true.
        :raises NotFound: there is no such message (3).
        :source: `PUT /notifications/{id}/read`.
        """
        self.unsupported()
