"""The invented physicians of the mock's clinics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path
from random import Random

from emkcli.mock.clinics import Clinic

_DATA = Path(__file__).parent / "data" / "names.toml"

SPECIALTIES: dict[str, str] = {
    "therapist": "Врач-терапевт участковый",
    "pediatrician": "Врач-педиатр участковый",
    "cardiologist": "Врач-кардиолог",
    "neurologist": "Врач-невролог",
    "surgeon": "Врач-хирург",
    "ophthalmologist": "Врач-офтальмолог",
    "otolaryngologist": "Врач-оториноларинголог",
    "endocrinologist": "Врач-эндокринолог",
    "gynecologist": "Врач-акушер-гинеколог",
    "urologist": "Врач-уролог",
    "dermatologist": "Врач-дерматовенеролог",
    "gastroenterologist": "Врач-гастроэнтеролог",
    "orthopedist": "Врач-травматолог-ортопед",
    "pulmonologist": "Врач-пульмонолог",
    "allergist": "Врач-аллерголог-иммунолог",
    "rheumatologist": "Врач-ревматолог",
    "general_practitioner": "Врач общей практики",
}

# Staff of one clinic of each kind, in the order of the register; doubled where a clinic needs several.
_STAFF = {
    "polyclinic": (
        "therapist", "therapist", "therapist", "general_practitioner", "cardiologist", "neurologist", "surgeon",
        "ophthalmologist", "otolaryngologist", "endocrinologist", "gynecologist", "urologist", "gastroenterologist",
    ),
    "children_polyclinic": (
        "pediatrician", "pediatrician", "pediatrician", "neurologist", "surgeon", "ophthalmologist", "otolaryngologist",
        "orthopedist", "endocrinologist", "allergist", "cardiologist", "dermatologist",
    ),
    "hospital": (
        "surgeon", "surgeon", "cardiologist", "cardiologist", "neurologist", "pulmonologist", "urologist",
        "gynecologist", "rheumatologist", "endocrinologist", "dermatologist", "allergist", "orthopedist",
        "gastroenterologist",
    ),
}  # fmt: skip
_ATTACHING = ("therapist", "pediatrician", "general_practitioner")


@lru_cache(maxsize=1)
def names() -> dict[str, list[str]]:
    import tomllib  # only a server that lists physicians needs it

    return tomllib.loads(_DATA.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Physician:
    """A physician of one clinic; `panel_open` tells whether a new patient may be attached."""

    id: str
    name: str
    specialty: str
    specialty_code: str
    clinic_id: str
    panel_open: bool


def feminine(family: str) -> str:
    if family.endswith(("ский", "цкий")):
        return family[:-2] + "ая"
    if family.endswith("ый"):
        return family[:-2] + "ая"
    return family + "а" if family.endswith(("ов", "ев", "ёв", "ин")) else family


def _name(chance: Random) -> str:
    known = names()
    family, father = chance.choice(known["families"]), chance.choice(known["fathers"])
    if chance.random() < 0.35:
        return f"{family} {chance.choice(known['men'])} {father}"
    return f"{feminine(family)} {chance.choice(known['women'])} {father[:-2]}на"


def physicians(seed: int, clinics: Iterable[Clinic]) -> Iterator[Physician]:
    """Everybody who works in the clinics; the first therapist and pediatrician of each take new patients."""
    chance = Random(f"physicians:{seed}")  # noqa: S311
    number = count(1)
    for clinic in clinics:
        specialties: set[str] = set()
        for slug in _STAFF[clinic.kind]:
            panel_open = slug in _ATTACHING and (slug not in specialties or chance.random() < 0.4)
            specialties.add(slug)
            yield Physician(f"d-{next(number):05d}", _name(chance), SPECIALTIES[slug], slug, clinic.id, panel_open)
