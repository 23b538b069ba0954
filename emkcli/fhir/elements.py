"""The elements of FHIR resources, read so that nothing a server sends can raise; what is unknown is None."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import isfinite
from typing import Any

import msgspec

from emkcli import models
from emkcli.models.json_weight import too_heavy

Resource = dict[str, Any]
ORIGINAL_TEXT = "http://hl7.org/fhir/StructureDefinition/originalText"
"""The extension that says how the source itself wrote what the element says."""
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


class Decimal(str):
    """A JSON number as it was written: `5.40` stays `5.40`."""

    __slots__ = ()


def _number(value: Any) -> msgspec.Raw:
    if isinstance(value, Decimal):
        return msgspec.Raw(str(value).encode())
    raise TypeError(type(value).__name__)


_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(enc_hook=_number)


def decode(content: Any) -> Any:
    """JSON whose numbers keep their text. `ValueError` for what is no JSON, nested without end or would fill the memory."""
    try:
        return _DECODER.decode(within_memory(content))
    except RecursionError:
        raise ValueError("nested too deep") from None


def within_memory(content: Any) -> bytes:
    """The bytes of a JSON text that can be decoded without harm; `ValueError` otherwise."""
    as_bytes = content if isinstance(content, bytes) else bytes(content)
    if too_heavy(as_bytes):
        raise ValueError("too much structure")
    return as_bytes


def encode(value: Any) -> bytes:
    """What `decode` read, with its numbers as they were written."""
    return _ENCODER.encode(value)


def text(value: Any, *path: str) -> str | None:
    """A primitive as text, untouched; numbers as they were written, blank and anything else None."""
    for name in path:  # of an object at once: a large Bundle asks for a million texts
        value = value.get(name) if isinstance(value, dict) else follow(value, name)
    if value is None:
        return None
    if isinstance(value, str):
        return str(value) if value and not value.isspace() else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else None


def follow(value: Any, *path: str) -> Any:
    """The element at a path; of a list the first item."""
    for name in path:
        value = value[0] if isinstance(value, list) and value else value
        value = value.get(name) if isinstance(value, dict) else None
    return value


def element(value: Any, *path: str) -> Resource:
    """An element that should be an object; of a list the first one; empty when there is none."""
    target = follow(value, *path)
    target = target[0] if isinstance(target, list) and target else target
    return target if isinstance(target, dict) else {}


def elements(value: Any, name: str) -> list[Resource]:
    """A repeated element; servers forget the list around a single one."""
    repeated = value.get(name) if isinstance(value, dict) else None
    if isinstance(repeated, list):
        return [item for item in repeated if isinstance(item, dict)]
    return [repeated] if isinstance(repeated, dict) else []


def contained(resource: Resource, kind: str) -> list[Resource]:
    """The resources of a type that stand inside another."""
    return [inner for inner in elements(resource, "contained") if inner.get("resourceType") == kind]


def texts(value: Any, name: str) -> list[str]:
    """A repeated primitive."""
    repeated = value.get(name) if isinstance(value, dict) else None
    return [words for item in (repeated if isinstance(repeated, list) else [repeated]) if (words := text(item))]


def concept(value: Any) -> str | None:
    """What a CodeableConcept says to a person: its text, else the first display, else the code."""
    return label(value) or next(filter(None, (text(entry, "code") for entry in elements(value, "coding"))), None)


def label(value: Any) -> str | None:
    """What a CodeableConcept says in words; a bare code says nothing."""
    if isinstance(value, str):
        return text(value)
    return text(value, "text") or next(filter(None, map(_display, elements(value, "coding"))), None)


def _display(coding: Resource) -> str | None:
    return text(coding, "display")


def labels(value: Any, name: str) -> list[str]:
    """What each of several CodeableConcepts says to a person."""
    return [words for item in elements(value, name) if (words := concept(item))]


def coding(value: Any) -> models.Coding:
    """The first coding of a CodeableConcept with the concept's words."""
    first = element(value, "coding")
    return models.Coding(code=text(first, "code"), system=text(first, "system"), display=label(value))


