"""The people of an account: the person and an invented child; whose card is meant and who may see it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from emkcli.mock import chance, clock, schema
from emkcli.mock.exchange import Call, Reply, answer
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Row

_GIRLS, _BOYS = ("Василиса", "Дарья", "Мария", "София"), ("Артём", "Матвей", "Михаил", "Тимофей")
_FATHERS = ("Алексеевич", "Андреевич", "Дмитриевич", "Сергеевич")
_PATRONYMICS = {
    "Лев": "Львович", "Михаил": "Михайлович", "Павел": "Павлович", "Пётр": "Петрович", "Петр": "Петрович",
    "Илья": "Ильич", "Никита": "Никитич",
}  # fmt: skip
_SOFT = {"ий": "ьевич", "ей": "еевич", "ай": "аевич", "ь": "евич"}


def new_id(call: Call) -> str:
    """`p-` and six digits that differ for every counter (37 and a million have no common divisor)."""
    return f"p-{(call.seed * 1009 + schema.number(call.db, 'persons') * 37) % 1_000_000:06d}"


def add(call: Call, person: str, account: str, relation: str, data: dict[str, Any]) -> None:
    majority = clock.years_after(date.fromisoformat(data["birth_date"]), 18)
    until = majority.isoformat() if relation == "child" else None
    call.db.execute(
        "INSERT INTO persons VALUES (?, ?, ?, ?, ?, ?)",
        (person, account, relation, data["birth_date"], until, json.dumps(data, ensure_ascii=False)),
    )


def add_child(call: Call, account: str) -> None:
    """A seven-year-old with the family name in the right gender, a patronymic that fits, and the parent's addresses."""
    parent = data_of(row(call, account))
    sex = "female" if chance.draw(0, 1, call.seed, account, "sex") else "male"
    names = _GIRLS if sex == "female" else _BOYS
    today = clock.day(call.now)
    birth = clock.years_after(today - timedelta(days=chance.draw(10, 350, call.seed, account, "birth")), -7)
    child = {
        "last_name": gendered(parent["last_name"], sex),
        "first_name": names[chance.draw(0, len(names) - 1, call.seed, account, "name")],
        "middle_name": _patronymic(call, parent, sex),
        "birth_date": birth.isoformat(),
        "sex": sex,
        "registration_address": parent["registration_address"],
        "residence_address": parent["residence_address"],
    }
    add(call, new_id(call), account, "child", child)


def gendered(family: str, sex: str) -> str:
    """The family name of the other sex: Иванов — Иванова, Вишневецкий — Вишневецкая; others do not change."""
    parts = family.split("-")
    return "-".join(_feminine(part) if sex == "female" else _masculine(part) for part in parts)


def persons(call: Call) -> Reply:
    rows = call.db.execute(
        "SELECT persons.*, ("
        "SELECT status FROM applications WHERE person = persons.id ORDER BY id DESC LIMIT 1) AS status"
        " FROM persons WHERE account = ? ORDER BY relation DESC, id",
        (call.owner["id"],),
    ).fetchall()
    items = [_shown(row) for row in rows]
    return answer({"person": None, "items": items, "total": len(items), "next": None})


def chosen(call: Call) -> Row:
    """The person that `?person=` names, oneself without it; 404 for a stranger, 403 for a child that has grown up."""
    person_id = call.request.param("person") or call.owner["id"]
    person: Row | None = call.db.execute(
        "SELECT * FROM persons WHERE id = ? AND account = ?", (person_id, call.owner["id"])
    ).fetchone()
    if person is None:
        raise Problem("not_found", "no_person", names={"id": person_id})
    require_access(call, person)
    return person


def require_access(call: Call, person: Row) -> None:
    if person["access_until"] and clock.day(call.now).isoformat() > person["access_until"]:
        raise Problem("forbidden", "access_ended")


def row(call: Call, person: str) -> Row:
    row: Row = call.db.execute("SELECT * FROM persons WHERE id = ?", (person,)).fetchone()
    return row


def data_of(person: Row) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(person["data"])
    return data


def named(person: Row) -> dict[str, str]:
    return {"id": person["id"], "name": _name(person["data"])}


@lru_cache(maxsize=256)
def _name(data: str) -> str:
    return full_name(json.loads(data))


def full_name(data: dict[str, Any]) -> str:
    return " ".join(filter(None, (data["last_name"], data["first_name"], data.get("middle_name"))))


def age(call: Call, person: Row) -> int:
    birth, today = date.fromisoformat(person["birth_date"]), clock.day(call.now)
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _shown(person: Row) -> dict[str, Any]:
    return {
        **named(person),
        "relation": person["relation"],
        "birth_date": person["birth_date"],
        "access_until": person["access_until"],
        "application_status": person["status"],
    }


def _feminine(name: str) -> str:
    if name.endswith(("ский", "цкий")):
        return name[:-2] + "ая"
    return name + "а" if name.endswith(("ов", "ев", "ёв", "ин", "ын")) else name


def _masculine(name: str) -> str:
    if name.endswith(("ская", "цкая")):
        return name[:-2] + "ий"
    return name[:-1] if name.endswith(("ова", "ева", "ёва", "ина", "ына")) else name


def _patronymic(call: Call, parent: dict[str, Any], sex: str) -> str:
    if parent["sex"] == "male":
        father = _from_father(parent["first_name"])
    else:
        father = _FATHERS[chance.draw(0, len(_FATHERS) - 1, call.seed, parent["birth_date"], "father")]
    return father if sex == "male" else _daughters(father)


def _daughters(patronymic: str) -> str:
    """Сергеевич — Сергеевна; Никитич — Никитична, Ильич — Ильинична."""
    if patronymic.endswith(("ович", "евич")):
        return patronymic[:-2] + "на"
    return "Ильинична" if patronymic == "Ильич" else patronymic + "на"


def _from_father(name: str) -> str:
    if name in _PATRONYMICS:
        return _PATRONYMICS[name]
    for ending, patronymic in _SOFT.items():
        if name.endswith(ending):
            return name[: -len(ending)] + patronymic
    return name + "ович"
