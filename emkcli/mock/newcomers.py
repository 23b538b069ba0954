"""People drawn anew: another one at every call, and the same ones in the same order for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from emkcli.mock import chance, clock, physicians, places, schema

if TYPE_CHECKING:
    from emkcli.mock.exchange import Call

T = TypeVar("T")
_LOWEST, _COUNT, _STEP = 100_000, 900_000, 37
"""Numbers of people, all within the СНИЛС that nobody is given (000-…); step and count have no common divisor."""


def drawn(call: Call) -> dict[str, Any]:
    """A grown-up who is not here yet, with a СНИЛС, a phone and a passport of their own."""
    while True:
        turn = schema.number(call.db, "newcomers")
        person = _person(call.seed, _LOWEST + (call.seed * 7919 + turn * _STEP) % _COUNT)
        taken = "SELECT 1 FROM accounts WHERE snils = ? OR phone = ?"
        if not call.db.execute(taken, (person["snils"], person["phone"])).fetchone():
            return person


def _person(seed: int, number: int) -> dict[str, Any]:
    def pick(of: str, choices: Sequence[T]) -> T:
        return choices[chance.draw(0, len(choices) - 1, seed, number, of)]

    names, sex = physicians.names(), pick("sex", ("female", "male"))
    family, father = pick("family", names["families"]), pick("father", names["fathers"])
    street = pick("street", pick("district", places.districts()).streets)
    house, flat = pick("house", range(1, 80)), pick("flat", range(1, 200))
    address = f"г. Москва, {'ул. ' * street.endswith('ая')}{street}, д. {house}, кв. {flat}"
    born = date(pick("year", range(1945, 2001)), pick("month", range(1, 13)), pick("day", range(1, 29)))
    return {
        "last_name": physicians.feminine(family) if sex == "female" else family,
        "first_name": pick("name", names["women" if sex == "female" else "men"]),
        "middle_name": f"{father[:-2]}на" if sex == "female" else father,
        "birth_date": born.isoformat(),
        "sex": sex,
        "snils": _snils(number),
        "phone": f"+7900{number:07d}",
        "email": f"patient-{number}@example.com",
        "registration_address": address,
        "residence_address": address,
        "passport": {
            "series": "4500",
            "number": f"{number:06d}",
            "issued_by": "ОВД вымышленного района г. Москвы",
            "issued_on": clock.years_after(born, 20).isoformat(),
            "department_code": "770-000",
        },
    }


def _snils(number: int) -> str:
    """With the check number that it would have, although numbers so low need none."""
    digits = f"{number:09d}"
    check = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 0, -1), strict=True)) % 101 % 100
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]} {check:02d}"
