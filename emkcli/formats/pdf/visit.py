"""A page or two for a physician: who, what stands now, the last value of each analyte; what has no room is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from emkcli.api.dates import order
from emkcli.api.models import LabResult, Missing, Vaccination
from emkcli.formats import origin
from emkcli.formats.current import Current
from emkcli.formats.job import Job
from emkcli.formats.pdf import labs
from emkcli.formats.pdf.font import BOLD, REGULAR
from emkcli.formats.pdf.paper import BOTTOM, GREY, RED, TOP, Paper
from emkcli.formats.pdf.table import Column, Row, Table
from emkcli.formats.pdf.words import Words
from emkcli.locale import _, ngettext
from emkcli.views import show
from emkcli.views.columns import label

LONGEST = 160
_PAGES = 2
_HEADING, _LINE, _SIZE, _SMALL = 30.0, 13.0, 8.5, 7.6
_STEP = 25.0
"""Where the estimate was too bold, the next one is bolder by so much less."""
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
    printed: int = 0
    unread: str = ""
    heights: list[float] = field(default_factory=list)

    @property
    def height(self) -> float:
        return _HEADING + sum(self.heights) + (20 if self.rows else _LINE) + (_LINE if self.more else 0)

    def shorten(self) -> None:
        self.heights.pop()
        self.more += self.rows.pop().stands_for


class Head(NamedTuple):
    name: str
    told: str
    beside: str


def paper(job: Job) -> Paper:
    words = Words(job, LONGEST)
    current = Current(job)
    for _result in current.labs() if "labs" in job.names else ():
        pass  # only the newest of each analyte is wanted
    parts = [make(current, words) for category, make in _PARTS.items() if category in job.names]
    for part in parts:
        part.unread = words.line(next((one.why for one in job.missing if one.what == part.category), None))
    head = _head(job, words)
    sheets = _Sheets(head, words.settle()).fitted(parts)
    for part in parts:
        job.counts[part.category] = part.printed
        if part.more:
            told = _no_room(part.more)
            job.lacks(Missing(what=part.category, why=told))
    return sheets


def _no_room(count: int) -> str:
    told = ngettext("{count} record found no room on two pages", "{count} records found no room on two pages", count)
    return told.format(count=count)


def _head(job: Job, words: Words) -> Head:
    person = job.owner
    known = (
        (label("birth_date"), show.date(person.birth_date)),
        (label("sex"), show.word(person.sex)),
        (label("source"), origin.source(job)),
        (_("Read at"), origin.fetched(job)),
        (_("Period"), origin.span(job)),
    )
    told = "   ".join(f"{name}: {words.line(value)}" for name, value in known if value)
    beside = ", ".join(filter(None, (origin.source(job), origin.span(job))))
    return Head(words.line(person.name), told, f"{words.line(beside)} · {origin.fetched(job)}")


def _diagnoses(current: Current, words: Words) -> Part:
    columns = _columns(("code", 32), ("display", 206), ("kind", 80))
    rows = [
        _row(words, one, (one.code, one.display, show.word(one.type), *_origin(one)))
        for one in current.chosen()["diagnoses"][1]
    ]
    return Part(_("Active diagnoses"), "diagnoses", columns, rows, _("No data."))


def _allergies(current: Current, words: Words) -> Part:
    """«Не отягощён» stands here only where a record says so; an empty list says nothing about allergies."""
    columns = _columns(("display", 246, True), ("status", 72))
    rows = [
        _row(words, one, (one.display or one.code, show.word(one.status), *_origin(one)), marked=True)
        for one in current.chosen()["allergies"][1]
    ]
    return Part(
        _("Allergies"), "allergies", columns, rows, _("No data: this does not mean that there are no allergies.")
    )


def _medicines(current: Current, words: Words) -> Part:
    columns = _columns(("medicine", 122), ("instructions", 147), ("expires_on", 49))
    rows = []
    for one in current.medicines():
        unclear = None if one.status else f"({_('status not stated')})"
        named = " ".join(filter(None, (one.medicine or one.number, unclear)))
        taken = ", ".join(filter(None, (one.dose, one.instructions)))
        rows.append(_row(words, one, (named, taken, show.date(one.expires_on), *_origin(one))))
    return Part(_("Current medicines"), "prescriptions", columns, rows, _("No data."))


def _results(current: Current, words: Words) -> Part:
    """Out of range first, then by day and panel, so that what was taken together stands together."""
    columns = _columns(("analyte", 136), ("value", 68, True), ("flag", 46, True), ("reference", 60))
    often = Counter(one.analyte for one in current.last)
    rows = []
    for one in sorted(current.last, key=_place):
        apart = one.specimen if often[one.analyte] > 1 else None
        cells = (
            ", ".join(filter(None, (one.analyte or one.code, apart))),
            labs.measured(one),
            labs.flag(one),
            labs.reference(one),
            *_origin(one),
        )
        rows.append(_row(words, one, cells, marked=one.abnormal))
    return Part(_("Last value of each analyte"), "labs", columns, rows, _("No data."))


def _vaccinations(current: Current, words: Words) -> Part:
    """One line for a vaccine of one source; a vaccination that was not done stands apart from those that were."""
    columns = _columns(("vaccine", 146), ("infections", 56), ("dose_number", 32), ("earlier", 112))
    known: dict[tuple[str, ...], list[Vaccination]] = {}
    for one in current.chosen()["vaccinations"][1]:
        state = "" if one.status in (None, "completed") else f"({show.word(one.status)})"
        named = " ".join(filter(None, (one.vaccine, state)))
        known.setdefault((named, "; ".join(one.infections), origin.of(one), state), []).append(one)
    rows = []
    for (named, against, _source, state), (last, *before) in known.items():
        earlier = "; ".join(words.line(_dose(one), one.id) for one in before)
        first, second, third, *rest = _row(words, last, (named, against, last.dose_number, *_origin(last))).cells
        rows.append(Row([first, second, third, earlier, *rest], bool(state), stands_for=1 + len(before)))
    return Part(_("Vaccinations"), "vaccinations", columns, rows, _("No data."))


def _dose(one: Vaccination) -> str:
    return " ".join(filter(None, (show.date(one.date)[:10], f"({one.dose_number})" if one.dose_number else "")))


_PARTS: dict[str, Callable[[Current, Words], Part]] = {
    "allergies": _allergies,
    "diagnoses": _diagnoses,
    "prescriptions": _medicines,
    "labs": _results,
    "vaccinations": _vaccinations,
}
"""In the order of the page."""


def _columns(*own: tuple[str, float] | tuple[str, float, bool]) -> list[Column]:
    """Those of the section, then the date and the source that stand on every line."""
    found = [Column(label(name), share, *strong) for name, share, *strong in own]
    return [*found, Column(label("date"), 43), Column(label("source"), 122)]


def _origin(record: Any) -> tuple[str, str]:
    return show.date(record.date)[:10], origin.of(record)


def _row(words: Words, record: Any, cells: Sequence[str | None], *, marked: bool = False) -> Row:
    return Row([words.line(cell, record.id) for cell in cells], marked)


def _place(one: LabResult) -> tuple[bool, float, str, str]:
    day = order(one.collected_at).date().toordinal()
    return not one.abnormal, -day, (one.panel or "").casefold(), (one.analyte or "").casefold()


class _Sheets:
    """The pages, drawn again with fewer rows until there are no more than two of them."""

    def __init__(self, head: Head, cut: Sequence[str]) -> None:
        self._head, self._cut = head, cut

    def fitted(self, parts: Sequence[Part]) -> Paper:
        room = _PAGES * (TOP - BOTTOM) - 60
        while (sheets := self._drawn(parts, room)).page > _PAGES:
            room -= _STEP
        return sheets

    def _drawn(self, parts: Sequence[Part], room: float) -> Paper:
        name, told, beside = self._head
        title = _("For the physician: {name}").format(name=name)
        sheets = Paper(title, (title, beside), BOTH)
        sheets.prose(name, 16, BOLD)
        sheets.y -= 3
        sheets.prose(told, _SIZE)
        sheets.prose(BOTH, _SMALL, BOLD, GREY)
        _fit(parts, room, sheets)
        for part in parts:
            _print(part, sheets)
        for line in self._cut[-3:]:
            sheets.prose(line, _SMALL, REGULAR, RED)
        return sheets


def _fit(parts: Sequence[Part], room: float, paper: Paper) -> None:
    """Rows are left out at the end of the longest section until the rest has room; allergies come last."""
    for part in parts:
        table = Table(paper, part.columns, dense=True)
        part.heights = [table.height(row) for row in part.rows]
    while sum(part.height for part in parts) > room and (left := [part for part in parts if part.rows]):
        max(left, key=lambda part: (part.category != "allergies", part.height)).shorten()


def _print(part: Part, paper: Paper) -> None:
    paper.heading(part.title, part.category, min(50.0, sum(part.heights)))
    part.printed = sum(row.stands_for for row in part.rows)
    if part.rows:
        with Table(paper, part.columns, dense=True) as table:
            for row in part.rows:
                table.row(row)
    elif not part.more and not part.unread:
        paper.prose(part.empty, _SIZE, REGULAR, GREY)
    if part.unread:
        paper.prose(_("Could not be read: {why}").format(why=part.unread), _SIZE, BOLD, RED)
    if part.more:
        told = ngettext("… and {count} more without room here", "… and {count} more without room here", part.more)
        paper.prose(told.format(count=part.more), _SIZE, BOLD, RED)