def codes(value: Any) -> set[str]:
    """Every code of one CodeableConcept or of several."""
    concepts = value if isinstance(value, list) else [value]
    return {code for item in concepts for entry in elements(item, "coding") if (code := text(entry, "code"))}


def systems(value: Any) -> set[str]:
    """The systems of every coding of one CodeableConcept or of several; of an OID its numbers."""
    concepts = value if isinstance(value, list) else [value]
    stated = (text(entry, "system") for item in concepts for entry in elements(item, "coding"))
    return {system.removeprefix("urn:oid:") for system in stated if system}


def code_of(value: Any) -> str | None:
    """The first code of a CodeableConcept, or the primitive that stands in its place."""
    return text(value, "coding", "code") or text(value, "text") or text(value)


def amount(quantity: Any) -> str | None:
    """A Quantity in words: `<0.1`, `1 tablet`."""
    number = text(quantity, "value")
    if number is None:
        return None
    return " ".join(filter(None, ((text(quantity, "comparator") or "") + number, unit_of(quantity))))


def unit_of(quantity: Any) -> str | None:
    """The unit as printed, else its code: some send no other. A number in a directory tells nobody anything."""
    code = text(quantity, "code")
    return text(quantity, "unit") or (None if code and code.isdecimal() else code)


def number_of(written: str | None) -> float | None:
    """The number a text is, if it is one and nothing else."""
    if written is None or not _PLAIN_NUMBER.fullmatch(written):
        return None
    number = float(written)
    return number if isfinite(number) else None


def when(resource: Any, *names: str) -> str | None:
    """The first of `names` that holds a date, a dateTime, a Period (its start, else its end) or a Timing."""
    for name in filter(resource.__contains__, names):
        value = resource[name]
        date = _span(value) if isinstance(value, (dict, list)) else text(value)
        if date:
            return date
    return None


def _span(value: Any) -> str | None:
    events = texts(value, "event")
    return text(value, "start") or text(value, "end") or (events[0] if events else _bounds(value))


def _bounds(timing: Any) -> str | None:
    period = element(timing, "repeat", "boundsPeriod")
    return text(period, "start") or text(period, "end")


def date_text(resource: Resource, *names: str) -> str | None:
    """How the source wrote the date that `when` gives, where it says so."""
    for name in names:
        value = resource.get(name)
        primitive = value.get("_start") if isinstance(value, dict) else resource.get(f"_{name}")
        if primitive and (words := original_text(primitive)):
            return words
    return None


def interval(resource: Resource, *names: str) -> str | None:
    """Both ends of the first Period among `names` that has two different ones: a date has room for one alone."""
    for name in filter(resource.__contains__, names):
        start, end = text(resource, name, "start"), text(resource, name, "end")
        if start and end and start != end:
            return f"{start} – {end}"
    return None


def original_text(value: Any) -> str | None:
    """The source's own words for an element."""
    extensions = (item for item in elements(value, "extension") if item.get("url") == ORIGINAL_TEXT)
    return next((text(item, "valueString") for item in extensions), None)


def identifier(value: Any) -> str | None:
    """The value of an Identifier or of the first that has one."""
    listed = value if isinstance(value, list) else [value]
    return next((number for item in listed if (number := text(item, "value"))), None)


def joined(parts: Iterable[str | None], by: str = "; ") -> str | None:
    """The parts that say something, one after the other."""
    return by.join(part for part in parts if part) or None


def narrative(value: Any) -> str | None:
    """The words of a Narrative, one line per paragraph or row, cells apart by a bar."""
    div = text(value, "div")
    return None if div is None else readable(div)


def readable(markup: str) -> str | None:
    """The same of a piece of HTML."""
    from emkcli.fhir.xhtml import words

    lines = words(markup).split("\n")
    rows = (" | ".join(" ".join(cell.split()) for cell in line.split("\t") if cell.strip()) for line in lines)
    return "\n".join(row for row in rows if row) or None
