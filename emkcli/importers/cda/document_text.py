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
    texts = ((part, "\n".join(_lines(part))) for part in parts)
    return [models.Section(title=part.title, text=text) for part, text in texts if text]


def _lines(part: Part) -> Iterator[str]:
    """The narrative; after it what the entries say and it does not."""
    written = list(narrative(child(part.element, "text")))
    yield from written
    printed = " ".join(" ".join(written)[:COMPARED].split()).casefold()
    for entry in children(part.element, "entry"):
        for line, values in _statements(entry, 0):
            if not written or any(value.casefold() not in printed for value in values):
                yield line.strip() if written else line


def _statements(element: Element, depth: int) -> Iterator[tuple[str, list[str]]]:
    """Each statement as a line, with the words that make it worth telling; what it contains follows, indented."""
    if depth > DEEPEST:
        return
    for inner in element:
        if local(inner) in STATEMENTS:
            line, telling = _statement(inner)
            if line:
                yield "  " * min(depth, 6) + line, telling
            yield from _statements(inner, depth + (1 if line else 0))
        elif local(inner) in ("component", "entryRelationship", "entry", "reference"):
            yield from _statements(inner, depth)
        elif local(inner) == "externalDocument":
            names = [name for ident in children(inner, "id") if (name := identifier(ident))]
            if names:
                yield "  " * min(depth, 6) + ", ".join(names), names


def _statement(element: Element) -> tuple[str, list[str]]:
    if local(element) == "observationMedia":
        caption = media(child(element, "value"))
        return caption, [caption]
    code, text = code_of(element), _own(child(element, "text"))
    if code.code == "LINKDOCS":
        return "", []
    name, value = code.name, None
    if local(element) == "observation":
        value = value_of(element).whole
        name = name or (code.code if value and not code.is_field else None)
    elif local(element) == "substanceAdministration":
        name, value = code.name or drug(element), dose(element)
    parts = (_printed(element, value), *_original(element), prose(text), *_participants(element))
    content = "; ".join(dict.fromkeys(part for part in parts if part))
    moment = time_of(element)
    time = (moment.iso or moment.written) if content or name else None
    line = ": ".join(filter(None, (name, content)))
    line = f"{line} ({time})" if time else line
    line = f"{line} — отрицается" if line and denied(element) else line
    return line, [part for part in _telling(element, code, value, words(text)) if part]


def _own(text: Element | None) -> Element | None:
    """None for words that stand in the narrative, where a reference leads."""
    return None if child(text, "reference") is not None else text


def _printed(element: Element, value: str | None) -> str | None:
    """A value that is a text keeps its paragraphs."""
    own = child(element, "value")
    return prose(own) if value and own is not None and value == words(own) else value


def _original(element: Element) -> Iterator[str]:
    """What the physician wrote where the code says it in other words."""
    for value in children(element, "value"):
        written = words(_own(child(value, "originalText")))
        if written and written not in ("-", get(value, "displayName")):
            yield written


def _telling(element: Element, code: Code, value: str | None, spoken: str | None) -> Iterator[str | None]:
    """Values in words, services and places; numbers and codes stand in the tables in their own way."""
    if any(words(sent) or (code.is_field and get(sent, "displayName")) for sent in children(element, "value")):
        yield value
    yield from _original(element)
    yield spoken
    if local(element) in ("act", "procedure") and not code.is_field:
        yield code.name
    yield from _places(element)


def _participants(element: Element) -> Iterator[str | None]:
    """Who did it, and what caused or was used."""
    for name in children(element, "performer", "assignedEntity", "assignedPerson", "name"):
        yield full_name(name)
    for entity in children(element, "participant", "participantRole", "playingEntity"):
        yield code_of(entity).name or words(child(entity, "name")) or words(child(entity, "desc"))
    for entity in children(element, "participant", "participantRole", "scopingEntity"):
        yield words(child(entity, "desc"))
    yield from _places(element)


def _places(element: Element) -> Iterator[str | None]:
    """Where it was done or is to be done."""
    for name in children(element, "performer", "assignedEntity", "representedOrganization", "name"):
        yield words(name)
