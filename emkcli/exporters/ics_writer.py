"""What is due as an iCalendar (RFC 5545): the ends of prescriptions, referrals and certificates, the next preventive
examinations and vaccinations, and the visits, appointments and procedures that are booked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from emkcli.clinical import medicines
from emkcli.clinical.dates import day, local, span
from emkcli.clinical.due import is_booked, is_open, is_usable, planned
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.targets import Writable
from emkcli.locale import _
from emkcli.models import Missing, Prescription
from emkcli.security.safe_text import harmless
from emkcli.views import show

_NAMESPACE = UUID("52f0c1d4-3d0e-5b6a-9a39-6c1d1e0f7c55")
_HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//emk//emk card export//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH")
_MOSCOW = (
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Moscow",
    "BEGIN:STANDARD",
    "DTSTART:20141026T020000",
    "TZOFFSETFROM:+0400",
    "TZOFFSETTO:+0300",
    "TZNAME:MSK",
    "END:STANDARD",
    "END:VTIMEZONE",
)
"""A calendar must hold some component, also when nothing is due."""


@dataclass(frozen=True)
class Event:
    """A whole day on which something is due; `key` stays the same from export to export. `open` tells of a today whether
    it is still ahead."""

    key: str
    day: date
    title: str
    details: tuple[str | None, ...]
    open: Callable[[date], bool]


def write(job: ExportJob, output: Writable) -> None:
    """Events from today on; what is over is history and no matter of a calendar."""
    stamp = _now(job)
    today = local(stamp).date()
    for line in (*_HEAD, _property("X-WR-CALNAME", _("Medical card: what is due")), *_MOSCOW):
        output.write(folded(line))
    read = {name: 0 for name in job.names if name in _DUE}
    for name in read:
        for event in _DUE[name](job):
            if event.open(today):
                read[name] += 1
                output.write(b"".join(map(folded, _lines(event, stamp))))
    output.write(folded("END:VCALENDAR"))
    read = {name: count for name, count in read.items() if job.counts[name]}
    job.counts.clear()
    job.counts.update(read)


def _now(job: ExportJob) -> datetime:
    fetched = span(str(job.envelope.get("fetched_at")))
    return fetched[0] if fetched else datetime.now(UTC)


def _prescriptions(job: ExportJob) -> Iterator[Event]:
    for item in job.records("prescriptions"):
        record: Prescription = item
        if ends := _day(job, record, medicines.end(record), last=True):
            title = _("The prescription ends: {medicine}").format(medicine=harmless(record.medicine, 200) or record.id)
            numbered = _("No. {number}").format(number=record.number) if record.number else None
            details = (numbered, show.how_to_take(record.to_builtins()), *_whose(record))
            yield Event(f"prescription {record.id}", ends, title, details, partial(medicines.is_in_force, record))


def _prevention(job: ExportJob) -> Iterator[Event]:
    """Examinations and vaccinations."""
    for record in planned(job.records("prevention")):
        if due_day := _day(job, record, record.next_due, last=False):
            kind = harmless(record.type, 200) or _("preventive examination")
            title = _("Due: {what}").format(what=kind)
            details = (*record.recommendations, *_whose(record))
            yield Event(f"prevention {record.id}", due_day, title, details, partial(is_open, record))


def _booked(job: ExportJob, category: str, name: str) -> Iterator[Event]:
    """What is to come; `name` is the field that says what it is."""
    for record in job.records(category):
        if is_booked(record) and (begins := _day(job, record, record.date, last=False)):
            what = _name(record, getattr(record, name))
            details = (show.date(record.date), *_whose(record))
            yield Event(
                f"{category} {record.id}", begins, _("Booked: {what}").format(what=what), details, begins.__ge__
            )


def _certificates(job: ExportJob) -> Iterator[Event]:
    for record in job.records("documents"):
        yield from _last_day(job, record, f"documents {record.id}", record.title)


def _referrals(job: ExportJob) -> Iterator[Event]:
    """On the day for which they are planned, and on their last day."""
    for record in job.records("referrals"):
        if is_usable(record) and (begins := _day(job, record, record.planned_for, last=False)):
            title = _("Booked: {what}").format(what=_name(record, record.display))
            details = (show.date(record.planned_for), *_whose(record))
            yield Event(f"planned {record.id}", begins, title, details, begins.__ge__)
        yield from _last_day(job, record, f"referrals {record.id}", record.display)


def _last_day(job: ExportJob, record: Any, key: str, name: str | None) -> Iterator[Event]:
    """Of a certificate or a referral."""
    if is_usable(record) and (ends := _day(job, record, record.expires_on, last=True)):
        title = _("Good until today: {what}").format(what=_name(record, name))
        yield Event(key, ends, title, _whose(record), ends.__ge__)


def _name(record: Any, name: str | None) -> str:
    return harmless(name, 200) or show.word(type(record).kind)


_DUE: dict[str, Callable[[ExportJob], Iterator[Event]]] = {
    "prescriptions": _prescriptions,
    "prevention": _prevention,
    "visits": partial(_booked, category="visits", name="reason"),
    "procedures": partial(_booked, category="procedures", name="display"),
    "other": partial(_booked, category="other", name="title"),
    "referrals": _referrals,
    "documents": _certificates,
}


def _whose(record: Any) -> tuple[str | None, ...]:
    return (record.doctor.name if record.doctor else None, record.clinic.name if record.clinic else None)


def _day(job: ExportJob, record: Any, text: str | None, *, last: bool) -> date | None:
    """The calendar day in Moscow; of a month the last or the first one."""
    if text is None:
        return None
    parsed = day(text, last=last)
    if parsed is None:
        job.lacks(Missing(what=record.id, why=_("{date} is no date").format(date=harmless(text, 40))))
    return parsed


def _lines(event: Event, stamp: datetime) -> Iterator[str]:
    details = [*filter(None, (harmless(detail, 1000) for detail in event.details)), _("Not a medical document.")]
    yield "BEGIN:VEVENT"
    yield f"UID:{uuid5(_NAMESPACE, event.key)}"
    yield f"DTSTAMP:{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{_basic(event.day)}"
    if event.day < date.max:
        yield f"DTEND;VALUE=DATE:{_basic(event.day + timedelta(days=1))}"
    yield _property("SUMMARY", event.title)
    yield _property("DESCRIPTION", "\n".join(details))
    yield from ("CLASS:PRIVATE", "TRANSP:TRANSPARENT", "END:VEVENT")


def _basic(day: date) -> str:
    return day.isoformat().replace("-", "")


def _property(name: str, value: str) -> str:
    """TEXT: backslash, semicolon, comma and line break are escaped, and nothing else may stand in it."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return f"{name}:{escaped}"


def folded(line: str) -> bytes:
    """A content line in pieces of at most 75 octets, never cut within a character."""
    content = line.encode("utf-8", "replace")
    pieces: list[bytes] = []
    while len(content) > (room := 75 if not pieces else 74):
        while content[room] & 0xC0 == 0x80:
            room -= 1
        pieces.append(content[:room])
        content = content[room:]
    return b"\r\n ".join([*pieces, content]) + b"\r\n"
