"""Observation.referenceRange ↔ the range of a result, and whether the value lies in it."""

from __future__ import annotations

from emkcli import models
from emkcli.clinical import units
from emkcli.clinical.written_range import read
from emkcli.fhir import dosage, observation
from emkcli.fhir.building import filled, quantity
from emkcli.fhir.elements import Resource, codes, concept, element, elements, joined, labels, number_of, text


def from_fhir(part: Resource) -> models.Reference | None:
    """Of several ranges the words of each, with whom and what each is for: the source does not tell which is the patient's.
    Bounds are numbers of the value's own unit; those of another unit, with a sign, or for some alone stand in words."""
    measured = element(part, "valueQuantity")
    told = [(interval, _words(interval, measured)) for interval in _ranges(part)]
    ranges = [interval for interval, words in told if words]
    if not ranges:
        return None
    is_first_alone = len(ranges) == 1 or _rank(ranges[0]) < _rank(ranges[1])
    bounds = ranges[0] if is_first_alone and _is_plain(ranges[0], measured) else {}
    low, high = (text(bounds, side, "value") for side in ("low", "high"))
    is_told_in_words = len(ranges) > 1 or any(_rank(ranges[0])) or not (low or high)
    words = joined(dict.fromkeys(words for _interval, words in told))
    return models.Reference(low=low, high=high, text=words if is_told_in_words else text(ranges[0], "text"))


def in_words(stated: models.Reference | None) -> str | None:
    """A range in one text."""
    if stated is None:
        return None
    if stated.text or (stated.low and stated.high):
        return stated.text or f"{stated.low} – {stated.high}"
    return f"≥ {stated.low}" if stated.low else f"≤ {stated.high}" if stated.high else None


def to_fhir(record: models.LabResult | models.Vital) -> list[Resource] | None:
    """Bounds that are plain numbers stay numbers; without any the words tell the range."""
    stated = record.reference
    if not stated:
        return None
    low, high = (_bound(bound, record) for bound in (stated.low, stated.high))
    spread = filled(low=low, high=high, text=stated.text or (None if low or high else in_words(stated)))
    return [spread] if spread else None


def out_of_range(part: Resource, number: float | None, measured: Resource) -> bool | None:
    """Compared with the normal ranges, of which one is for everybody; of several all must say the same."""
    ranges = [spread for spread in _ranges(part) if not _is_special(spread)]
    if number is None or not ranges or _is_restricted(ranges[0]):
        return None
    verdicts = {_is_outside(spread, number, measured) for spread in ranges}
    return verdicts.pop() if len(verdicts) == 1 else None


def _is_outside(spread: Resource, number: float, measured: Resource) -> bool | None:
    """Of a range that is numeric and of the same unit, or written so."""
    if not (element(spread, "low") or element(spread, "high")):
        return outside_written(text(spread, "text"), number, measured)
    bounds = {side: element(spread, side) for side in ("low", "high") if element(spread, side)}
    limits = {side: number_of(text(bound, "value")) for side, bound in bounds.items()}
    if not bounds or None in limits.values() or not all(_is_number_in(measured, bound) for bound in bounds.values()):
        return None
    low, high = limits.get("low"), limits.get("high")
    return bool((low is not None and number < low) or (high is not None and number > high))


def _is_number_in(measured: Resource, bound: Resource) -> bool:
    return same_unit(measured, bound) and not text(bound, "comparator")


def outside_written(words: str | None, number: float, measured: Resource, written: str | None = None) -> bool | None:
    """The same of a range in words, whose numbers are in the value's unit unless they name another; `written` is the number
    as the source wrote it."""
    spread = read(words, written)
    if spread is None or (spread.unit and not same_unit(measured, {"unit": spread.unit})):
        return None
    return spread.excludes(number)


def same_unit(measured: Resource, other: Resource) -> bool:
    """Whether two Quantities are in one unit: by code where both have one, else as printed; none matches only none."""
    code, other_code = text(measured, "code"), text(other, "code")
    if code and other_code:
        return units.normal(code) == units.normal(other_code)
    names, other_names = _unit_names(measured), _unit_names(other)
    return bool(names & other_names) or not (names or other_names)


def _unit_names(measured: Resource) -> set[str | None]:
    return {units.normal(name) for element_name in ("unit", "code") if (name := text(measured, element_name))}


def _ranges(part: Resource) -> list[Resource]:
    """Ranges for everybody before those for some (by sex, age), normal ones before critical or therapeutic ones."""
    return sorted(elements(part, "referenceRange"), key=_rank)


def _rank(spread: Resource) -> tuple[bool, bool]:
    return _is_restricted(spread), _is_special(spread)


def _is_restricted(spread: Resource) -> bool:
    return bool(spread.get("appliesTo") or spread.get("age"))


def _is_special(spread: Resource) -> bool:
    return bool(spread.get("type")) and "normal" not in codes(spread.get("type"))


def _words(spread: Resource, measured: Resource) -> str | None:
    """A range in words, after those for whom it is and what it is for."""
    words = text(spread, "text") or _between(spread, measured)
    kind = [concept(element(spread, "type"))] if _is_special(spread) else []
    return joined([*labels(spread, "appliesTo"), _age(spread), *kind, words], ": ") if words else None


def _between(spread: Resource, measured: Resource) -> str | None:
    return observation.between(spread) if _is_plain(spread, measured) else dosage.between(spread)


def _age(spread: Resource) -> str | None:
    """Of what age somebody is for whom it holds: `18–65 a`."""
    return dosage.between(element(spread, "age"))


def _is_plain(spread: Resource, measured: Resource) -> bool:
    """Whether its bounds are bare numbers in the unit of the value, or in none."""
    bounds = [bound for side in ("low", "high") if (bound := element(spread, side))]
    return not any(text(bound, "comparator") or _has_another_unit(bound, measured) for bound in bounds)


def _has_another_unit(bound: Resource, measured: Resource) -> bool:
    return bool(_unit_names(bound)) and not same_unit(measured, bound)


def _bound(written: str | None, record: models.LabResult | models.Vital) -> Resource | None:
    bound = quantity(written, record.unit, getattr(record, "unit_code", None))
    return None if bound and "comparator" in bound else bound
