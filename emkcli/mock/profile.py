"""«Мои данные»: contacts and addresses, a new phone confirmed by its code, a move to another clinic."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emkcli.mock import activation, applications, attachment, codes, directory, family, fields, masks
from emkcli.mock.exchange import Call, Reply, answer
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Row

_CONTACTS = ("phone", "email")


def profile(call: Call) -> Reply:
    return answer(_shown(call, family.chosen(call)))


def update(call: Call) -> Reply:
    value = fields.body(call, "Contacts")
    person = family.chosen(call)
    if person["relation"] == "child" and any(name in value for name in _CONTACTS):
        raise Problem("invalid_input", "child_contacts")
    phone = value.pop("phone", None)
    challenge_id = _ask_code(call, phone) if phone and phone != call.owner["phone"] else None
    _save(call, person, value)
    challenge = codes.show(call, challenge_id) if challenge_id else None
    return answer({"profile": _shown(call, family.row(call, person["id"])), "challenge": challenge})


def confirm_phone(call: Call) -> Reply:
    value = fields.body(call, "Code")
    owner = call.owner
    challenge = codes.find(call, value["challenge_id"], "phone")
    if challenge["account"] != owner["id"] or owner["new_phone"] is None:
        raise Problem("invalid_input", "challenge_unknown")
    codes.answer(call, value["challenge_id"], value["code"], "phone")
    _refuse_taken(call, owner["new_phone"])
    call.db.execute("UPDATE accounts SET phone = new_phone, new_phone = NULL WHERE id = ?", (owner["id"],))
    person = family.row(call, owner["id"])
    _save(call, person, {"phone": owner["new_phone"]})
    return answer(_shown(call, family.row(call, person["id"])))


def move(call: Call) -> Reply:
    """The new residence takes the person to another clinic at once; the physician is chosen anew."""
    value = fields.body(call, "Move")
    person = family.chosen(call)
    row = activation.require_activated(call, person["id"])
    if value.get("clinic_id"):
        clinic = directory.find_clinic(call, value["clinic_id"])
        attachment.require_fitting(call, person, clinic)
    else:
        group = "adults" if family.age(call, person) >= 18 else "children"
        clinic = directory.nearest(call, value["residence_address"], group)
    _save(call, person, {"residence_address": value["residence_address"]})
    if json.loads(row["clinic"])["id"] != clinic.id:
        named = directory.named_clinic(clinic)
        applications.move_on(call, row["id"], "activated", "comment.moved", clinic=named, doctor=None)
    return answer(_shown(call, family.row(call, person["id"])))


def _ask_code(call: Call, phone: str) -> str:
    _refuse_taken(call, phone)
    owner = call.owner["id"]
    challenge = codes.send(call, "phone", f"{owner}:{phone}", owner, phone, masks.phone(phone))
    call.db.execute("UPDATE accounts SET new_phone = ? WHERE id = ?", (phone, owner))
    return challenge


def _refuse_taken(call: Call, phone: str) -> None:
    taken = call.db.execute("SELECT 1 FROM accounts WHERE phone = ? AND id <> ?", (phone, call.owner["id"]))
    if taken.fetchone():
        raise Problem("conflict", "phone_taken")


def _save(call: Call, person: Row, changes: dict[str, Any]) -> None:
    """The data of the person and, for oneself, of the account."""
    text = json.dumps(family.data_of(person) | changes, ensure_ascii=False)
    call.db.execute("UPDATE persons SET data = ? WHERE id = ?", (text, person["id"]))
    if person["relation"] == "self":
        call.db.execute("UPDATE accounts SET data = ? WHERE id = ?", (text, person["account"]))


def _shown(call: Call, person: Row) -> dict[str, Any]:
    data, row = family.data_of(person), activation.latest(call.db, person["id"])
    return {
        "person": family.named(person),
        "name": family.full_name(data),
        "birth_date": person["birth_date"],
        "phone": data.get("phone"),
        "email": data.get("email"),
        "registration_address": data["registration_address"],
        "residence_address": data["residence_address"],
        "clinic": applications.loaded(row["clinic"]) if row else None,
        "doctor": applications.loaded(row["doctor"]) if row else None,
    }
