"""The document as text, section by section: the narrative, and after it what only the entries say."""

from __future__ import annotations

from collections.abc import Iterator

from emkcli import models
from emkcli.importers.cda.document_body import Part, denied
from emkcli.importers.cda.document_header import full_name
from emkcli.importers.cda.narrative import media, narrative, prose
from emkcli.importers.cda.prescriptions import dose
from emkcli.importers.cda.times import time_of
from emkcli.importers.cda.tree import Code, Element, child, children, code_of, get, identifier, local, words
from emkcli.importers.cda.values import drug, value_of

STATEMENTS = frozenset(
    {
        "observation",
        "act",
        "organizer",
        "procedure",
        "encounter",
        "substanceAdministration",
        "supply",
        "observationMedia",
    }
)
COMPARED = 200_000
"""How much of a narrative is searched for what the entries say; nobody writes so much."""
DEEPEST = 60
"""Statements inside statements; nobody reads further in."""


def sections(parts: list[Part]) -> list[models.Section]:
    """One per section with something to read, nested ones on their own."""
    found = ((part, "\n".join(_lines(part))) for part in parts)
    return [models.Section(title=part.title, text=text) for part, text in found if text]


def _lines(part: Part) -> Iterator[str]:
    """The narrative; after it what the entries say and it does not."""
    written = list(narrative(child(part.element, "text")))
    yield from written
    said = " ".join(" ".join(written).split()).casefold()[:COMPARED]
    for entry in children(part.element, "entry"):
        for line, values in _statements(entry, 0):
            if not written or any(value.casefold() not in said for value in values):
                yield line.strip() if written else line


def _statements(element: Element, depth: int) -> Iterator[tuple[str, list[str]]]:
    """Each statement as a line, with the words that make it worth telling; what it contains follows, indented."""
    if depth > DEEPEST:
        return
    for one in element:
        if local(one) in STATEMENTS:
            line, telling = _statement(one)
            if line:
                yield "  " * min(depth, 6) + line, telling
            yield from _statements(one, depth + (1 if line else 0))
        elif local(one) in ("component", "entryRelationship", "entry", "reference"):
            yield from _statements(one, depth)
        elif local(one) == "externalDocument":
            names = [known for ident in children(one, "id") if (known := identifier(ident))]
            if names:
                yield "  " * min(depth, 6) + ", ".join(names), names


def _statement(element: Element) -> tuple[str, list[str]]:
    if local(element) == "observationMedia":
        shown = media(child(element, "value"))
        return shown, [shown]
    code, text = code_of(element), _own(child(element, "text"))
    if code.code == "LINKDOCS":
        return "", []
    name, value = code.name, None
    if local(element) == "observation":
        value = value_of(element).whole
        name = name or (code.code if value and not code.is_field else None)
    elif local(element) == "substanceAdministration":
        name, value = code.name or drug(element), dose(element)
    said = (_printed(element, value), *_original(element), prose(text), *_participants(element))
    told = "; ".join(dict.fromkeys(one for one in said if one))
    found = time_of(element)
    time = (found.iso or found.written) if told or name else None
    line = ": ".join(filter(None, (name, told)))
    line = f"{line} ({time})" if time else line
    line = f"{line} — отрицается" if line and denied(element) else line
    return line, [one for one in _telling(element, code, value, words(text)) if one]


def _own(text: Element | None) -> Element | None:
    """None for words that stand in the narrative, where a reference leads."""
    return None if child(text, "reference") is not None else text


def _printed(element: Element, value: str | None) -> str | None:
    """A value that is a text keeps its paragraphs."""
    own = child(element, "value")
    return prose(own) if value and own is not None and value == words(own) else value


def _original(element: Element) -> Iterator[str]:
    """What the physician wrote where the code says it in other words."""
    for one in children(element, "value"):
        written = words(_own(child(one, "originalText")))
        if written and written not in ("-", get(one, "displayName")):
            yield written


def _telling(element: Element, code: Code, value: str | None, spoken: str | None) -> Iterator[str | None]:
    """Values in words, services and places; numbers and codes stand in the tables in their own way."""
    if any(words(one) or (code.is_field and get(one, "displayName")) for one in children(element, "value")):
        yield value
    yield from _original(element)
    yield spoken
    if local(element) in ("act", "procedure") and not code.is_field:
        yield code.name
    yield from _places(element)


def _participants(element: Element) -> Iterator[str | None]:
    """Who did it, and what caused or was used."""
    for one in children(element, "performer", "assignedEntity", "assignedPerson", "name"):
        yield full_name(one)
    for one in children(element, "participant", "participantRole", "playingEntity"):
        yield code_of(one).name or words(child(one, "name")) or words(child(one, "desc"))
    for one in children(element, "participant", "participantRole", "scopingEntity"):
        yield words(child(one, "desc"))
    yield from _places(element)


def _places(element: Element) -> Iterator[str | None]:
    """Where it was done or is to be done."""
    for one in children(element, "performer", "assignedEntity", "representedOrganization", "name"):
        yield words(one)
