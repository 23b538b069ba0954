"""Primitive values: the kind of JSON value and the text that R4 allows for each type."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from xml.etree import ElementTree as xml

from tests.slow.walker.definitions import Definitions

_REGEX = "http://hl7.org/fhir/StructureDefinition/regex"
_INTEGERS = {"integer": None, "unsignedInt": 0, "positiveInt": 1}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_XHTML = "{http://www.w3.org/1999/xhtml}"
_LEAST_BREAKABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def fault(value: Any, code: str, definitions: Definitions) -> str | None:
    """What is wrong with a value of a primitive type."""
    if code == "boolean":
        return None if isinstance(value, bool) else "no boolean"
    if code in _INTEGERS:
        return _integer(value, _INTEGERS[code])
    if code == "decimal":
        return None if isinstance(value, int | float) and not isinstance(value, bool) else "no number"
    if not isinstance(value, str):
        return f"no text of type {code}"
    return _text(value, code, definitions)


def _integer(value: Any, least: int | None) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**31:
        return "no integer"
    return None if least is None or value >= least else f"less than {least}"


def _text(value: str, code: str, definitions: Definitions) -> str | None:
    if not value.strip():
        return "empty"
    if _LEAST_BREAKABLE.search(value):
        return "a control character"
    if code == "xhtml":
        return _xhtml(value)
    allowed = pattern(code, definitions)
    if allowed and not allowed.fullmatch(value):
        return f"no {code}: {value[:40]!r}"
    return _no_day(value) if code in ("date", "dateTime", "instant") else None


def pattern(code: str, definitions: Definitions) -> re.Pattern[str] | None:
    """The regular expression of a type's definition; of a string only what it forbids is looked at."""
    if code in ("string", "markdown", "base64Binary"):
        return None
    told = definitions.needed(code).children["value"].element["type"][0].get("extension", [])
    found = [one["valueString"] for one in told if one["url"] == _REGEX]
    return re.compile(found[0]) if found else None


def _no_day(value: str) -> str | None:
    day = _DAY.match(value)
    try:
        _ = day and date.fromisoformat(day[0])
    except ValueError:
        return f"no day of the calendar: {value}"
    return None


def _xhtml(value: str) -> str | None:
    """txt-1 and txt-2: well-formed, of XHTML only, nothing active, and not without content."""
    try:
        root = xml.fromstring(re.sub(r"&(?!amp;|lt;|gt;|quot;|apos;|#)\w+;", "&#160;", value))
    except xml.ParseError as cause:
        return f"malformed XHTML: {cause}"
    if root.tag != f"{_XHTML}div" or any(not str(one.tag).startswith(_XHTML) for one in root.iter()):
        return "txt-1: no XHTML div"
    tags = {str(one.tag).removeprefix(_XHTML) for one in root.iter()}
    active = tags & {"script", "form", "object", "iframe", "link", "base", "input", "style", "head", "body", "frame"}
    handlers = {key for one in root.iter() for key in one.attrib if key.startswith("on")}
    if active or handlers:
        return f"txt-1: {sorted(active | handlers)}"
    return None if "".join(root.itertext()).strip() or "img" in tags else "txt-2: an empty narrative"
