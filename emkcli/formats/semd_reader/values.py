"""CDA values and reference ranges → the source's own text, unit and bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from emkcli.api import models
from emkcli.api.mapping.elements import number_of
from emkcli.api.mapping.observations import same_unit
from emkcli.formats.semd_reader.times import iso
from emkcli.formats.semd_reader.tree import TYPE, Element, child, children, code_of, coded, get, words

_UCUM = re.compile(r"[!-~]+")
_COMMA = re.compile(r"[+-]?\d+,\d+")


@dataclass(frozen=True)
class Value:
    """`unit` as printed, `unit_code` as coded."""

    text: str | None = None
    unit: str | None = None
    unit_code: str | None = None

    @property
    def number(self) -> float | None:
        """What the text is when it is a number and nothing else; a decimal comma is one."""
        comma = self.text is not None and _COMMA.fullmatch(self.text)
        return number_of(self.text.replace(",", ".") if self.text and comma else self.text)

    @property
    def whole(self) -> str | None:
        """The text with its unit."""
        return " ".join(filter(None, (self.text, self.unit))) or None


def value_of(element: Element) -> Value:
    """All values of an observation as one; `nullFlavor` is no value."""
    found = [one for one in map(value, children(element, "value")) if one.text]
    if len(found) == 1:
        return found[0]
    return Value("; ".join(one.whole for one in found if one.whole) or None)


def value(element: Element | None) -> Value:
    """One value of any type; without `xsi:type` what is there decides."""
    if element is None:
        return Value()
    kind = (get(element, TYPE) or "").rpartition(":")[2]
    if kind.startswith("RTO") or child(element, "numerator") is not None:
        return _ratio(element)
    if child(element, "low") is not None or child(element, "high") is not None:
        return _interval(element)
    if kind in ("TS", "DATE"):
        return Value(iso(get(element, "value")))
    if number := get(element, "value"):
        return Value(number, *_unit(element))
    if kind in ("II",):
        return Value(get(element, "extension") or get(element, "root"))
    return Value(coded(element).name or words(element) or get(element, "code"))


def _unit(element: Element | None) -> tuple[str | None, str | None]:
    """Printed and coded. A translation that gives another amount is about something else."""
    unit, translation = get(element, "unit"), child(element, "translation")
    other = get(translation, "value")
    printed = get(translation, "displayName") if other in (None, get(element, "value")) else None
    known = unit if unit and unit != "1" and _UCUM.fullmatch(unit) else None
    return printed or unit, known


def _interval(element: Element) -> Value:
    low, high = child(element, "low"), child(element, "high")
    below, above = get(low, "value"), get(high, "value")
    units = _unit(low if below else high)
    if below and above:
        return Value(f"{below}–{above}", *units)
    if below:
        return Value((">=" if get(low, "inclusive") == "true" else ">") + below, *units)
    if above:
        return Value(("<=" if get(high, "inclusive") == "true" else "<") + above, *units)
    return Value()


def _ratio(element: Element) -> Value:
    parts = [value(child(element, name)) for name in ("numerator", "denominator")]
    sides = [part.whole for part in parts]
    if None in sides:
        return Value(sides[0] or sides[1])
    plain = not any(part.unit for part in parts)
    return Value((":" if plain else " / ").join(side for side in sides if side))


def reference(element: Element) -> models.Reference | None:
    """The first range that says something, the normal one before others."""
    found = next(_ranges(element), None)
    if found is None:
        return None
    bounds = child(found, "value")
    low, high = get(child(bounds, "low"), "value"), get(child(bounds, "high"), "value")
    single = None if low or high else value(bounds).whole
    return models.Reference(low=low, high=high, text=words(child(found, "text")) or single)


def _ranges(element: Element) -> Iterator[Element]:
    found = [one for one in children(element, "referenceRange", "observationRange") if _says(one)]
    yield from sorted(found, key=lambda one: get(child(one, "interpretationCode"), "code") not in (None, "N"))


def _says(one: Element) -> bool:
    found = child(one, "value")
    bounds = any(get(child(found, side), "value") for side in ("low", "high"))
    return bool(bounds or words(child(one, "text")) or value(found).text)


def out_of_range(element: Element, found: Value) -> bool | None:
    """Compared with a numeric range of the same unit only."""
    one = next(_ranges(element), None)
    sides = [child(one, "value", side) for side in ("low", "high")] if one is not None else []
    bounds = [(number_of(get(side, "value")), side) for side in sides]
    known = [(number, side) for number, side in bounds if side is not None and get(side, "value")]
    own = child(element, "value")
    if found.number is None or not known or any(n is None or not _same(own, side) for n, side in known):
        return None
    low, high = bounds[0][0], bounds[1][0]
    return bool((low is not None and found.number < low) or (high is not None and found.number > high))


def _same(one: Element | None, other: Element) -> bool:
    sides: list[dict[str, Any]] = [{"code": get(side, "unit")} for side in (one, other)]
    return same_unit(*sides)


def flag_of(element: Element) -> str | None:
    """The interpretation as sent; none is computed."""
    return next(filter(None, (get(one, "code") for one in children(element, "interpretationCode"))), None)


def entry_value(element: Element) -> str | None:
    """What a coded field says: its value, or its text."""
    return value_of(element).whole or words(child(element, "text"))


def material(element: Element) -> Element | None:
    """The product of a substanceAdministration, as a material or as a labelled drug."""
    product = child(element, "consumable", "manufacturedProduct")
    found = child(product, "manufacturedMaterial")
    return found if found is not None else child(product, "manufacturedLabeledDrug")


def drug(element: Element) -> str | None:
    """Its name: coded, or as it is written."""
    found = material(element)
    return code_of(found).name or words(child(found, "name"))
