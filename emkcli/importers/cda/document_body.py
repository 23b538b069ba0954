"""The sections of a document and the scene its records are read in; sections are told by their codes at any depth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from emkcli import models
from emkcli.clinical.status import WITHDRAWN
from emkcli.importers.cda.document_header import Header, doctor
from emkcli.importers.cda.times import Moment, first, iso, time_of
from emkcli.importers.cda.tree import Code, Element, H, child, children, code_of, get, words
from emkcli.importers.cda.values import entry_value

OTHERS = frozenset({"NBINFO", "MOTHINFO", "MOTHORNBINFO", "FETUSINFO", "DONORINFO", "GENETICD", "FAMILY", "LINKDOCS"})
"""Sections about a child, a mother, a donor, relatives or another document: nothing in them is a result of the patient."""
READ = tuple(
    H + name for name in ("observation", "act", "substanceAdministration", "encounter", "procedure", "specimenRole")
)
"""The elements that records are read from."""
PLANNED = frozenset({"RQO", "INT", "PRMS", "PRP", "ARQ", "APT", "GOL", "RSK"})
"""Moods of what was ordered, intended, aimed at or may come."""
_AROUND = tuple(
    H + name for name in ("observation", "act", "organizer", "procedure", "encounter", "substanceAdministration")
)
"""What is negated with everything inside it."""
_RELATIVES = re.compile(r"наследствен|семейн\w* анамнез|отягощённ|отягощенн", re.IGNORECASE)
"""How sections are titled that are about relatives, whatever their code is: a test of heredity is one's own."""
_RESULTS = "RESLAB"


@dataclass(frozen=True)
class Part:
    """One section; `foreign` when it, or one around it, is about somebody or something else."""

    element: Element
    kind: Code
    foreign: bool

    @property
    def title(self) -> str | None:
        return words(child(self.element, "title")) or self.kind.name or self.kind.code

    def all(self, *names: str) -> Iterator[Element]:
        """Elements of those names in the section's own entries, as far as they are about the patient."""
        wanted = {H + name for name in names}
        return (element for element in self._own if element.tag in wanted)

    @cached_property
    def _own(self) -> list[Element]:
        return [element for entry in children(self.element, "entry") for element in _about_patient(entry)]


def parts_of(root: Element) -> list[Part]:
    """Every section of the body, in its order, or a body without sections; what is inside a foreign one is foreign too."""
    parts: dict[Element, Part] = {}
    for section in root.iter(f"{H}section", f"{H}nonXMLBody"):
        kind, around = code_of(section), next(section.iterancestors(f"{H}section"), None)
        title = f"{words(child(section, 'title')) or ''} {kind.name or ''}"
        relatives = kind.code != _RESULTS and _RELATIVES.search(title)
        foreign = kind.code in OTHERS or child(section, "subject") is not None or bool(relatives)
        parts[section] = Part(section, kind, foreign or (around is not None and parts[around].foreign))
    return list(parts.values())


def _about_patient(entry: Element) -> list[Element]:
    """What is in an entry: a `subject` means a relative or a newborn, an act of linked documents another document, for
    everything inside."""
    elements = list(entry.iter(*READ))
    foreign = {element.getparent() for element in entry.iter(f"{H}subject")}
    foreign |= {element for element in elements if element.tag == f"{H}act" and code_of(element).code == "LINKDOCS"}
    if not foreign:
        return elements
    return [element for element in elements if element not in foreign and foreign.isdisjoint(element.iterancestors())]


@dataclass(frozen=True)
class Around:
    """What an element says for everything inside it, looked up once however much that is."""

    element: Element

    @cached_property
    def time(self) -> Moment:
        return time_of(self.element)

    @cached_property
    def end(self) -> str | None:
        ends = (child(high, "high") for high in children(self.element, "effectiveTime"))
        return next((end for high in ends if (end := iso(get(high, "value")))), None)

    @cached_property
    def code(self) -> Code:
        return code_of(self.element)

    @cached_property
    def doctor(self) -> models.DoctorRef | None:
        for path in (("performer", "assignedEntity"), ("author", "assignedAuthor")):
            if person := next(filter(None, map(doctor, children(self.element, *path))), None):
                return person
        return None


@dataclass(frozen=True)
class Scene:
    """What every record of the document shares."""

    name: str
    header: Header
    parts: list[Part]
    source: models.FileSource

    def sections(self, *codes: str) -> Iterator[Part]:
        """The patient's sections with one of the codes, or all."""
        return (part for part in self.parts if not part.foreign and (not codes or part.kind.code in codes))

    def around(self, element: Element, *names: str) -> Iterator[Around]:
        """The elements of those names around one, from the inside out."""
        for outer in element.iterancestors(*(H + name for name in names)):
            yield self._around.setdefault(outer, Around(outer))

    @cached_property
    def _around(self) -> dict[Element, Around]:
        return {}

    def when(self, *own: Moment, name: str = "date") -> dict[str, Any]:
        """The fields of a record's time: its own, else the event's or the document's."""
        time = first((*own, self.header.event_time, self.header.time))
        return {name: time.iso, f"{name}_text": time.written}

    def ident(self, kind: str, number: int, statement: Element | None = None) -> str:
        """The id of a record inside the document, and that of the statement it is read from: that is taken then."""
        if statement is not None:
            self.taken.add(statement)
        return f"{self.name}#{kind}{number}"

    @cached_property
    def taken(self) -> set[Element]:
        """Statements that have a record of their own."""
        return set()

    def fields(self, *codes: str) -> list[str]:
        """What the coded fields say, in the order of the document."""
        return [text for element in self.field_elements(*codes) if (text := entry_value(element))]

    def field_elements(self, *codes: str) -> Iterator[Element]:
        return (element for element, code in self.coded_fields if code.code in codes)

    @cached_property
    def coded_fields(self) -> list[tuple[Element, Code]]:
        """The patient's statements under a code of the dictionary of fields."""
        elements = (
            (element, code_of(element)) for part in self.sections() for element in part.all("observation", "act")
        )
        return [(element, code) for element, code in elements if code.is_field]


def planned(element: Element) -> bool:
    """Whether it, or what it is part of, was ordered or intended only."""
    around = (element, *element.iterancestors(f"{H}organizer", f"{H}act", f"{H}substanceAdministration"))
    return any(get(act, "moodCode") in PLANNED for act in around)


def negates(element: Element) -> bool:
    """Whether it says itself that something is *not* so."""
    return get(element, "negationInd") in ("true", "1")


@lru_cache(maxsize=10_000)
def denied(element: Element) -> bool:
    """Whether it, or what it is part of, says that."""
    outer = next(element.iterancestors(*_AROUND), None)
    return negates(element) or (outer is not None and denied(outer))


@lru_cache(maxsize=10_000)
def withdrawn(element: Element) -> str | None:
    """The status by which it, or what it is part of, was taken back (HL7 v3 ActStatus)."""
    status = get(child(element, "statusCode"), "code")
    if status in WITHDRAWN:
        return status
    outer = next(element.iterancestors(*_AROUND), None)
    return None if outer is None else withdrawn(outer)


def forget() -> None:
    """What was asked of the statements of a document again and again, once it is read."""
    for asked in (code_of, denied, withdrawn):
        asked.cache_clear()


def doctor_of(element: Element, scene: Scene) -> models.DoctorRef | None:
    """Who performed it: told beside it or around it, else the author of the document."""
    doctors = (outer.doctor for outer in (Around(element), *scene.around(element, "organizer")))
    return next(filter(None, doctors), scene.header.author)
