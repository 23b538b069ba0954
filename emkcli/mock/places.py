"""Where things are in Moscow: districts, some streets, and a point for any address."""

from __future__ import annotations

from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import NamedTuple, Protocol
from zlib import crc32

_DATA = Path(__file__).parent / "data" / "districts.toml"


_SHORT = {"прт": "проспект", "просп": "проспект", "пр": "проспект", "ш": "шоссе", "бр": "бульвар", "бул": "бульвар"}


class Point(Protocol):
    """Anything with coordinates: a `Place`, a `Clinic`."""

    @property
    def lat(self) -> float: ...

    @property
    def lon(self) -> float: ...


class Place(NamedTuple):
    """A point of the city; `approximate` when the address was not recognised."""

    lat: float
    lon: float
    district: str
    approximate: bool


class District(NamedTuple):
    """An administrative district: its centre, how far it reaches (degrees of latitude) and streets that lie in it."""

    name: str
    full_name: str
    lat: float
    lon: float
    reach: float
    streets: list[str]


@lru_cache(maxsize=1)
def districts() -> tuple[District, ...]:
    """The twelve districts, the centre first."""
    import tomllib  # only a server that looks around needs it

    rows = tomllib.loads(_DATA.read_text(encoding="utf-8"))["district"]
    return tuple(District(**row) for row in rows)


def _folded(text: str) -> str:
    return text.lower().replace("ё", "е")


def _spread(key: str, district: District) -> tuple[float, float]:
    """A point inside the district that the same key always gets."""
    north, east = crc32(key.encode()), crc32(key.encode()[::-1])
    lat = district.lat + (north % 2001 - 1000) / 1000 * district.reach
    lon = district.lon + (east % 2001 - 1000) / 1000 * district.reach * 1.7
    return round(lat, 5), round(lon, 5)


def street_point(street: str, house: int, district: District) -> tuple[float, float]:
    """A house on a street: the street's point, moved a little by the house number."""
    lat, lon = _spread(_folded(street), district)
    return round(lat + house % 40 * 0.00012, 5), round(lon + house % 40 * 0.00008, 5)


def _words(text: str) -> str:
    # «пр-т» and «б-р» are one word each
    plain = "".join(sign if sign.isalnum() else " " for sign in _folded(text).replace("-т", "т").replace("-р", "р"))
    return f" {' '.join(_SHORT.get(word, word) for word in plain.split())} "


def _house(address: str, street: str) -> int:
    """The first number after the street's name."""
    tail = _folded(address).split(_folded(street), 1)[-1]
    digits = ""
    for sign in tail:
        if sign.isdigit():
            digits += sign
        elif digits:
            break
    return int(digits[:4] or 0)


def locate(address: str) -> Place:
    """The point of an address: its street, else its district, else one derived from the text (`approximate`)."""
    words = _words(address)
    named = [(street, district) for district in districts() for street in district.streets if _words(street) in words]
    if named:
        street, district = max(named, key=lambda pair: len(pair[0]))
        return Place(*street_point(street, _house(address, street), district), district.name, False)
    mentioned = [at for at in districts() if _words(at.name) in words or _words(at.full_name) in words]
    if mentioned:
        district = max(mentioned, key=lambda at: len(at.full_name))
        return Place(district.lat, district.lon, district.name, False)
    district = districts()[crc32(words.encode()) % len(districts())]
    return Place(*_spread(words, district), district.name, True)


def distance_km(a: Point, b: Point) -> float:
    """The great-circle distance, to 0.1 km."""
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin(radians(b.lon - a.lon) / 2) ** 2
    return round(2 * 6371 * asin(sqrt(half)), 1)
