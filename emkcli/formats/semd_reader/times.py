"""HL7 times → ISO 8601 as precise as they were written; what is no time stays as it is."""

from __future__ import annotations

import re
from datetime import datetime

from emkcli.formats.semd_reader.tree import Element, child, children, get

_TS = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d\d)(?:(?P<day>\d\d)(?:(?P<hour>\d\d)(?:(?P<minute>\d\d)(?:(?P<second>\d\d)"
    r"(?:\.\d+)?)?)?)?)?)?(?P<sign>[+-])?(?P<zone>\d\d(?:\d\d)?)?"
)


def iso(written: str | None) -> str | None:
    """`202110201555+0300` → `2021-10-20T15:55:00+03:00`, `1977` → `1977`; a broken one is returned as written."""
    found = _TS.fullmatch(written) if written else None
    if written is None or found is None or bool(found["sign"]) != bool(found["zone"]):
        return written
    parts = {name: text for name, text in found.groupdict().items() if text}
    if not _exists(parts):
        return written
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


def time_of(element: Element | None) -> str | None:
    """The first readable `effectiveTime` of an element: its value, its beginning or its end."""
    return next(filter(None, map(moment, children(element, "effectiveTime"))), None)


def moment(element: Element | None) -> str | None:
    """A TS or an IVL_TS as one moment."""
    written = get(element, "value") or get(child(element, "low"), "value") or get(child(element, "high"), "value")
    return iso(written)
