"""The few ways the reader looks at the tree of a document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

H = "{urn:hl7-org:v3}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
MINZDRAV = "1.2.643.5.1.13.13."
FIELDS = frozenset(
    {f"{MINZDRAV}99.2.166", f"{MINZDRAV}11.1380", "1.2.643.5.1.13.2.1.1.1504.23", "1.2.643.5.1.13.2.1.1.1504.41"}
)
"""The dictionary of coded fields under its new and old numbers."""
Element = etree._Element
_MARKED = tuple(H + name for name in ("sup", "footnote", "content", "br"))
_POWER = re.compile(r"[+-]?\d+")


class Code(NamedTuple):
    """A coded element; `name` is what it says to a person."""

    code: str | None = None
    system: str | None = None
    name: str | None = None

    @property
    def uri(self) -> str | None:
        """The code system as FHIR names it."""
        return f"urn:oid:{self.system}" if self.system and re.fullmatch(r"[\d.]+", self.system) else self.system

    def of(self, *dictionaries: str) -> bool:
        return self.system is not None and self.system.removeprefix(MINZDRAV) in dictionaries

    @property
    def is_field(self) -> bool:
        return self.system in FIELDS


_NOTHING = Code()


def local(element: Element) -> str:
    """The name without its namespace; the elements of `identity`, `medService` and others are told by it."""
    return str(element.tag).rpartition("}")[2]


def child(element: Element | None, *path: str) -> Element | None:
    """The first element at a path of names."""
    for name in path:
        if element is None or not len(element):  # most that are asked are empty, which is seen at less cost
            return None
        element = next(element.iterchildren(H + name), None)
    return element


def children(element: Element | None, *path: str) -> Iterator[Element]:
    """Every element at a path of names."""
    if element is None or not len(element):
        return iter(())
    elements = element.iterchildren(H + path[0])
    return (
        elements if len(path) == 1 else (descendant for inner in elements for descendant in children(inner, *path[1:]))
    )


def named(element: Element | None, *names: str) -> Element | None:
    """The first descendant of that local name, whatever its namespace."""
    if element is None:
        return None
    return next((descendant for descendant in element.iter(*[f"{{*}}{name}" for name in names])), None)


def get(element: Element | None, name: str) -> str | None:
    """An attribute's text; an empty one is none."""
    value = element.get(name) if element is not None else None
    return str(value).strip() or None if value is not None else None


def words(element: Element | None) -> str | None:
    """The text inside with its white space folded: what a person reads; the file keeps the rest."""
    if element is None:
        return None
    return " ".join("".join(_texts(element)).split()) or None


def _texts(element: Element) -> Iterator[str]:
    if not len(element):
        yield str(element.text or "")
    elif next(element.iter(*_MARKED), None) is None:
        yield from map(str, element.itertext())
    else:
        for event, node in etree.iterwalk(element, events=("start", "end")):
            yield mark(node, event)
            yield str((node.text if event == "start" else node.tail if node is not element else None) or "")


def mark(node: Element, event: str) -> str:
    """What stands for the form of a piece of a narrative, where its text alone would say something else: a power, a
    footnote, what was struck out, a new line."""
    name = local(node)
    if name == "sup":
        return "" if event == "end" else "^" if _POWER.fullmatch(str(node.text or "")) else " "
    if name == "footnote":
        return " (" if event == "start" else ") "
    if get(node, "revised") == "delete":
        return " [зачёркнуто: " if event == "start" else "] "
    return " " if name == "br" else ""


@lru_cache(maxsize=10_000)
def code_of(element: Element | None) -> Code:
    """The first `code` of an element; it is asked for by every reader. Whoever is through with a document clears it."""
    return coded(child(element, "code"))


def coded(element: Element | None) -> Code:
    """An element with `code`, `codeSystem` and `displayName`; the original text where no name was sent."""
    if element is None:
        return _NOTHING
    code, name = get(element, "code"), get(element, "displayName")
    name = " ".join(name.split()) if name else words(child(element, "originalText"))
    if name is None and code is None:
        name = get(child(element, "translation"), "displayName")
    return Code(code, get(element, "codeSystem"), name)


def other_codes(element: Element) -> Iterator[Code]:
    """The translations that stand beside the code of an element and say something else."""
    own = coded(element) if len(element) else _NOTHING
    beside = map(coded, children(element, "translation"))
    return (other for other in beside if other.code and other.code != own.code and other.name != own.name)


def identifier(element: Element | None) -> str | None:
    """`root^extension` of an id, or its root."""
    root, extension = get(element, "root"), get(element, "extension")
    return "^".join(part for part in (root, extension) if part) or None
