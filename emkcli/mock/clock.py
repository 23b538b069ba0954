"""The virtual clock: a set point plus real time multiplied by a speed; kept in the state so that processes agree."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from sqlite3 import Connection

MOSCOW = timezone(timedelta(hours=3))
MINUTE, HOUR, DAY = 60, 3600, 86400
END = 4_102_434_000  # 2100 in Moscow, where mock time stops
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def start(db: Connection) -> None:
    """The clock of a fresh state: what the wall says, at the wall's pace."""
    wall = time.time()
    db.execute("INSERT INTO clock (point, real, speed) VALUES (?, ?, 1.0)", (wall, wall))


def now(db: Connection) -> int:
    """Mock time in whole seconds since 1970."""
    return reckoned(*db.execute("SELECT point, real, speed FROM clock").fetchone())


def reckoned(point: float, real: float, speed: float) -> int:
    return max(0, min(END, int(point + (time.time() - real) * speed)))


def speed(db: Connection) -> float:
    return float(db.execute("SELECT speed FROM clock").fetchone()[0])


def set_to(db: Connection, at: int) -> None:
    db.execute("UPDATE clock SET point = ?, real = ?", (float(at), time.time()))


def advance(db: Connection, seconds: int) -> None:
    set_to(db, now(db) + seconds)


def set_speed(db: Connection, factor: float) -> None:
    """Run `factor` times as fast from now on; 0 freezes the clock."""
    set_to(db, now(db))
    db.execute("UPDATE clock SET speed = ?", (factor,))


@overload
def iso(at: int) -> str: ...
@overload
def iso(at: None) -> None: ...
@overload
def iso(at: int | None) -> str | None: ...
@lru_cache(maxsize=1024)
def iso(at: int | None) -> str | None:
    return None if at is None else moment(at).isoformat()


def moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, MOSCOW)


def day(at: int) -> date:
    """The date in Moscow."""
    return moment(at).date()


def parse(text: str) -> int:
    """ISO 8601 to seconds; a time without offset is Moscow's. ValueError when it is no time."""
    parsed = datetime.fromisoformat(text)
    return int((parsed if parsed.tzinfo else parsed.replace(tzinfo=MOSCOW)).timestamp())


@lru_cache(maxsize=64)
def header(at: int) -> str:
    """The value of an HTTP `Date` header (English names whatever the locale)."""
    utc = datetime.fromtimestamp(at, UTC)
    return f"{_DAYS[utc.weekday()]}, {utc:%d} {_MONTHS[utc.month - 1]} {utc:%Y %H:%M:%S} GMT"


def years_after(birth: date, years: int) -> date:
    """The birthday after so many years; 29 February becomes 1 March."""
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return date(birth.year + years, 3, 1)
