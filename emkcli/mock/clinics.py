"""The invented clinics of the mock: adult and children's polyclinics and hospitals in every district of Moscow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from emkcli.mock.places import District, districts, street_point

# Numbers from 900 (names) and 900001 (OID) are beyond those of real organisations.
_FIRST_NUMBER = 901
_FIRST_OID = 900_001
_OID = "1.2.643.5.1.13.13.12.2.77"
_PER_DISTRICT = {"polyclinic": 6, "children_polyclinic": 4, "hospital": 1}
_EXTRA = {"polyclinic": 2, "children_polyclinic": 1, "hospital": 1}
_LARGE = {"САО", "СВАО", "ВАО", "ЮВАО", "ЮАО", "ЮЗАО", "ЗАО"}
_KINDS = {
    "polyclinic": ("gp", "Городская поликлиника № {}", "ГП № {}", ("adults",)),
    "children_polyclinic": ("dgp", "Детская городская поликлиника № {}", "ДГП № {}", ("children",)),
    "hospital": ("gkb", "Городская клиническая больница № {}", "ГКБ № {}", ("adults", "children")),
}


@dataclass(frozen=True, slots=True)
class Clinic:
    """A medical organisation as the directory of the portal shows it."""

    id: str
    oid: str
    name: str
    short_name: str
    address: str
    district: str
    phone: str
    accepts: tuple[str, ...]
    kind: str
    lat: float
    lon: float


def _wanted(district: District, kind: str) -> int:
    return _PER_DISTRICT[kind] + (_EXTRA[kind] if district.name in _LARGE else 0)


def _sites() -> Iterator[tuple[str, int, District]]:
    """Kind, number within the kind, district; numbered kind by kind so that identifiers read in order."""
    for kind in _KINDS:
        number = 0
        for district in districts():
            for _ in range(_wanted(district, kind)):
                number += 1
                yield kind, number, district


def _clinic(order: int, kind: str, number: int, district: District, chance: Random) -> Clinic:
    prefix, name, short, accepts = _KINDS[kind]
    street, house = chance.choice(district.streets), chance.randint(1, 98)
    lat, lon = street_point(street, house, district)
    label = _FIRST_NUMBER + number - 1
    return Clinic(
        id=f"{prefix}-{number:03d}",
        oid=f"{_OID}.{_FIRST_OID + order}",
        name=name.format(label),
        short_name=short.format(label),
        address=f"г. Москва, {_street(street)}, д. {house}",
        district=district.name,
        phone=f"+7495000{1000 + order:04d}",
        accepts=accepts,
        kind=kind,
        lat=lat,
        lon=lon,
    )


def _street(name: str) -> str:
    kinds = ("проспект", "шоссе", "бульвар", "проезд", "площадь", "посёлок")
    return name if any(kind in name.lower() for kind in kinds) else f"ул. {name}"


@lru_cache(maxsize=4)
def _all(seed: int) -> tuple[Clinic, ...]:
    chance = Random(f"clinics:{seed}")  # noqa: S311
    return tuple(_clinic(order, *site, chance) for order, site in enumerate(_sites()))


def clinics(seed: int) -> list[Clinic]:
    """Every clinic; the seed moves addresses, never identifiers, names or districts."""
    return list(_all(seed))


def hospital_of(district: str, seed: int) -> Clinic:
    """The hospital that serves a district (the first of the city for an unknown one)."""
    hospitals = [clinic for clinic in _all(seed) if clinic.kind == "hospital"]
    return next((clinic for clinic in hospitals if clinic.district == district), hospitals[0])
