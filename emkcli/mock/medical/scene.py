"""Who the record is about and who keeps it: what every part of the generator shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from random import Random
from typing import Any
from zlib import crc32

from emkcli.mock.medical.shape import Resource, at, reference

YEARS = 10
# Staff that the directory of the portal does not list: they see samples and pictures, not patients.
STAFF = {
    "laboratory": ("kdl", "Врач клинической лабораторной диагностики", "Реактивова Валентина Аркадьевна"),
    "ecg": ("fd", "Врач функциональной диагностики", "Ритмов Аркадий Семёнович"),
    "xray": ("xr", "Врач-рентгенолог", "Негативова Тамара Ильинична"),
    "ultrasound": ("us", "Врач ультразвуковой диагностики", "Волнова Ирина Захаровна"),
    "endoscopy": ("end", "Врач-эндоскопист", "Зондов Пётр Кузьмич"),
}
_FAMILY = ("therapist", "pediatrician", "general_practitioner")
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"


class Scene:
    """One person in one clinic, with repeatable chance and identifiers."""

    def __init__(
        self,
        person: dict[str, Any],
        clinic: dict[str, Any],
        physicians: Iterable[dict[str, Any]],
        seed: int,
        until: date,
    ) -> None:
        self.person, self.clinic, self.seed, self.until = person, clinic, seed, until
        self.id: str = person["id"]
        self.birth = date.fromisoformat(person["birth_date"])
        self.male = person["sex"] == "male"
        self.adult = self.age(until) >= 18
        self.start = max(self.birth, date(until.year - YEARS, 1, 1)) if self.adult else self.birth
        self.doctors = [doctor for doctor in physicians if doctor["clinic_id"] == clinic["id"]]
        if not self.doctors:
            raise ValueError("a record needs a clinic with physicians")
        self._counts: Counter[str] = Counter()
        self._tag = _tag(f"{seed}/{self.id}")

    def age(self, day: date) -> int:
        """Full years on a day."""
        return day.year - self.birth.year - ((day.month, day.day) < (self.birth.month, self.birth.day))

    def years(self) -> Iterator[int]:
        return iter(range(self.start.year, self.until.year + 1))

    def lived(self, day: date) -> bool:
        """Whether the record covers the day."""
        return self.start <= day <= self.until

    def settled(self, moment: datetime) -> datetime:
        """A moment of change that is not later than the record itself."""
        return min(moment, at(self.until, 23, 59))

    def chance(self, *part: object) -> Random:
        """Chance that depends on the person and the part alone, so that parts do not disturb one another."""
        return Random("/".join(map(str, (self.seed, self.id, *part))))  # noqa: S311

    def new_id(self, kind: str) -> str:
        """`lab-k7m2xq-0042`: unique over all people and kinds, the same in every run."""
        self._counts[kind] += 1
        return f"{kind}-{self._tag}-{self._counts[kind]:04d}"

    def doctor(self, specialty: str) -> dict[str, Any]:
        """The first listed physician of the specialty, so that a caller can put the attending one in front."""
        return next((doctor for doctor in self.doctors if doctor["specialty_code"] == specialty), self.doctors[0])

    def family_doctor(self) -> dict[str, Any]:
        """The first listed, when that is one who treats families; else a therapist or a pediatrician."""
        first = self.doctors[0]
        return (
            first if first["specialty_code"] in _FAMILY else self.doctor("therapist" if self.adult else "pediatrician")
        )

    def subject(self) -> Resource:
        return reference("Patient", self.id)

    def organization(self) -> Resource:
        return reference("Organization", self.clinic["id"], self.clinic["name"])

    def practitioner(self, doctor: dict[str, Any]) -> Resource:
        return reference("Practitioner", doctor["id"], doctor["name"])

    def staff(self, role: str) -> Resource:
        """Somebody of `STAFF`; any other role is a specialty of the clinic."""
        if role not in STAFF:
            return self.practitioner(self.doctor(role))
        prefix, _, name = STAFF[role]
        return reference("Practitioner", f"d-{prefix}-{self.clinic['id']}", name)


def _tag(text: str) -> str:
    number = crc32(text.encode()) | crc32(text.encode()[::-1]) << 32
    signs = []
    for _ in range(6):
        number, remainder = divmod(number, len(_ALPHABET))
        signs.append(_ALPHABET[remainder])
    return "".join(signs)
