"""Whose card it is: what a document says about its patient, and whether two say it of the same person."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

SNILS = frozenset({"1.2.643.100.3", "https://fhir.ru/ig/core/systems/snils"})

SHORTEST_NUMBER = 10
"""Digits of the shortest number that the state gives a person, from passports on."""
UNCHECKED_UP_TO = 1001998
"""Numbers of СНИЛС that have no control number."""


@dataclass(frozen=True)
class Identity:
    """What a document says about its patient; the texts of people never leave in a repr."""

    name: str | None = field(default=None, repr=False)
    family: str | None = field(default=None, repr=False)
    given: tuple[str, ...] = field(default=(), repr=False)
    birth_date: str | None = field(default=None, repr=False)
    sex: str | None = field(default=None, repr=False)
    identifiers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def snils(self) -> str | None:
        return next((value for system, value in self.identifiers if system in SNILS), None)

    def private(self) -> dict[str, Any]:
        """What nobody else should read, under its usual names; ids of a server are not among it."""
        numbers = [value for _system, value in self.identifiers if len(_digits(value)) >= SHORTEST_NUMBER]
        names = {"fullname": self.name, "family": self.family, "given": self.given}
        return {**names, "birth_date": self.birth_date, "policy": numbers}


def same_person(person: Identity, other: Identity) -> bool | None:
    """True or False where the documents tell, None where they do not.

    A shared identifier does not outweigh another birth date or first name: numbers are mistyped, mothers give theirs to
    children, and official examples give one СНИЛС to two people. Two numbers tell people apart only when both could be
    right; a mistyped one says nothing. A surname may change where the birth date is known.
    """
    if _dates_differ(person.birth_date, other.birth_date) or _differ(person.sex, other.sex):
        return False
    if _is_sound(person.snils) and _is_sound(other.snils) and _digits(person.snils) != _digits(other.snils):
        return False
    names, dated = _same_name(person, other), bool(person.birth_date and other.birth_date)
    numbers = {_digits(person.snils), _digits(other.snils)}
    if (len(numbers) == 1 and numbers != {""}) or {pair for pair in person.identifiers if pair[0]} & set(
        other.identifiers
    ):
        if names is not False:
            return True
        return (True if dated else None) if _same_given(person, other) else False
    if names is False or names is None:
        return names
    return True if dated else None


def name_and_birth_date(person: Identity) -> tuple[str, ...] | None:
    """What two of one person have in common where both are told: a patronymic may be left out."""
    words = _words(person)
    return (person.birth_date, *words[:2]) if person.birth_date and len(words) > 1 else None


def looks_alike(person: Identity, other: Identity) -> bool:
    """Whether two say the same of a person, little as it may be."""
    return (
        same_person(person, other) is not False
        and _words(person) == _words(other)
        and person.birth_date == other.birth_date
    )


def _same_name(person: Identity, other: Identity) -> bool | None:
    words, other_words = _words(person), _words(other)
    if not words or not other_words:
        return None
    shorter, longer = sorted((words, other_words), key=len)
    # A patronymic may be left out, a surname or a first name may not.
    return shorter == longer[: len(shorter)] if len(shorter) > 1 else words == other_words


def _same_given(person: Identity, other: Identity) -> bool:
    """Whether only the surnames differ."""
    if not (person.family and other.family and person.given and other.given):
        return False
    return _same_name(replace(person, family=other.family), other) is True


def _words(person: Identity) -> list[str]:
    parts = [person.family or "", *person.given] if person.family else [person.name or ""]
    return [word for part in parts for word in re.split(r"[\s.-]+", part.casefold().replace("ё", "е")) if word]


def _digits(number: str | None) -> str:
    return re.sub(r"\D", "", number or "")


def _is_sound(snils: str | None) -> bool:
    """Eleven digits with their control number, which is defined above 001-001-998, and no filler."""
    digits = _digits(snils)
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(9, 0, -1), strict=True))
    return int(digits[:9]) <= UNCHECKED_UP_TO or int(digits[9:]) == total % 101 % 100


def _differ(sex: str | None, other: str | None) -> bool:
    sexes = {"male", "female"}
    return sex in sexes and other in sexes and sex != other


def _dates_differ(date: str | None, other: str | None) -> bool:
    """A partial date fits every date it is the beginning of."""
    return bool(date and other) and not (str(date).startswith(str(other)) or str(other).startswith(str(date)))
