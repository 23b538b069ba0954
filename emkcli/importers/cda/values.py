"""CDA values and reference ranges → the source's own text, unit and bounds."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from msgspec.structs import replace

from emkcli import models
from emkcli.fhir.elements import number_of
from emkcli.fhir.reference_range import outside_written, same_unit
from emkcli.importers.cda.times import iso
from emkcli.importers.cda.tree import TYPE, Element, H, child, children, code_of, coded, get, words

_TIMES = frozenset({"TS", "DATE", "IVL_TS", "PIVL_TS"})
_NUMERATOR, _SIDES = f"{H}numerator", frozenset(H + name for name in ("low", "high", "center"))
_UCUM = re.compile(r"[!-~]+")
_FLAG = re.compile(r"[A-Z<>+-]{1,4}")
_COMMA = re.compile(r"[+-]?\d+,\d+")


class Value(NamedTuple):
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
    values = [part for part in map(value, children(element, "value")) if part.text]
    if len(values) == 1:
        return values[0]
    return Value("; ".join(part.whole for part in values if part.whole) or None)


def value(element: Element | None) -> Value:
    """One value of any type; without `xsi:type` what is there decides. A `nullFlavor` is no value, whatever number
    stands beside it; words beside it are one."""
    if element is None:
        return Value()
    if get(element, "nullFlavor"):
        return _translated(element) or Value(coded(element).name or words(element))
    kind = (get(element, TYPE) or "").rpartition(":")[2]
    parts = {part.tag for part in element}
    if kind.startswith("RTO") or _NUMERATOR in parts:
        return _ratio(element)
    if not _SIDES.isdisjoint(parts):
        return _interval(element, time=kind in _TIMES)
    if kind in _TIMES:
        return Value(iso(get(element, "value")))
    if kind == "ED" and _is_attached(element):
        return Value(f"[{get(element, 'mediaType') or get(element, 'representation')}]")
    if number := get(element, "value"):
        return Value(number, *_unit(element))
    if kind == "II":
        return Value(get(element, "extension") or get(element, "root"))
    return Value(coded(element).name or words(element) or get(element, "code"))


def _translated(element: Element) -> Value | None:
    """What could not be said in the required code or unit is said beside it."""
    other = child(element, "translation")
    number = get(other, "value")
    return Value(number, get(other, "displayName") or get(other, "unit")) if number else None


def _is_attached(element: Element) -> bool:
    """A file inside the document, no text."""
    return get(element, "representation") == "B64" or not (get(element, "mediaType") or "text/").startswith("text/")


def _unit(element: Element | None) -> tuple[str | None, str | None]:
    """Printed and coded. A translation that gives another amount is about something else."""
    unit, translation = get(element, "unit"), child(element, "translation")
    other = get(translation, "value")
    printed = get(translation, "displayName") if other in (None, get(element, "value")) else None
    if unit == "1":  # how UCUM writes that there is none
        return printed, None
    return printed or unit, unit if unit and _UCUM.fullmatch(unit) else None


def _interval(element: Element, *, time: bool = False) -> Value:
    """Both ends, or one as a comparison; an interval known by its middle alone is that."""
    low, high = child(element, "low"), child(element, "high")
    below, above = _end(low, time=time), _end(high, time=time)
    units = _unit(low if below else high)
    if below and above:
        return Value(f"{below}–{above}", *units)
    if below:
        return Value((">=" if get(low, "inclusive") == "true" else ">") + below, *units)
    if above:
        return Value(("<=" if get(high, "inclusive") == "true" else "<") + above, *units)
    middle = child(element, "center")
    return Value(_end(middle, time=time), *_unit(middle)) if middle is not None else Value()


def _end(side: Element | None, *, time: bool) -> str | None:
    if get(side, "nullFlavor"):
        return None
    return iso(get(side, "value")) if time else get(side, "value")


def _ratio(element: Element) -> Value:
    parts = [value(child(element, name)) for name in ("numerator", "denominator")]
    sides = [part.whole for part in parts]
    if None in sides:
        return Value(sides[0] or sides[1])
    plain = not any(part.unit for part in parts)
    return Value((":" if plain else " / ").join(side for side in sides if side))


def reference(element: Element) -> models.Reference | None:
    """The range that says something, the normal one before others; of several, the words of each: those that are normal
    for somebody, since the document does not tell which of them is the patient's, and those of another interpretation
    after it."""
    ranges = _ranges(element)
    own = list(filter(_is_normal, ranges))
    if len(own) != 1 and ranges:
        return models.Reference(text="; ".join(dict.fromkeys(map(_range_text, ranges))))
    if not ranges:
        return None
    alone = _reference(element, own[0])
    others = [_range_text(interval) for interval in ranges if interval is not own[0]]
    return replace(alone, text="; ".join([_range_text(own[0]), *others])) if others else alone


def _reference(element: Element, interval: Element) -> models.Reference:
    bounds = child(interval, "value")
    low, high = (_bound(child(bounds, side)) for side in ("low", "high"))
    text = words(child(interval, "text"))
    if text is None and (not (low or high) or _needs_words(element, bounds)):
        text = value(bounds).whole
    return models.Reference(low=low, high=high, text=text)


def _range_text(interval: Element) -> str:
    """For whom, and from where to where."""
    whom = next(
        (text for criterion in children(interval, "precondition", "criterion") if (text := entry_value(criterion))),
        None,
    )
    kind = None if _is_normal(interval) else coded(child(interval, "interpretationCode"))
    named = kind and (kind.code or kind.name)
    return ": ".join(
        filter(None, (whom, named, words(child(interval, "text")) or value(child(interval, "value")).whole))
    )


def _bound(side: Element | None) -> str | None:
    return None if get(side, "nullFlavor") else get(side, "value")


def _needs_words(element: Element, bounds: Element | None) -> bool:
    """Bounds in another unit than the value, or open ones, are not told by their numbers."""
    sides = [side for side in (child(bounds, "low"), child(bounds, "high")) if _bound(side)]
    own = child(element, "value")
    other = get(own, "unit") is not None and any(side is not None and not _same(own, side) for side in sides)
    return other or any(get(side, "inclusive") == "false" for side in sides)


def _ranges(element: Element) -> list[Element]:
    """Those that say something, the normal ones before others."""
    ranges = [interval for interval in children(element, "referenceRange", "observationRange") if _says(interval)]
    return sorted(ranges, key=_is_normal, reverse=True)


def _is_normal(interval: Element) -> bool:
    return get(child(interval, "interpretationCode"), "code") in (None, "N")


def _says(interval: Element) -> bool:
    bounds = child(interval, "value")
    bounded = any(_bound(child(bounds, side)) for side in ("low", "high"))
    return bool(bounded or words(child(interval, "text")) or value(bounds).text)


def out_of_range(element: Element, measured: Value) -> bool | None:
    """Compared with a numeric range of the same unit only, also one in words."""
    ranges = list(filter(_is_normal, _ranges(element)))
    sides = [child(ranges[0], "value", side) for side in ("low", "high")] if len(ranges) == 1 else []
    bounds = [(Value(written).number, side) for side in sides if side is not None and (written := _bound(side))]
    own = child(element, "value")
    if measured.number is not None and ranges and not bounds:
        stated = _reference(element, ranges[0]) if len(ranges) == 1 else None
        unit = {"unit": measured.unit, "code": measured.unit_code}
        return outside_written(stated.text if stated else None, measured.number, unit)
    if measured.number is None or not bounds or any(n is None or not _same(own, side) for n, side in bounds):
        return None
    return any(_beyond(measured.number, n, side) for n, side in bounds if n is not None)


def _beyond(number: float, bound: float, side: Element) -> bool:
    """On the wrong side of one bound; an open bound is itself out of range."""
    if number == bound:
        return get(side, "inclusive") == "false"
    return number < bound if side.tag.endswith("}low") else number > bound


def _same(own: Element | None, other: Element) -> bool:
    sides: list[dict[str, Any]] = [{"code": get(side, "unit")} for side in (own, other)]
    return same_unit(*sides)


def flag_of(element: Element) -> str | None:
    """The code of HL7 as sent; none is computed."""
    codes = (get(interpretation, "code") for interpretation in children(element, "interpretationCode"))
    return next((code for code in codes if code and _FLAG.fullmatch(code)), None)


def interpretation_of(element: Element) -> str | None:
    """The words that were sent instead of such a code, and the codes of all but the first."""
    sent = [coded(interpretation) for interpretation in children(element, "interpretationCode")]
    words_sent = [code.name or code.code for code in sent if not (code.code and _FLAG.fullmatch(code.code))]
    flags = [code.code for code in sent if code.code and _FLAG.fullmatch(code.code)]
    words_sent += flags[1:]
    return "; ".join(filter(None, words_sent)) or None


def entry_value(element: Element) -> str | None:
    """What a coded field says: its value, or its text."""
    return value_of(element).whole or words(child(element, "text"))


def material(element: Element) -> Element | None:
    """The product of a substanceAdministration, as a material or as a labelled drug."""
    product = child(element, "consumable", "manufacturedProduct")
    substance = child(product, "manufacturedMaterial")
    return substance if substance is not None else child(product, "manufacturedLabeledDrug")


def drug(element: Element) -> str | None:
    """Its name: coded, or as it is written."""
    product = material(element)
    return code_of(product).name or words(child(product, "name"))
