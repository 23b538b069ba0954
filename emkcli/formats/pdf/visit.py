"""A page or two for a physician: who, what stands now, the last value of each analyte; what has no room is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from emkcli.api.dates import order
from emkcli.api.models import LabResult, Missing
from emkcli.formats import origin
from emkcli.formats.current import Current
from emkcli.formats.job import Job
from emkcli.formats.pdf import font, labs
from emkcli.formats.pdf.font import BOLD, REGULAR
from emkcli.formats.pdf.paper import BOTTOM, GREY, LEFT, RED, TALL, TOP, Paper
from emkcli.formats.pdf.table import Column, Row, Table
from emkcli.formats.pdf.words import Words
from emkcli.locale import N_, _, ngettext
from emkcli.views import show
from emkcli.views.columns import label

LONGEST = 160
_PAGES = 2
_HEADING, _LINE, _SIZE = 30.0, 13.0, 8.5
_BROKEN = 70.0
"""What the break between the pages may cost: a row that did not fit and a head that is repeated."""
BOTH = "Не является медицинским документом · Not a medical document"


@dataclass
class Part:
    """A section: the list it is of, its columns, its rows, and how many more there are."""

    title: str
    category: str
    columns: Sequence[Column]
    rows: list[Row]
    empty: str
    more: int = 0
    heights: list[float] = field(default_factory=list)

    @property
    def height(self) -> float:
        return _HEADING + sum(self.heights) + (20 if self.rows else _LINE) + (_LINE if self.more else 0)

    def shorten(self) -> None:
        self.rows.pop()
        self.heights.pop()
        self.more += 1


def paper(job: Job) -> Paper:
    words = Words(job, LONGEST)
    name = words.line(job.owner.name)
    current = Current(job)
    for _result in current.labs() if "labs" in job.names else ():
        pass  # only the newest of each analyte is wanted
    parts = [make(current, words) for category, make in _PARTS.items() if category in job.names]
    asked = ", ".join(filter(None, (origin.source(job), origin.span(job))))
    head = (_("For the physician: {name}").format(name=name), f"{words.line(asked)} · {origin.fetched(job)}")
    sheets = Paper(_("For the physician: {name}").format(name=name), head, BOTH)
    _who(job, words, sheets, name)
    room = (sheets.y - BOTTOM) + (_PAGES - 1) * (TOP - BOTTOM) - _BROKEN
    _fit(parts, room - _SIZE * TALL * 4, sheets)
    for part in parts:
        _print(part, job, words, sheets)
        job.counts[part.category] = len(part.rows)
    _last(job, words, sheets)
    return sheets


def _who(job: Job, words: Words, paper: Paper, name: str) -> None:
    paper.prose(name, 16, BOLD)
    paper.y -= 3
    person = job.owner
    known = (
        (label("birth_date"), show.date(person.birth_date)),
        (label("sex"), show.word(person.sex)),
        (label("source"), origin.source(job)),
        (_("Read at"), origin.fetched(job)),
        (_("Period"), origin.span(job)),
    )
    paper.prose("   ".join(f"{name}: {words.line(value)}" for name, value in known if value), _SIZE)
    paper.prose(BOTH, 7.6, BOLD, GREY)


def _diagnoses(current: Current, words: Words) -> Part:
    columns = _columns(("code", 9), ("display", 42), ("kind", 16))
    rows = [
        _row(words, one, (one.code, one.display, show.word(one.type), *_origin(one)))
        for one in current.chosen()["diagnoses"][1]
    ]
    return Part(_("Active diagnoses"), "diagnoses", columns, rows, _("No data."))


def _allergies(current: Current, words: Words) -> Part:
    """«Не отягощён» stands here only where a record says so; an empty list says nothing about allergies."""
    columns = _columns(("display", 51, True), ("status", 16))
    rows = [
        _row(words, one, (one.display or one.code, show.word(one.status), *_origin(one)), marked=True)
        for one in current.chosen()["allergies"][1]
    ]
    return Part(
        _("Allergies"), "allergies", columns, rows, _("No data: this does not mean that there are no allergies.")
    )


def _medicines(current: Current, words: Words) -> Part:
    columns = _columns(("medicine", 30), ("instructions", 23), ("expires_on", 13))
    rows = []
    for one in current.chosen()["medicines"][1]:
        taken = ", ".join(filter(None, (one.dose, one.instructions)))
        rows.append(_row(words, one, (one.medicine or one.number, taken, show.date(one.expires_on), *_origin(one))))
    return Part(_("Current medicines"), "prescriptions", columns, rows, _("No data."))


def _results(current: Current, words: Words) -> Part:
    """Out of range first, then by day and panel, so that what was taken together stands together."""
    columns = _columns(("analyte", 27), ("value", 17, True), ("flag", 9, True), ("reference", 13))
    rows = []
    for one in sorted(current.last, key=_place):
        named = ", ".join(filter(None, (one.analyte or one.code, one.specimen)))
        cells = (named, labs.measured(one), labs.flag(one), labs.reference(one), *_origin(one))
        rows.append(_row(words, one, cells, marked=one.abnormal))
    return Part(_("Last value of each analyte"), "labs", columns, rows, _("No data."))


def _vaccinations(current: Current, words: Words) -> Part:
    columns = _columns(("vaccine", 30), ("infections", 25), ("dose_number", 11))
    rows = []
    for one in current.chosen()["vaccinations"][1]:
        state = show.word(one.status) if one.status not in (None, "completed") else ""
        named = " ".join(filter(None, (one.vaccine, f"({state})" if state else "")))
        cells = (named, "; ".join(one.infections), one.dose_number, *_origin(one))
        rows.append(_row(words, one, cells, marked=bool(state)))
    return Part(_("Vaccinations"), "vaccinations", columns, rows, _("No data."))


_PARTS: dict[str, Callable[[Current, Words], Part]] = {
    "allergies": _allergies,
    "diagnoses": _diagnoses,
    "prescriptions": _medicines,
    "labs": _results,
    "vaccinations": _vaccinations,
}
"""In the order of the page."""
_NAMES = {"date": N_("Date"), "source": N_("Source")}


def _columns(*own: tuple[str, float] | tuple[str, float, bool]) -> list[Column]:
    """Those of the section, then the date and the source that stand on every line."""
    found = [Column(label(name), share, *strong) for name, share, *strong in own]
    return [*found, Column(_(_NAMES["date"]), 11), Column(_(_NAMES["source"]), 26)]


def _origin(record: Any) -> tuple[str, str]:
    return show.date(record.date)[:10], origin.of(record)


def _row(words: Words, record: Any, cells: Sequence[str | None], *, marked: bool = False) -> Row:
    return Row([words.line(cell, record.id) for cell in cells], marked)


def _place(one: LabResult) -> tuple[bool, float, str, str]:
    day = order(one.collected_at).date().toordinal()
    return not one.abnormal, -day, (one.panel or "").casefold(), (one.analyte or "").casefold()


def _fit(parts: Sequence[Part], room: float, paper: Paper) -> None:
    """Rows are left out at the end of the longest section until the rest has room; allergies come last."""
    for part in parts:
        table = Table(paper, part.columns)
        part.heights = [table.height(row) for row in part.rows]
    while sum(part.height for part in parts) > room:
        longest = max(
            (part for part in parts if part.rows), key=lambda part: (part.category != "allergies", part.height)
        )
        longest.shorten()


def _print(part: Part, job: Job, words: Words, paper: Paper) -> None:
    paper.heading(part.title, part.category, min(50.0, sum(part.heights)))
    unread = next((one.why for one in job.missing if one.what == part.category), None)
    if part.rows:
        with Table(paper, part.columns) as table:
            for row in part.rows:
                table.row(row)
    elif not part.more and not unread:
        paper.prose(part.empty, _SIZE, REGULAR, GREY)
    if unread:
        paper.prose(words.line(_("Could not be read: {why}").format(why=unread)), _SIZE, BOLD, RED)
    if part.more:
        told = ngettext("… and {count} more without room here", "… and {count} more without room here", part.more)
        paper.prose(told.format(count=part.more), _SIZE, BOLD, RED)
        why = ngettext(
            "{count} record found no room on two pages", "{count} records found no room on two pages", part.more
        )
        job.lacks(Missing(what=part.category, why=why.format(count=part.more)))


def _last(job: Job, words: Words, paper: Paper) -> None:
    """Texts that were cut; what is missing of a list stands in its section."""
    told = [f"{one.what}: {one.why}" for one in job.missing]
    for line in [line for line in words.settle() if line not in told][:2]:
        paper.y -= 2
        first = font.lines(line, REGULAR, 7.6, 500)[0]
        paper.write(LEFT, first, 7.6, REGULAR, RED)
        paper.y -= 7.6 * TALL
