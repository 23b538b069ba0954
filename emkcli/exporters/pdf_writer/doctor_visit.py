"""A page or two for a physician: who, what stands now, the last value of each analyte; what has no room is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emkcli.exporters import provenance
from emkcli.exporters.current import Current
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.pdf_writer.flowing_table import Table
from emkcli.exporters.pdf_writer.font import BOLD, REGULAR
from emkcli.exporters.pdf_writer.paper import BOTTOM, GREY, RED, TOP, Paper
from emkcli.exporters.pdf_writer.printable_text import Words
from emkcli.exporters.pdf_writer.visit_sections import SECTIONS, Section, Sources, source_said_once
from emkcli.locale import _, ngettext
from emkcli.models import Missing
from emkcli.views import show
from emkcli.views.columns import label

LONGEST = 1200
_PAGES = 2
_SIZE, _SMALL = 8.5, 7.4
_STEP = 12.0
"""The first estimate is too bold, and each next one less so by this much."""
BOTH = "Не является медицинским документом · Not a medical document"


@dataclass(frozen=True)
class Frame:
    """What stands around the sections."""

    name: str
    details: str
    origin: str
    legend: Sequence[str] = ()
    cut: Sequence[str] = ()


def paper(job: ExportJob) -> Paper:
    words = Words(job, LONGEST)
    current, sources = Current(job), Sources(words)
    for _result in current.labs() if "labs" in job.names else ():
        pass  # only the newest of each analyte is wanted
    parts = [
        source_said_once(make(current, words, sources), sources)
        for category, make in SECTIONS.items()
        if category in job.names
    ]
    for part in parts:
        part.unread = words.line(next((gap.why for gap in job.missing if gap.what == part.category), None))[:300]
    sheets = _fitted(parts, _frame(job, words, sources))
    for part in parts:
        job.counts[part.category] = part.printed
        if part.more:
            job.lacks(Missing(what=part.category, why=_no_room(part.more)))
    return sheets


def _frame(job: ExportJob, words: Words, sources: Sources) -> Frame:
    person = job.owner
    facts = (
        (label("birth_date"), show.date(person.birth_date)),
        (label("deceased"), show.onset(person.deceased)),
        (label("sex"), show.word(person.sex)),
        *provenance.attached(job),
        (label("source"), provenance.source(job)),
        (_("Read at"), provenance.fetched(job)),
        (_("Period"), provenance.span(job)),
    )
    details = "   ".join(f"{name}: {words.line(value)[:100]}" for name, value in facts if value)
    origin = ", ".join(
        filter(None, (words.line(provenance.source(job))[:100], provenance.span(job), provenance.fetched(job)))
    )
    name, legend = words.line(person.name)[:100], sources.legend()
    return Frame(name, details, origin, legend, words.settle()[-3:])


def _no_room(count: int) -> str:
    message = ngettext("{count} record found no room on two pages", "{count} records found no room on two pages", count)
    return message.format(count=count)


def _fitted(parts: Sequence[Section], frame: Frame) -> Paper:
    """The pages, drawn again with fewer rows until there are no more than two of them."""
    room = _PAGES * (TOP - BOTTOM) + 4 * _STEP
    while (sheets := _drawn(parts, frame, room)).page > _PAGES and any(part.rows for part in parts):
        room -= _STEP
    return sheets


def _drawn(parts: Sequence[Section], frame: Frame, room: float) -> Paper:
    title = _("For the physician: {name}").format(name=frame.name)
    sheets = Paper(title, (title, frame.origin), BOTH)
    sheets.prose(frame.name, 16, BOLD)
    sheets.y -= 3
    sheets.prose(frame.details, _SIZE)
    sheets.prose(BOTH, _SMALL, BOLD, GREY)
    _shorten(parts, room, sheets)
    for part in parts:
        _print(part, sheets)
    sheets.y -= 4
    for line in frame.legend:
        sheets.prose(line, _SMALL, REGULAR, GREY)
    for line in frame.cut:
        sheets.prose(line[:300], _SMALL, REGULAR, RED)
    return sheets


def _shorten(parts: Sequence[Section], room: float, paper: Paper) -> None:
    """Rows are left out at the end of the longest section until the rest has room; allergies come last."""
    for part in parts:
        table = Table(paper, part.columns, dense=True)
        part.heights = [table.height(row) for row in part.rows]
    while sum(part.height for part in parts) > room and (left := [part for part in parts if part.rows]):
        max(left, key=lambda part: (part.category != "allergies", part.height)).shorten()


def _print(part: Section, paper: Paper) -> None:
    paper.heading(part.title, part.category, min(50.0, sum(part.heights)))
    paper.beside_heading(part.source)
    if part.rows:
        with Table(paper, part.columns, dense=True) as table:
            for row in part.rows:
                table.row(row)
    elif not part.more and not part.unread:
        paper.prose(part.empty, _SIZE, REGULAR, GREY)
    if part.unread:
        paper.prose(_("Could not be read: {why}").format(why=part.unread), _SIZE, BOLD, RED)
    if part.more:
        message = ngettext("… and {count} more without room here", "… and {count} more without room here", part.more)
        paper.prose(message.format(count=part.more), _SIZE, BOLD, RED)
