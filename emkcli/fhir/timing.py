"""Timing ↔ the schedule of a dosage: a text of JSON with what FHIR R4 knows of it, numbers as they were written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from emkcli.fhir.elements import Resource, decode, element, elements, encode, label, text, texts

_PLAIN = (
    *("count", "countMax", "duration", "durationMax", "durationUnit", "frequency", "frequencyMax"),
    *("period", "periodMax", "periodUnit", "offset"),
)
_LISTED = ("dayOfWeek", "timeOfDay", "when")
_QUANTITY = ("value", "comparator", "unit", "code")


def schedule(timing: Any) -> str | None:
    """What of a Timing can be said; None where that is nothing."""
    repeat = dict(_repeat(element(timing, "repeat")))
    code = _some(code=_code(element(timing, "code")), text=label(element(timing, "code")))
    known = _some(repeat=repeat, code=code, event=texts(timing, "event"))
    return encode(known).decode() if known else None


def to_fhir(schedule: str | None) -> Resource:
    """The Timing of a schedule."""
    timing: Resource = decode(schedule.encode()) if schedule else {}
    if code := timing.get("code"):
        timing["code"] = _some(coding=[{"code": code["code"]}] if "code" in code else None, text=code.get("text"))
    return timing


def _repeat(repeat: Resource) -> Iterator[tuple[str, Any]]:
    yield from _primitives(repeat, _PLAIN).items()
    yield from ((name, listed) for name in _LISTED if (listed := texts(repeat, name)))
    period, spread = element(repeat, "boundsPeriod"), element(repeat, "boundsRange")
    bounds = {
        "boundsDuration": _quantity(element(repeat, "boundsDuration")),
        "boundsRange": _some(low=_quantity(element(spread, "low")), high=_quantity(element(spread, "high"))),
        "boundsPeriod": _some(start=text(period, "start"), end=text(period, "end")),
    }
    yield from _some(**bounds).items()


def _quantity(quantity: Resource) -> Resource:
    return _primitives(quantity, _QUANTITY)


def _primitives(value: Resource, names: Iterable[str]) -> Resource:
    """Numbers and texts, untouched; no truths, of which a Timing has none."""
    return {name: value[name] for name in names if text(value, name) and not isinstance(value[name], bool)}


def _code(concept: Resource) -> str | None:
    return next((code for coding in elements(concept, "coding") if (code := text(coding, "code"))), None)


def _some(**parts: Any) -> Resource:
    return {name: part for name, part in parts.items() if part}
