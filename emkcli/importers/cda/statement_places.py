"""In which place of the card each statement of a document is: a place is told by what the card says, not by who read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from emkcli import models
from emkcli.importers.cda import printed_value
from emkcli.importers.cda.document_body import Part
from emkcli.importers.cda.document_text import STATEMENTS, DocumentText, Line, line_of
from emkcli.importers.cda.lab_table import has_unread_table, table_rows
from emkcli.importers.cda.labs import RESULTS
from emkcli.importers.cda.tree import TYPE, Element, H, children, code_of, local
from emkcli.importers.cda.values import Value, value
from emkcli.importers.cda.word_index import has_number, tokens
from emkcli.locale import _
from emkcli.models.content_account import Place, Placed, Placements

_HOLDERS = ("{*}entry", "{*}entryRelationship", "{*}component")
_ABOUT_THE_LINK = frozenset(
    {"realmCode", "typeId", "templateId", "sequenceNumber", "seperatableInd", "separatableInd", "priorityNumber"}
)
_KNOWN = frozenset(H + name for name in STATEMENTS)
_NAMED = 3
"""How many of the unread are named."""


@dataclass(frozen=True)
class RecordWords:
    """What the records of a document say, and which statements they are read from."""

    taken: set[Element]
    records: Iterable[models.Model]

    def have(self, line: Line) -> bool:
        """Whether a statement belongs to a record, and what it says stands in one."""
        return self.belongs(line.statement) and self.say(line)

    def holds(self, section: Element) -> bool:
        """Whether something in it has a record."""
        return section in self._around

    def belongs(self, statement: Element) -> bool:
        """It has a record, or is part of what has one, or holds what has one."""
        return statement in self._around or not self.taken.isdisjoint((statement, *statement.iterancestors()))

    def say(self, line: Line) -> bool:
        return all(tokens(words) <= self._words for words in line.values or filter(None, [line.name]))

    def have_value(self, printed: str) -> bool:
        """Whether a value stands in a record, as a number also with other zeros; words are printed shortened."""
        sought = tokens(printed)
        return not has_number(sought) or sought <= self._words or Value(printed).number in self._numbers

    @cached_property
    def _numbers(self) -> set[float | None]:
        return {Value(word).number for word in self._words if word[0].isdigit()} - {None}

    @cached_property
    def _around(self) -> set[Element]:
        return {outer for statement in self.taken for outer in statement.iterancestors()}

    @cached_property
    def _words(self) -> set[str]:
        texts = {text for record in self.records for text in _texts(record.to_builtins())}  # clinic and source repeat
        return tokens(" ".join(texts))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


@dataclass
class StatementPlaces:
    """The places, once the text is put together; `unread` is what has none."""

    records: RecordWords
    text: DocumentText
    unread: dict[str, list[str]] = field(default_factory=dict)

    def of(self, parts: list[Part]) -> Placements:
        """Of every statement, and every section with text."""
        placements: Counter[Placed] = Counter()
        for part in parts:
            if part.element in self.text.written:
                placements[Placed(local(part.element), self._section(part))] += 1
            for entry in children(part.element, "entry"):
                for statement in _inside(entry):
                    placements[Placed(local(statement)[:64], self._place(statement, part))] += 1
        return placements

    def _place(self, statement: Element, part: Part) -> Place:
        line = self.text.lines.get(statement) or line_of(statement)
        place = None if _is_garbled(statement) else self._shown(line)
        if place is None:
            self._note(line, part)
        return place or "unread"

    def _section(self, part: Part) -> Place:
        """Results that stand in a table which is not understood are no results: that must be said."""
        if part.kind.code == RESULTS and not part.foreign and self._lacks_results(part.element):
            self.unread["section"] = [part.kind.name or RESULTS]
            return "unread"
        return "records" if part.element in self.records.taken else "text"

    def _lacks_results(self, section: Element) -> bool:
        """A table that is not understood, or beside the entries one with a result that they do not have."""
        if not self.records.holds(section) and has_unread_table(section):
            return True
        printed = (printed_value.read(cells["value"]).text for _panel, cells in table_rows(section))
        return not all(map(self.records.have_value, printed))

    def _shown(self, line: Line) -> Place | None:
        """A list that says it, before the text; a frame that says nothing of its own is where what is in it is."""
        says_something = bool(line.values or line.name)
        if says_something and self.records.have(line):
            return "records"
        if line.statement in self.text.told:
            return "text"
        if line.statement.tag not in _KNOWN:
            return None
        if not says_something:
            return "records" if self.records.belongs(line.statement) else "supporting"
        return "records" if self.records.say(line) else None

    def _note(self, line: Line, part: Part) -> None:
        named = self.unread.setdefault(local(line.statement)[:64], [])
        if len(named) < _NAMED:
            code = code_of(line.statement).code  # titles and names may name people
            named.append(" / ".join(filter(None, (part.kind.name or part.kind.code, code))) or "?")

    def reasons(self) -> dict[str, str]:
        """Where those of each kind stand that are unread."""
        printed = _("a table in {sections} is not understood: its results are in no list, its text is in the document")
        unknown = _("emk does not know this in {sections}")
        return {
            kind: (printed if kind == "section" else unknown).format(sections="; ".join(dict.fromkeys(named)))
            for kind, named in self.unread.items()
        }


def _inside(entry: Element) -> Iterator[Element]:
    """What HL7 calls a clinical statement, in its order."""
    holders = set(entry.iter(*_HOLDERS))
    for element in entry.iterdescendants():
        parent = element.getparent()
        if parent not in holders or local(element) in _ABOUT_THE_LINK:
            continue
        if parent is entry or any(local(inner) in ("code", "value") for inner in element):
            yield element


def _is_garbled(statement: Element) -> bool:
    """Whether it has a value of which nothing can be shown."""
    return any(
        sent.get("nullFlavor") is None and value(sent).text is None and (len(sent) or sent.keys() not in ([], [TYPE]))
        for sent in statement.iterchildren(f"{H}value")
        if local(statement) != "observationMedia"
    )
