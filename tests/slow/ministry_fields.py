"""A table of fields with their XPath, as the ministry gives it out, against what the card says of a document.

The table has a line per field: number, name, cardinality and XPath, with tabs between them. Names are compared without their
namespaces: the tables write some with a prefix, some without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

_SEVERAL = re.compile(r"([\w/@]+)=\[((?:'[^']*',?)+)\]")
_PREFIX = re.compile(r"\b[A-Za-z]+:(?=[A-Za-z])")
_TIME = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:[+-]\d{2,4})?")
_UNSAID = frozenset({"-", "Нет"})


class Field(NamedTuple):
    number: str
    name: str
    path: str


@dataclass
class Fields:
    """`broken` are those whose XPath is none."""

    given_back: int = 0
    lacking: list[str] = field(default_factory=list)
    broken: int = 0


def table(path: Path) -> list[Field]:
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:])
    return [Field(row[0], row[1], xpath(row[3])) for row in rows]


def xpath(written: str) -> str:
    """One of several values is written like a list, which XPath 1.0 does not know."""
    plain = _PREFIX.sub("", written)
    return "/" + _SEVERAL.sub(lambda found: _either(found[1], found[2]), plain)


def _either(path: str, values: str) -> str:
    return "(" + " or ".join(f"{path}={value}" for value in values.split(",")) + ")"


def compare(fields: list[Field], content: bytes, told: Any) -> Fields:
    """Fields that have a value in the document; `told` is what the card says of it, as JSON."""
    root, leaves, tally = _without_namespaces(content), _spaced(_leaves(told)), Fields()
    for number, name, path in fields:
        try:
            elements = root.xpath(path)
        except etree.XPathError:
            tally.broken += 1
            continue
        values = [value for element in elements for value in _values(element)]
        missing = [value for value in values if not _is_told(value, leaves)]
        tally.given_back += bool(values) and not missing
        tally.lacking += [f"{number} {name}: {missing[0]!r}"] if missing else []
    return tally


def _without_namespaces(content: bytes) -> Any:
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, remove_comments=True, remove_pis=True))
    for element in root.iter():
        element.tag = etree.QName(element).localname
    return root.getroottree()


def _values(element: Any) -> Iterator[str]:
    """What an element says itself: words of a code, a value, an id, the ends of a span, a text."""
    own = next((element.get(name) for name in ("displayName", "value", "extension", "root") if element.get(name)), None)
    spoken = " ".join((element.text or "").split())
    bounds = (element.find(end) for end in ("low", "high"))
    said = (own, spoken, *(end.get("value") for end in bounds if end is not None))
    return (value for value in said if value and value not in _UNSAID)


def _leaves(told: Any) -> Iterator[str]:
    if isinstance(told, dict | list):
        for inner in told.values() if isinstance(told, dict) else told:
            yield from _leaves(inner)
    elif told is not None:
        yield str(told)


def _spaced(leaves: Iterator[str]) -> str:
    return " \n ".join(" ".join(leaf.split()) for leaf in leaves)


def _is_told(value: str, leaves: str) -> bool:
    """As a word of its own; a time also with the marks of ISO 8601."""
    spellings = {value, value.replace(".", ",")} | set(_moments(value))
    return any(re.search(rf"(?<![\w.]){re.escape(one)}(?!\w)", leaves) for one in spellings)


def _moments(value: str) -> Iterator[str]:
    if found := _TIME.fullmatch(value):
        year, month, day, hour, minute, _second = found.groups()
        yield "-".join(filter(None, (year, month, day))) + (f"T{hour}:{minute}" if minute else "")
