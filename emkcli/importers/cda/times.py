"""HL7 times → ISO 8601 as precise as they were written; what is no time stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from emkcli.importers.cda.tree import Element, child, children, get

_TS = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d\d)(?:(?P<day>\d\d)(?:(?P<hour>\d\d)(?:(?P<minute>\d\d)(?:(?P<second>\d\d)"
    r"(?P<fraction>\.\d+)?)?)?)?)?)?(?P<sign>[+-])?(?P<zone>\d\d(?:\d\d)?)?"
)


class Moment(NamedTuple):
    """A time as ISO 8601, and as it was written where that says another thing: when it is no time, or in part."""

    iso: str | None = None
    written: str | None = None

    def __bool__(self) -> bool:
        return bool(self.iso or self.written)


@lru_cache(maxsize=1024)  # a document says the same few times again and again
def moment(written: str | None) -> Moment:
    """`202110201555+0300` whole, `20705181200+0300` as it was written, `2021102015` both: minutes were never told."""
    match = _match(written)
    if match is None:
        return Moment(written) if _is_iso(written) else Moment(None, written)
    lossless = (match["hour"] and match["minute"] and not match["fraction"]) or not (match["hour"] or match["zone"])
    return Moment(_iso(match), None if lossless else written)


@lru_cache(maxsize=1024)
def iso(written: str | None) -> str | None:
    """`202110201555+0300` → `2021-10-20T15:55:00+03:00`, `1977` → `1977`; a broken one is returned as written."""
    match = _match(written)
    return _iso(match) if match else written


def _match(written: str | None) -> re.Match[str] | None:
    match = _TS.fullmatch(written) if written else None
    if match is None or bool(match["sign"]) != bool(match["zone"]):
        return None
    return match if _exists({name: text for name, text in match.groupdict().items() if text}) else None


def _is_iso(written: str | None) -> bool:
    """A time that a clinic wrote as ISO 8601 instead."""
    try:
        return bool(written and "-" in written[4:5] and datetime.fromisoformat(written))
    except ValueError:
        return False


def _iso(match: re.Match[str]) -> str:
    parts = {name: text for name, text in match.groupdict().items() if text}
    date = "-".join(parts[name] for name in ("year", "month", "day") if name in parts)
    if "hour" not in parts:
        return date
    return f"{date}T{parts['hour']}:{parts.get('minute', '00')}:{parts.get('second', '00')}{_offset(parts)}"


def _offset(parts: dict[str, str]) -> str:
    zone = parts.get("zone")
    return f"{parts['sign']}{zone[:2]}:{zone[2:] or '00'}" if zone else ""


def _exists(parts: dict[str, str]) -> bool:
    year, month, day = (int(parts.get(name, "1")) for name in ("year", "month", "day"))
    hour, minute, second = (int(parts.get(name, "0")) for name in ("hour", "minute", "second"))
    try:
        datetime(year, month, day, hour, minute, second)
    except ValueError:
        return False
    zone = parts.get("zone", "00")
    return int(zone[:2]) < 15 and int(zone[2:] or "0") < 60


def time_of(element: Element | None) -> Moment:
    """The first `effectiveTime` of an element that says something."""
    return first(map(time_in, children(element, "effectiveTime")))


def span_of(element: Element) -> tuple[str | None, str | None]:
    """When it began, and when it ended where that is another time."""
    times = list(children(element, "effectiveTime"))
    begun = first(map(time_in, times))
    begin = begun.iso or begun.written
    ends = (iso(get(child(time, "high"), "value")) for time in times)
    end = next(filter(None, ends), None)
    return begin, end if end != begin else None


def time_in(element: Element | None) -> Moment:
    """A TS or an IVL_TS as one moment: its value, its beginning or its end."""
    written = get(element, "value") or get(child(element, "low"), "value") or get(child(element, "high"), "value")
    return moment(written)


def first(moments: Iterable[Moment]) -> Moment:
    """The first that says something."""
    return next(filter(None, moments), Moment())
