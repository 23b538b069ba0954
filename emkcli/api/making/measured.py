"""Results, vital signs and studies → Observation and DiagnosticReport."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from itertools import groupby

from emkcli import models
from emkcli.api.making.elements import (
    coded,
    concept,
    filled,
    ident,
    moment,
    narrative,
    notes,
    quantity,
    reference,
    stated,
)
from emkcli.api.making.parties import Parties
from emkcli.api.mapping.elements import Resource

_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_FLAGS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_KNOWN_FLAGS = re.compile("N|AA?|HH?|HU|LL?|LU|R|S|I|NEG|POS|IND|DET|ND|[<>]|B|D|U|WR?|RR|NR|E")
_SERVICES = "http://terminology.hl7.org/CodeSystem/v2-0074"
_FINAL = {"completed": "final", "active": "preliminary", "aborted": "cancelled"}
_STATES = re.compile("registered|preliminary|final|amended|corrected|cancelled|entered-in-error|unknown")


def lab(record: models.LabResult, parties: Parties) -> Resource:
    """The value as the document has it: a number as a Quantity with its digits, anything else as text."""
    sample = filled(resourceType="Specimen", id="specimen", type=concept(record.specimen)) if record.specimen else None
    return filled(
        resourceType="Observation",
        id=ident(record.id),
        contained=[sample] if sample else None,
        status=_state(record.status),
        category=[coded(_CATEGORY, "laboratory")],
        code=stated(record.analyte, record.code, record.code_system),
        subject=parties.subject,
        effectiveDateTime=moment(record.collected_at),
        performer=parties.all(record),
        **_value(record.value, record.unit, record.unit_code),
        interpretation=[_flag(record.flag)] if record.flag else None,
        note=notes(record.comment, record.collected_at_text),
        specimen={"reference": "#specimen"} if sample else None,
        referenceRange=_range(record),
    )


def reports(records: Iterable[models.LabResult], title: str | None, parties: Parties) -> Iterator[Resource]:
    """The panels of a document with their results; one without a name goes by the document's."""
    panels = groupby(sorted(records, key=_panel), key=_panel)
    for number, (panel, found) in enumerate(panels, 1):
        listed = list(found)
        first = listed[0]
        yield filled(
            resourceType="DiagnosticReport",
            id=ident(f"{first.report_id or first.id}#report{number}"),
            status=_state(first.status),
            category=[coded(_SERVICES, "LAB")],
            code=stated(panel or title),
            subject=parties.subject,
            effectiveDateTime=moment(first.collected_at),
            performer=parties.all(first),
            result=[reference("Observation", one.id) for one in listed],
        )


def vital(record: models.Vital, parties: Parties) -> Resource:
    return filled(
        resourceType="Observation",
        id=ident(record.id),
        status=_state(record.status),
        category=[coded(_CATEGORY, "vital-signs")],
        code=stated(record.display, record.code),
        subject=parties.subject,
        effectiveDateTime=moment(record.date),
        performer=parties.all(record),
        **_value(record.value, record.unit),
        note=notes(record.date_text),
    )


def study(record: models.Study, parties: Parties) -> Resource:
    """What was seen is the printed protocol; the kind of a study is words, its codes are no FHIR ones."""
    seen = b64encode((record.description or "").encode("utf-8", "replace")).decode()
    return filled(
        resourceType="DiagnosticReport",
        id=ident(record.id),
        text=narrative(record.date_text),
        status=_state(record.status),
        category=[concept(record.type)] if record.type else None,
        code=stated(record.title),
        subject=parties.subject,
        effectiveDateTime=moment(record.date),
        performer=parties.all(record),
        conclusion=record.conclusion,
        presentedForm=[{"contentType": "text/plain; charset=utf-8", "data": seen}] if seen else None,
    )


def _panel(record: models.LabResult) -> str:
    return record.panel or ""


def _state(status: str | None) -> str:
    known = _FINAL.get(status or "", status or "")
    return known if _STATES.fullmatch(known) else "unknown"


def _value(value: str | None, unit: str | None, code: str | None = None) -> Resource:
    if not value:
        return {}
    if number := quantity(value, unit, code):
        return {"valueQuantity": number}
    return {"valueString": " ".join(filter(None, (value, unit)))}


def _flag(flag: str) -> Resource:
    return coded(_FLAGS, flag) if _KNOWN_FLAGS.fullmatch(flag) else {"text": flag}


def _range(record: models.LabResult) -> list[Resource] | None:
    """Bounds that are plain numbers stay numbers; without any the words tell the range."""
    told = record.reference
    if not told:
        return None
    low, high = (_bound(one, record) for one in (told.low, told.high))
    words = told.text or (None if low or high else " – ".join(filter(None, (told.low, told.high))))
    found = filled(low=low, high=high, text=words)
    return [found] if found else None


def _bound(value: str | None, record: models.LabResult) -> Resource | None:
    found = quantity(value, record.unit, record.unit_code)
    return None if found and "comparator" in found else found
