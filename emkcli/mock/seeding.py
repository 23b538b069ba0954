"""A ready person for tests and demonstrations, brought to where the test wants to begin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

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
    newcomers,
    sessions,
)
from emkcli.mock.clinics import Clinic
from emkcli.mock.exchange import Call
from emkcli.mock.physicians import Physician
from emkcli.mock.problems import Problem, invalid

if TYPE_CHECKING:
    from sqlite3 import Row

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


def seed(call: Call, wish: dict[str, Any]) -> dict[str, Any]:
    """The account of the person wished for, opened when it is new and moved forward to the state; never back."""
    state = wish.get("state", "activated")
    chosen = newcomers.drawn(call) if wish.get("another") else PERSON
    data = accounts.check(chosen | wish.get("person", {}))
    row = call.db.execute("SELECT id FROM accounts WHERE snils = ?", (data["snils"],)).fetchone()
    if "records" in wish:
        _size_cards(call, wish["records"], state, row["id"] if row else None)
    account_id = row["id"] if row else accounts.open_account(call, data)
    if state != "registered":
        _verify(call, account_id)
    if state == "activated":
        open_card(call, account_id)
    child = call.db.execute("SELECT id FROM persons WHERE account = ? AND relation = 'child'", (account_id,)).fetchone()
    account = sessions.account_of(call.db, account_id)
    return {
        "person_id": account_id,
        "child_id": child["id"] if child else None,
        "name": family.full_name(json.loads(account["data"])),
        "phone": account["phone"],
        "snils": masks.snils(account["snils"]),
        "trust": account["trust"],
    }


def _verify(call: Call, account: str) -> None:
    if sessions.account_of(call.db, account)["trust"] != "confirmed":
        events.cancel(call.db, "verification_reviewed", account)
        accounts.reviewed(call, account)


def _size_cards(call: Call, records: int, state: str, account: str | None) -> None:
    """How many laboratory results the cards have that this call opens; one that is open keeps what it has."""
    if state != "activated":
        raise invalid("records", "state")
    if account and activation.is_activated(call.db, account):
        raise Problem("conflict", "card_open")
    call.settings = call.settings | {"records": str(records)}


def open_card(call: Call, person: str) -> None:
    """Consents, the nearest polyclinic with a physician who takes patients, and the card at once."""
    row = activation.current(call.db, person)
    if row and row["status"] == "activated":
        return
    for consent in consents.in_force(call.settings):
        consents.record(call, person, consent, "option")
    name = row["id"] if row else applications.draft(call, family.row(call, person))
    if applications.find(call.db, name)["status"] == "draft":
        clinic, doctor = _choice(call, family.row(call, person))
        attachment.submit(call, name, clinic, doctor)
    applications.forget_plans(call, name)
    applications.activate(call, name)


def _choice(call: Call, person: Row) -> tuple[Clinic, Physician | None]:
    group = "adults" if family.age(call, person) >= 18 else "children"
    clinic = directory.nearest(call, family.data_of(person)["residence_address"], group)
    staff = (doctor for doctor in directory.all_doctors(call.seed).values() if doctor.clinic_id == clinic.id)
    candidates = (doctor for doctor in staff if doctor.panel_open and doctor.specialty_code in directory.GENERALISTS)
    return clinic, next(candidates, None)
