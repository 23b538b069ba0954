"""Laboratory results by analyte, newest first, as the laboratory sent them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from emkcli.clinical.analytes import key
from emkcli.clinical.out_of_range import is_abnormal
from emkcli.exporters import provenance
from emkcli.exporters.pdf_writer.flowing_table import Column, Row, Table
from emkcli.exporters.pdf_writer.paper import Paper
from emkcli.exporters.pdf_writer.printable_text import Words
from emkcli.locale import _, ngettext
from emkcli.models import LabResult
from emkcli.views import show
from emkcli.views.columns import STATUS_STYLES, label

_COLUMNS = (("collected_at", 66), ("value", 84), ("reference", 76), ("flag", 46), ("specimen", 82), ("clinic", 0))


@dataclass
class Analyte:
    """Results of one code and one unit; values are never converted to make them so."""

    title: str
    rows: list[Row] = field(default_factory=list)


def analytes(results: Iterable[LabResult], words: Words) -> list[Analyte]:
    """By name; the rows are all that is kept of the results."""
    known: dict[tuple[str, ...], Analyte] = {}
    for one in results:
        group = (*key(one), one.unit or "")
        if group not in known:
            known[group] = Analyte(words.line(_title(one), one.id))
        known[group].rows.append(_row(one, words))
    return sorted(known.values(), key=lambda found: found.title.casefold())


def write(found: list[Analyte], paper: Paper) -> None:
    if not found:
        return
    columns = [Column(label(name), width, name in {"value", "flag"}) for name, width in _COLUMNS]
    with Table(paper, columns) as table:
        for analyte in found:
            count = len(analyte.rows)
            counted = ngettext("{count} result", "{count} results", count).format(count=count)
            table.group(analyte.title, counted, analyte.rows[0])
            for row in analyte.rows:
                table.row(row)


def _title(one: LabResult) -> str:
    """The analyte and its unit, which some laboratories name with it."""
    named = one.analyte or one.code or ""
    return named if not one.unit or named.endswith(one.unit) else ", ".join(filter(None, (named, one.unit)))


def measured(one: LabResult) -> str:
    return " ".join(filter(None, (one.value, one.unit)))


def flag(one: LabResult) -> str:
    """With a status that must not be overlooked: preliminary is usual, amended or cancelled is not."""
    unusual = show.word(one.status) if one.status in STATUS_STYLES else ""
    return " ".join(filter(None, (show.flag({"flag": one.flag, "out_of_range": one.out_of_range}), unusual)))


def reference(one: LabResult) -> str:
    return show.reference(one.reference.to_builtins()) if one.reference else ""


def _row(one: LabResult, words: Words) -> Row:
    cells = (
        show.date(one.collected_at),
        measured(one),
        reference(one),
        flag(one),
        "; ".join(filter(None, (one.specimen, one.method))),
        one.clinic.name if one.clinic else None,
    )
    notes = [(label("comment"), words.prose(one.comment, one.id))] if one.comment else []
    if file := provenance.file(one.source):
        notes.append((_("From the file"), [words.line(file, one.id)]))
    return Row([words.line(cell, one.id) for cell in cells], is_abnormal(one), notes)
