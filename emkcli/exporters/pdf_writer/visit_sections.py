"""What a physician wants to see of a card, section by section: a date and a source on every line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from heapq import nlargest
from typing import Any

from emkcli.clinical import body_measures, medicines
from emkcli.clinical.dates import day, order
from emkcli.clinical.latest import says_something
from emkcli.clinical.out_of_range import is_abnormal
from emkcli.clinical.status import doubt
from emkcli.exporters import provenance
from emkcli.exporters.current import Current
from emkcli.exporters.pdf_writer import lab_table
from emkcli.exporters.pdf_writer.flowing_table import Column, Row
from emkcli.exporters.pdf_writer.printable_text import Words
from emkcli.locale import _
from emkcli.models import Allergy, Diagnosis, LabResult, Vaccination, Visit
from emkcli.views import details, show
from emkcli.views.columns import STATUS_STYLES, label

_HEADING, _LINE = 30.0, 13.0
_SHORT = 30
_NUMBER = 42.0
_EARLIER = 5
_LAST_VISITS = 4


@dataclass
class Section:
    """The list it is of, its columns, its rows, and how many more records there are."""

    title: str
    category: str
    columns: Sequence[Column]
    rows: list[Row]
    empty: str
    more: int = 0
    unread: str = ""
    source: str = ""
    heights: list[float] = field(default_factory=list)

    @property
    def height(self) -> float:
        return (
            _HEADING
            + sum(self.heights)
            + (20 if self.rows else _LINE)
            + (_LINE if self.more else 0)
            + (_LINE if self.source else 0)
        )

    @property
    def printed(self) -> int:
        return sum(row.stands_for for row in self.rows)

    def shorten(self) -> None:
        self.heights.pop()
        self.more += self.rows.pop().stands_for


class Sources:
    """Where a line is from; a long name stands once, below, and by its number on the line."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._numbers: dict[str, int] = {}

    def of(self, record: Any) -> str:
        origin = self._words.line(provenance.of(record), record.id)
        return origin if len(origin) <= _SHORT else self._number(origin)

    def other(self, origin: str, shared: str) -> str:
        """Nothing for the source that is shared, for another its number."""
        if origin == shared:
            return ""
        return origin if origin.startswith("[") else self._number(origin)

    def _number(self, origin: str) -> str:
        return f"[{self._numbers.setdefault(origin, len(self._numbers) + 1)}]"

    def cells(self, record: Any) -> tuple[str, str]:
        return show.date(record.date)[:10], self.of(record)

    def legend(self) -> list[str]:
        return [f"[{number}] {origin}" for origin, number in self._numbers.items()]


def _diagnoses(current: Current, words: Words, sources: Sources) -> Section:
    columns = _columns(("code", 32), ("display", 0), ("kind", 62))
    rows = [
        _row(
            words,
            diagnosis,
            (diagnosis.code, _diagnosis(diagnosis), show.word(diagnosis.type), *sources.cells(diagnosis)),
        )
        for diagnosis in current.chosen()["diagnoses"][1]
    ]
    return Section(_("Active diagnoses"), "diagnoses", columns, rows, _("No data."))


def _diagnosis(diagnosis: Diagnosis) -> str:
    """Its words, with its severity and remarks; one that is not certain says so."""
    unsure = f"({show.word(status)})" if (status := doubt(diagnosis)) else None
    words = " ".join(filter(None, (diagnosis.display or ("" if diagnosis.code else show.named()), unsure)))
    return ", ".join(filter(None, (words, show.word(diagnosis.severity), diagnosis.note)))


def _allergies(current: Current, words: Words, sources: Sources) -> Section:
    """«Не отягощён» stands here only where a record says so; an empty list says nothing about allergies."""
    columns = _columns(("display", 0, True), ("status", 72))
    rows = [
        _row(words, allergy, (_allergy(allergy), show.word(allergy.status), *sources.cells(allergy)), marked=True)
        for allergy in current.chosen()["allergies"][1]
    ]
    return Section(
        _("Allergies"), "allergies", columns, rows, _("No data: this does not mean that there are no allergies.")
    )


def _allergy(allergy: Allergy) -> str:
    """What, how critical, what happened."""
    item = allergy.to_builtins()
    parts = (show.named(allergy.display, allergy.code), show.criticality(item), show.reactions(item), allergy.note)
    return ", ".join(filter(None, parts))


def _medicines(current: Current, words: Words, sources: Sources) -> Section:
    columns = _columns(("medicine", 150), ("instructions", 0), ("expires_on", 49))
    rows = []
    for prescription in current.medicines():
        unclear = None if prescription.status else f"({_('status not stated')})"
        title = " ".join(filter(None, (show.named(prescription.medicine, prescription.number), unclear)))
        taken = show.taken(prescription.to_builtins())
        rows.append(
            _row(
                words,
                prescription,
                (title, taken, show.date(medicines.end(prescription)), *sources.cells(prescription)),
            )
        )
    return Section(_("Current medicines"), "prescriptions", columns, rows, _("No data."))


def _results(current: Current, words: Words, sources: Sources) -> Section:
    """Out of range first, then by day and panel, so that what was taken together stands together."""
    columns = _columns(("analyte", 0), ("value", 68, True), ("flag", 72, True), ("reference", 74))
    last = [result for result in current.last if says_something(result)]
    often = Counter(result.analyte for result in last)
    rows = []
    for result in sorted(last, key=_place):
        apart = result.specimen if often[result.analyte] > 1 else None
        cells = (
            ", ".join(filter(None, (show.named(result.analyte, result.code), apart))),
            lab_table.measured(result),
            lab_table.flag(result),
            lab_table.reference(result),
            *sources.cells(result),
        )
        rows.append(_row(words, result, cells, marked=is_abnormal(result)))
    return Section(_("Last value of each analyte"), "labs", columns, rows, _("No data."))


