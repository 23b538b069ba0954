"""The document as text, section by section: the narrative, and after it what only the entries say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from emkcli import models
from emkcli.importers.cda.document_body import PLANNED, Part, denied, withdrawn
from emkcli.importers.cda.document_header import full_name
from emkcli.importers.cda.document_parties import subject
from emkcli.importers.cda.narrative import media, narrative, prose
from emkcli.importers.cda.prescriptions import dose, instructions
from emkcli.importers.cda.times import iso, span_of
from emkcli.importers.cda.tree import (
    Code,
    Element,
    H,
    child,
    children,
    code_of,
    coded,
    get,
    identifier,
    local,
    other_codes,
    words,
)
from emkcli.importers.cda.values import drug, material, value_of
from emkcli.importers.cda.values import value as quantity
from emkcli.importers.cda.word_index import WordIndex

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
        "regionOfInterest",
    }
)
_QUANTITIES = {"repeatNumber": "повторов", "rateQuantity": "скорость", "quantity": "количество"}
_MOODS = {"GOL": "цель", "RSK": "риск"}
"""What is no order among what is planned."""
COMPARED = 200_000
"""How much of a narrative is searched for what the entries say; nobody writes so much."""
_TAGS = tuple(H + name for name in sorted(STATEMENTS))
_PARTICIPANTS = frozenset(H + name for name in ("subject", "performer", "participant"))
_CODED = ("methodCode", "priorityCode", "approachSiteCode", "targetSiteCode")
_ATTRIBUTES = frozenset(H + name for name in (*_CODED, *_QUANTITIES, "consumable"))
DEEPEST = 60
"""Statements inside statements; nobody reads further in."""


class Line(NamedTuple):
    """A statement as a line of text; `telling` are its words that the narrative must have, so that it need not be printed;
    `values` what it says of `name`; `span` when that began and ended."""

    statement: Element
    text: str = ""
    telling: tuple[str, ...] = ()
    name: str | None = None
    values: tuple[str, ...] = ()
    span: tuple[str | None, str | None] = (None, None)


@dataclass
class DocumentText:
    """The text of a document while it is put together. What has a record need not be printed beside a narrative.

    `written` are the sections that have a narrative, `lines` what the statements say, and `told` those whose words stand in
    the text.
    """

    has_record: Callable[[Line], bool]
    written: set[Element] = field(default_factory=set)
    lines: dict[Element, Line] = field(default_factory=dict)
    told: set[Element] = field(default_factory=set)

    def sections(self, parts: list[Part]) -> list[models.Section]:
        """One per section with something to read, nested ones on their own."""
        texts = ((part, "\n".join(self._lines(part))) for part in parts)
        return [models.Section(title=part.title, text=text) for part, text in texts if text]

    def facts(self, parts: list[Part]) -> Iterator[models.Fact]:
        """What the statements say, once the text is put together."""
        for part in parts:
            for statement in (inner for entry in children(part.element, "entry") for inner in entry.iter(*_TAGS)):
                line = self.lines.get(statement)
                if line and (line.name or line.values):
                    yield _fact(line, part.kind.name or part.title)

    def _lines(self, part: Part) -> Iterator[str]:
        """The narrative; after it what the entries say and it does not."""
        written = list(narrative(child(part.element, "text")))
        yield from written
        yield from filter(None, [_whose(part.element)])
        lines = (line for entry in children(part.element, "entry") for line in self._statements(entry))
        if written:
            self.written.add(part.element)
            yield from self._beside(written, lines)
        else:
            yield from self._instead(lines)

    def _instead(self, lines: Iterable[Line]) -> Iterator[str]:
        for line in lines:
            self.told.add(line.statement)
            yield line.text

    def _beside(self, written: list[str], lines: Iterable[Line]) -> Iterator[str]:
        """What the narrative does not say, each once."""
        said, printed = _Narrative(written), set[str]()
        for line in lines:
            is_lacking = denied(line.statement) or bool(withdrawn(line.statement)) or said.lacks(line)
            is_said = not is_lacking and said.says(line)
            if is_said or is_lacking or not self.has_record(line):
                self.told.add(line.statement)
            if line.statement in self.told and not is_said and line.text.strip() not in printed:
                printed.add(line.text.strip())
                yield line.text.strip()

    def _statements(self, element: Element, depth: int = 0) -> Iterator[Line]:
        """Each statement that says something; what it contains follows, indented."""
        if depth > DEEPEST:
            return
        for inner in element:
            name = local(inner)
            if name in STATEMENTS:
                line = self.lines[inner] = line_of(inner)
                if line.text:
                    yield line._replace(text="  " * min(depth, 6) + line.text)
                yield from self._statements(inner, depth + (1 if line.text else 0))
            elif name in ("component", "entryRelationship", "entry", "reference"):
                yield from self._statements(inner, depth)
            elif name == "externalDocument":
                idents = map(identifier, children(inner, "id"))
                names = tuple(filter(None, (*idents, words(child(inner, "text")))))
                if names:
                    yield Line(inner, "  " * min(depth, 6) + ", ".join(names), names, values=names)


class _Narrative:
    """What people read of a section, searched for what its entries say."""

    def __init__(self, written: list[str]) -> None:
        self._written = written

    @cached_property
    def _printed(self) -> str:
        return " ".join(" ".join(self._written)[:COMPARED].split()).casefold()

    @cached_property
    def _words(self) -> WordIndex:
        return WordIndex(self._written)

    def lacks(self, line: Line) -> bool:
        """Whether words of it are missing for sure."""
        return any(value.casefold() not in self._printed for value in line.telling)

    def says(self, line: Line) -> bool:
        """Whether its values stand there, a number beside its name."""
        return all(self._words.says(value, line.name) for value in line.values or filter(None, [line.name]))


def line_of(element: Element) -> Line:
    """What a statement says; nothing of what links a document, or only holds others together."""
    if local(element) == "observationMedia":
        caption = media(child(element, "value"))
        return Line(element, caption, (caption,), values=(caption,) if caption else (), span=span_of(element))
    code, text = code_of(element), _own(child(element, "text"))
    if code.code == "LINKDOCS":
        return Line(element)
    name, value, sent = code.name, None, list(children(element, "value"))
    if local(element) == "substanceAdministration":
        name, value = code.name or drug(element), _taken(element)
    elif sent or local(element) == "observation":
        value = value_of(element).whole
        name = name or (code.code if value and not code.is_field else None)
    originals, inside = tuple(_original(sent)), {inner.tag for inner in element}
    people, places = (
        ((), ()) if _PARTICIPANTS.isdisjoint(inside) else (tuple(_participants(element)), tuple(_places(element)))
    )
    attributes = () if _ATTRIBUTES.isdisjoint(inside) else tuple(_attributes(element))
    values = (_printed(sent, value), *originals, *_other_codes(element), prose(text), *attributes)
    parts = dict.fromkeys(part for part in (*values, *people, *places) if part)
    content = "; ".join(parts)
    line = ": ".join(filter(None, (name, content)))
    span = span_of(element)
    time = " – ".join(filter(None, span)) if line else None
    line = f"{line} ({time})" if time else line
    line = " — ".join(filter(None, (line, *_marks(element)))) if line else line
    telling = (value if _is_told(sent, code) else None, *originals, words(text), _service(element, code), *places)
    return Line(element, line, tuple(filter(None, telling)), name, tuple(filter(None, values)), span)


def _attributes(element: Element) -> Iterator[str]:
    """What a statement says beside its value, in the words of such documents."""
    for name in _CODED:
        yield from filter(None, (coded(sent).name for sent in children(element, name)))
    for name, word in _QUANTITIES.items():
        for sent in children(element, name):
            if written := quantity(sent).whole:
                yield f"{word} {written}"
    product = material(element)
    if lot := words(child(product, "lotNumberText")):
        yield f"серия {lot}"
    if expires := iso(get(child(product, "expirationTime"), "value")):
        yield f"годен до {expires}"


def _marks(element: Element) -> Iterator[str]:
    """What turns the meaning of a statement round: a narrative with its words alone does not say that."""
    if denied(element):
        yield "отрицается"
    if withdrawn(element):
        yield "отменено"
    mood = get(element, "moodCode")
    if mood in PLANNED and not any(get(outer, "moodCode") == mood for outer in element.iterancestors()):
        yield _MOODS.get(mood or "", "назначено")


def _fact(line: Line, section: str | None) -> models.Fact:
    code, (begin, end) = code_of(line.statement), line.span
    return models.Fact(
        section=section,
        id=identifier(child(line.statement, "id")),
        name=line.name,
        code=code.code,
        system=code.uri,
        values=list(line.values),
        date=begin,
        ends_at=end,
        negated=denied(line.statement),
    )


def _taken(element: Element) -> str | None:
    """In what form, how much and how."""
    form = coded(child(element, "administrationUnitCode")).name
    return "; ".join(dict.fromkeys(filter(None, (form, dose(element), instructions(element))))) or None


def _own(text: Element | None) -> Element | None:
    """None for words that stand in the narrative, where a reference leads."""
    return None if child(text, "reference") is not None else text


def _printed(sent: list[Element], value: str | None) -> str | None:
    """A value that is a text keeps its paragraphs."""
    return prose(sent[0]) if value and sent and value == words(sent[0]) else value


def _original(sent: list[Element]) -> Iterator[str]:
    """What the physician wrote where the code says it in other words."""
    for value in sent:
        written = words(_own(child(value, "originalText")))
        if written and written not in ("-", get(value, "displayName")):
            yield written


def _other_codes(element: Element) -> Iterator[str]:
    for main in element.iterchildren(f"{H}code", f"{H}value"):
        yield from (" ".join(filter(None, (other.code, other.name))) for other in other_codes(main))


def _is_told(sent: list[Element], code: Code) -> bool:
    """Whether its value is words; numbers and codes stand in the tables in their own way."""
    return any(words(value) or (code.is_field and get(value, "displayName")) for value in sent)


def _service(element: Element, code: Code) -> str | None:
    """What was done, of that which has a name of its own."""
    return code.name if local(element) in ("act", "procedure") and not code.is_field else None


def _whose(element: Element) -> str | None:
    """A child, a mother or a relative, where it is not the patient."""
    person = subject(element)
    return ", ".join(filter(None, (person.relation, person.name, person.sex, person.birth_date))) if person else None


def _participants(element: Element) -> Iterator[str | None]:
    """About whom it is, who did it, and what caused or was used."""
    yield _whose(element)
    for performer in children(element, "performer", "assignedEntity"):
        person = full_name(child(performer, "assignedPerson", "name"))
        yield ", ".join(filter(None, (person, code_of(performer).name))) if person else None
    for entity in children(element, "participant", "participantRole", "playingEntity"):
        yield code_of(entity).name or words(child(entity, "name")) or words(child(entity, "desc"))
    for device in children(element, "participant", "participantRole", "playingDevice"):
        yield code_of(device).name or words(child(device, "manufacturerModelName"))
    for entity in children(element, "participant", "participantRole", "scopingEntity"):
        yield words(child(entity, "desc"))


def _places(element: Element) -> Iterator[str | None]:
    """Where it was done or is to be done."""
    for name in children(element, "performer", "assignedEntity", "representedOrganization", "name"):
        yield words(name)
