"""Services, consents, applications, clinics, requests, transfers and the profile over the emk HTTP API."""

from __future__ import annotations

from emkcli import models
from emkcli.api.ports import Items, Portal
from emkcli.api.rest.documents import Rest, quoted, without_none

PAGE = "200"


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
        body = without_none(clinic_id=clinic, doctor_id=doctor)
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
        body = {"kind": kind, **without_none(medicine=medicine, repeat=repeat, comment=comment)}
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
            **without_none(expires_at=expires_at),
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
        body = {"residence_address": residence_address, **without_none(clinic_id=clinic)}
        return self._change(models.Profile, "POST", "/profile/move", body, person=person)

    def notifications(self, unread: bool = False) -> Items[models.Notification]:
        return self._list(models.Notification, "/notifications", unread="true" if unread else None, page_size=PAGE)

    def notification(self, notification: str) -> models.Notification:
        return self._get(models.Notification, f"/notifications/{quoted(notification)}")

    def read_notification(self, notification: str) -> models.Notification:
        return self._change(models.Notification, "PUT", f"/notifications/{quoted(notification)}/read")
