"""Narratives: what a section holds as an XHTML table in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from emkcli import models
from emkcli.clinical.status import doubt
from emkcli.fhir import Graph, Resource, Scene, encode, records, text
from emkcli.locale import _, language
from emkcli.security.safe_text import harmless
from emkcli.views import details, show
from emkcli.views.columns import label

_LONGEST = 400


def narrative(title: str, rows: Iterable[Sequence[str | None]]) -> Resource:
    """A generated Narrative: a caption and rows."""
    lines = "".join(f"<tr>{''.join(f'<td>{safe(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return _div(f"<table><caption>{safe(title)}</caption><tbody>{lines}</tbody></table>")


def nothing(reason: str) -> Resource:
    """The narrative of an empty section."""
    return _div(f"<p>{safe(reason)}</p>")


def table(title: str, resources: Iterable[Resource], referenced: Mapping[str, bytes]) -> Resource:
    """A row for every record of the resources: date, what, value."""
    return narrative(title, (row for resource in resources for row in _rows(resource, referenced)))


def safe(value: str | None) -> str:
    """Text that is text in XHTML: no markup, nothing that turns or breaks the line, at most 400 characters."""
    return escape(harmless(value, _LONGEST), quote=True)


def _div(content: str) -> Resource:
    lang = language()
    opening = f'<div xmlns="http://www.w3.org/1999/xhtml" lang="{lang}" xml:lang="{lang}">'
    return {"status": "generated", "div": f"{opening}{content}</div>"}


def _rows(resource: Resource, referenced: Mapping[str, bytes]) -> list[list[str | None]]:
    graph = Graph()
    graph.add(encode(resource))
    for reference in _described(resource):
        if reference in referenced:
            graph.add(referenced[reference])
    return [
        [_day(record.date), *_cells(record), *filter(None, [details.mark_of(record)])]
        for record in records(graph.nodes[0], Scene(graph))
    ]


def _described(resource: Resource) -> list[str]:
    """The addresses of what tells the name of a medicine or a device."""
    addresses = (text(resource, name, "reference") for name in ("medicationReference", "device"))
    return [address for address in addresses if address]


def _day(date: str | None) -> str | None:
    """The day as people of the language write it; a partial date as it is."""
    day = (date or "")[:10]
    if language() == "ru" and re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        return ".".join(reversed(day.split("-")))
    return day or None


def _cells(record: models.Model) -> list[str | None]:
    match record:
        case models.LabResult():
            value = _words(record.value, record.unit, record.flag or record.interpretation)
            return [show.named(record.analyte, record.code), value, _range(record.reference)]
        case models.Vital():
            value = _words(record.value, record.unit, record.flag or record.interpretation)
            return [show.named(record.display, record.code), value, _range(record.reference), record.note]
        case models.Diagnosis():
            return [
                show.named(record.display, record.code),
                record.code,
                *_course(record),
                record.note,
                show.word(doubt(record)),
            ]
        case models.Allergy():
            item = record.to_builtins()
            name = show.named(record.display, record.code)
            return [name, show.criticality(item), show.reactions(item), record.note, show.word(doubt(record))]
        case models.Prescription():
            return [show.named(record.medicine), show.taken(record.to_builtins()), record.reason, record.note]
        case models.Vaccination():
            return [
                _words(show.named(record.vaccine), _standing(record)),
                ", ".join(filter(None, (record.dose_number, record.lot))),
            ]
        case models.Procedure():
            return [_words(show.named(record.display, record.code), _standing(record)), record.outcome]
        case models.Study():
            return [record.title, record.conclusion]
        case models.Other():
            return [record.title, show.word(record.status)]
    return [None]


def _standing(record: models.Vaccination | models.Procedure) -> str | None:
    """What was not given, or not carried out to its end, says so, and why."""
    if record.status in (None, "completed"):
        return None
    why = record.status_reason if isinstance(record, models.Vaccination) else record.reason
    return f"({': '.join(filter(None, (show.word(record.status), why)))})"


def _words(*parts: str | None) -> str:
    return " ".join(filter(None, parts))


def _course(diagnosis: models.Diagnosis) -> list[str]:
    """How severe it is, when it began and ended."""
    times = {"onset": show.onset(diagnosis.onset), "abatement": show.onset(diagnosis.abatement)}
    return [show.word(diagnosis.severity), *(f"{label(name)}: {time}" if time else "" for name, time in times.items())]


def _range(reference: models.Reference | None) -> str | None:
    if reference is None:
        return None
    if reference.text:
        return _("reference {range}").format(range=reference.text)
    if reference.low is None and reference.high is None:
        return None
    return _("reference {range}").format(range=f"{reference.low or '…'} – {reference.high or '…'}")