def _state(vaccination: Vaccination) -> str:
    """That it was not given, and why; that it means something else."""
    unusual = vaccination.status not in (None, "completed")
    words = ", ".join(filter(None, (show.word(vaccination.status), vaccination.status_reason))) if unusual else ""
    return " ".join(filter(None, (f"({words})" if words else "", details.mark_of(vaccination))))


def _vaccinations(current: Current, words: Words, sources: Sources) -> Section:
    """One line for a vaccine of one source; a vaccination that was not done stands apart from those that were."""
    columns = _columns(("vaccine", 0), ("infections", 84), ("dose_number", 30))
    series: dict[tuple[str, ...], list[Vaccination]] = {}
    for vaccination in current.chosen()["vaccinations"][1]:
        state = _state(vaccination)
        title = " ".join(filter(None, (show.named(vaccination.vaccine), state)))
        series.setdefault((title, "; ".join(vaccination.infections), sources.of(vaccination), state), []).append(
            vaccination
        )
    rows = []
    for (title, against, _source, state), (last, *before) in series.items():
        earlier = "; ".join(_dose(vaccination, words) for vaccination in before)
        cells = _row(words, last, (title, against, last.dose_number, *sources.cells(last))).cells
        notes = [(label("earlier"), [earlier])] if earlier else []
        rows.append(Row(cells, bool(state), notes, stands_for=1 + len(before)))
    return Section(_("Vaccinations"), "vaccinations", columns, rows, _("No data."))


def _dose(vaccination: Vaccination, words: Words) -> str:
    """Its day and, kept beside it, the number of the dose."""
    number = words.line(vaccination.dose_number, vaccination.id)
    return "\u00a0".join(
        filter(None, (words.line(show.date(vaccination.date)[:10], vaccination.id), f"({number})" if number else ""))
    )


def _measures(current: Current, words: Words, sources: Sources) -> Section:
    """The last blood pressure and weight, with a few before them."""
    columns = _columns(("display", 0), ("value", 90))
    rows = []
    for last, *before in body_measures.newest_first(current.records("vitals")):
        cells = (last.display or last.code, " ".join(filter(None, (last.value, last.unit))), *sources.cells(last))
        earlier = [f"{vital.value} ({show.date(vital.date)[:10]})" for vital in before[:_EARLIER]]
        notes = [(label("earlier"), [words.line("; ".join(earlier), last.id)])] if earlier else []
        rows.append(Row(_row(words, last, cells).cells, notes=notes, stands_for=1 + len(earlier)))
    return Section(_("Blood pressure and weight"), "vitals", columns, rows, _("No data."))


def _visits(current: Current, words: Words, sources: Sources) -> Section:
    columns = _columns(("reason", 150), ("diagnoses", 0), ("doctor", 110))
    newest = nlargest(_LAST_VISITS, current.records("visits"), key=lambda visit: order(visit.date))
    rows = [_row(words, visit, (*_visit(visit), *sources.cells(visit))) for visit in newest]
    return Section(_("Last visits"), "visits", columns, rows, _("No data."))


def _visit(visit: Visit) -> tuple[str | None, str, str]:
    """Why, what was found, by whom."""
    reason = " ".join(
        filter(None, (visit.reason, f"({show.word(visit.status)})" if visit.status in STATUS_STYLES else ""))
    )
    found = "; ".join(" ".join(filter(None, (coding.code, coding.display))) for coding in visit.diagnoses)
    return reason, found or visit.conclusion or "", visit.doctor.name if visit.doctor else ""


def source_said_once(section: Section, sources: Sources) -> Section:
    """The source that most lines share stands beside the heading; a line of another has its number."""
    places = Counter(row.cells[-1] for row in section.rows).most_common(1)
    if not places or places[0][1] < 2:
        return section
    (shared, count), rows = places[0], section.rows
    if count == len(rows):
        section.columns = section.columns[:-1]
        section.rows = [replace(row, cells=row.cells[:-1]) for row in rows]
        section.source = _("Source: {source}").format(source=shared)
    else:
        section.columns = [*section.columns[:-1], replace(section.columns[-1], width=_NUMBER)]
        section.rows = [replace(row, cells=[*row.cells[:-1], sources.other(row.cells[-1], shared)]) for row in rows]
        section.source = _("Source, unless another is named: {source}").format(source=shared)
    return section


SECTIONS: dict[str, Callable[[Current, Words, Sources], Section]] = {
    "allergies": _allergies,
    "diagnoses": _diagnoses,
    "prescriptions": _medicines,
    "vitals": _measures,
    "labs": _results,
    "visits": _visits,
    "vaccinations": _vaccinations,
}
"""In the order of the page."""


def _columns(*own: tuple[str, float] | tuple[str, float, bool]) -> list[Column]:
    """Those of the section, then the date and the source that stand on every line."""
    columns = [Column(label(name), width, *strong) for name, width, *strong in own]
    return [*columns, Column(label("date"), 43), Column(label("source"), 122)]


def _row(words: Words, record: Any, cells: Sequence[str | None], *, marked: bool = False) -> Row:
    """What changes its meaning stands below it."""
    changed = details.mark_of(record)
    notes = [(label("details"), [words.line(changed)])] if changed else []
    return Row([words.line(cell, record.id) for cell in cells], marked, notes)


def _place(result: LabResult) -> tuple[bool, int, str, str]:
    collected_on = day(result.collected_at)
    return (
        not is_abnormal(result),
        -collected_on.toordinal() if collected_on else 0,
        " ".join(result.panel).casefold(),
        (result.analyte or "").casefold(),
    )
