"""A ready person for tests and demonstrations, brought to where the test wants to begin."""

from __future__ import annotations

from typing import Any

from emkcli.mock import (
    accounts,
    activation,
    applications,
    attachment,
    consents,
    directory,
    events,
    family,
    masks,
    sessions,
)
from emkcli.mock.clinics import Clinic
from emkcli.mock.exchange import Call
from emkcli.mock.physicians import Physician

STATES = ("registered", "verified", "activated")
PERSON: dict[str, Any] = {
    "last_name": "Снегирёва",
    "first_name": "Мария",
    "middle_name": "Павловна",
    "birth_date": "1986-04-17",
    "sex": "female",
    "snils": "000-000-101 00",
    "phone": "+79000000101",
    "email": "snegireva@example.com",
    "registration_address": "г. Москва, ул. Тверская, д. 8, кв. 12",
    "residence_address": "г. Москва, ул. Тверская, д. 8, кв. 12",
    "passport": {
        "series": "4500",
        "number": "000101",
        "issued_by": "ОВД вымышленного района г. Москвы",
        "issued_on": "2006-05-02",
        "department_code": "770-000",
    },
}


def person(call: Call, state: str, changes: dict[str, Any]) -> dict[str, Any]:
    """The account of this person, opened when it is new and moved forward to the state; never back."""
    data = accounts.check(PERSON | changes)
    row = call.db.execute("SELECT id FROM accounts WHERE snils = ?", (data["snils"],)).fetchone()
    account_id = row["id"] if row else accounts.open_account(call, data)
    if state != "registered":
        _verify(call, account_id)
    if state == "activated":
        _activate(call, account_id)
    child = call.db.execute("SELECT id FROM persons WHERE account = ? AND relation = 'child'", (account_id,)).fetchone()
    account = sessions.account_of(call.db, account_id)
    return {
        "person_id": account_id,
        "child_id": child["id"] if child else None,
        "phone": account["phone"],
        "snils": masks.snils(account["snils"]),
        "trust": account["trust"],
    }


def _verify(call: Call, account: str) -> None:
    if sessions.account_of(call.db, account)["trust"] != "confirmed":
        events.cancel(call.db, "verification_reviewed", account)
        accounts.reviewed(call, account)


def _activate(call: Call, account: str) -> None:
    """Consents, the nearest polyclinic with a physician who takes patients, and the card at once."""
    row = activation.current(call.db, account)
    if row and row["status"] == "activated":
        return
    for consent in consents.in_force(call.settings):
        consents.record(call, account, consent, "option")
    name = row["id"] if row else applications.draft(call, family.row(call, account))
    if applications.find(call.db, name)["status"] == "draft":
        clinic, doctor = _choice(call, account)
        attachment.submit(call, name, clinic, doctor)
    applications.forget_plans(call, name)
    applications.activate(call, name)


def _choice(call: Call, account: str) -> tuple[Clinic, Physician | None]:
    person = family.row(call, account)
    group = "adults" if family.age(call, person) >= 18 else "children"
    clinic = directory.nearest(call, family.data_of(person)["residence_address"], group)
    staff = (doctor for doctor in directory.all_doctors(call.seed).values() if doctor.clinic_id == clinic.id)
    candidates = (doctor for doctor in staff if doctor.panel_open and doctor.specialty_code in directory.GENERALISTS)
    return clinic, next(candidates, None)
