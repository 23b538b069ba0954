"""Whose card it is: what a document says about its patient, and whether two say it of the same person."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

SNILS = frozenset({"1.2.643.100.3", "https://fhir.ru/ig/core/systems/snils"})

SHORTEST_NUMBER = 10
"""Digits of the shortest number that the state gives a person, from passports on."""
_ASIDE = re.compile(r"\([^)]*\)?|\d+")
"""What stands beside a name: a note in brackets, a number."""
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
    deceased: str | None = field(default=None, repr=False)
    identifiers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    told_at: str | None = field(default=None, compare=False)
    """When it was written down, where that is known: of two states the later one counts."""

    @property
    def snils(self) -> str | None:
        return next((value for system, value in self.identifiers if system in SNILS), None)

    def private(self) -> dict[str, Any]:
        """What nobody else should read, under its usual names; ids of a server are not among it."""
        numbers = [value for _system, value in self.identifiers if len(digits(value)) >= SHORTEST_NUMBER]
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
    if _is_sound(person.snils) and _is_sound(other.snils) and digits(person.snils) != digits(other.snils):
        return False
    names, dated = _same_name(person, other), bool(person.birth_date and other.birth_date)
    numbers = {digits(person.snils), digits(other.snils)}
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


def is_name_of(written: str, person: Identity) -> bool | None:
    """Whether a name that somebody wrote, in any order and with initials, is the person's; None where it does not tell: of
    one word, in other letters, with another patronymic, or of somebody whose name is not known."""
    own, words = _words(person), _words_of(_ASIDE.sub(" ", written))
    if min(len(own), len(words)) < 2 or _is_latin(own) != _is_latin(words):
        return None
    missing, further = ([word for word in row if not _fits(word, other)] for row, other in ((own, words), (words, own)))
    common = len(own) - len(missing)
    if not (missing and further):
        return True if common > 1 else None
    has_another_first_name = bool(person.family and person.given) and _first(person.given) in missing
    return False if common < 2 or has_another_first_name else None


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
    return [word for part in parts for word in _words_of(part)]


def _words_of(name: str) -> list[str]:
    return [word for word in re.split(r"[\s.,;-]+", name.casefold().replace("ё", "е")) if word]


def _first(given: tuple[str, ...]) -> str:
    return next(iter(_words_of(given[0])), "")


def _fits(word: str, words: list[str]) -> bool:
    """Whether it is among them, or one is the first letter of the other."""
    return any(word == other or (min(len(word), len(other)) == 1 and word[0] == other[0]) for other in words)


def _is_latin(words: list[str]) -> bool:
    return all("a" <= letter <= "z" for letter in (word[0] for word in words))


def digits(number: str | None) -> str:
    """A number without its marks."""
    return re.sub(r"\D", "", number or "")


def _is_sound(snils: str | None) -> bool:
    """Eleven digits with their control number, which is defined above 001-001-998, and no filler."""
    number = digits(snils)
    if len(number) != 11 or len(set(number)) == 1:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:9], range(9, 0, -1), strict=True))
    return int(number[:9]) <= UNCHECKED_UP_TO or int(number[9:]) == total % 101 % 100


def _differ(sex: str | None, other: str | None) -> bool:
    sexes = {"male", "female"}
    return sex in sexes and other in sexes and sex != other


def _dates_differ(date: str | None, other: str | None) -> bool:
    """A partial date fits every date it is the beginning of."""
    return bool(date and other) and not (str(date).startswith(str(other)) or str(other).startswith(str(date)))
