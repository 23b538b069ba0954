"""How many clinical statements and sections with text the bytes of a document hold: counted as its elements come by, without
the reader, so that what the reader forgets shows itself.

A statement is what stands in an `entry`, and with a code or a value what stands in an `entryRelationship` or a `component`
inside of it (HL7 CDA R2, clinical statement model); elements that CDA does not know count as well.
"""

from __future__ import annotations

import codecs
from collections import Counter
from xml.parsers import expat

_ABOUT_THE_LINK = frozenset(
    {"realmCode", "typeId", "templateId", "sequenceNumber", "seperatableInd", "separatableInd", "priorityNumber"}
)
_HOLDERS = frozenset({"entry", "entryRelationship", "component"})
_TOLD_BY = frozenset({"code", "value"})
_TEXTS = frozenset({"section", "nonXMLBody"})
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<")
_LONGEST = 64
"""Letters of a name that are kept."""


def counted(content: bytes) -> Counter[str]:
    """By the name of the element; nothing of what is no XML."""
    encodings = (None,) if content.startswith(_WIDE) else ("utf-8", "iso-8859-1")  # names need no other letters
    for encoding in encodings:
        count = _Count()
        try:
            count.of(content.strip(b" \t\r\n\0") if encoding else content, encoding)
        except expat.ExpatError:
            continue
        return count.found
    return Counter()


class _Count:
    """The names around the element that comes; a name is kept with whether it is a statement that has not been counted."""

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()
        self._around: list[str] = []
        self._waiting: list[bool] = []
        self._entries = 0

    def of(self, content: bytes, encoding: str | None) -> None:
        self._parser = expat.ParserCreate(encoding)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.Parse(content, True)

    def _start(self, prefixed: str, _attributes: dict[str, str]) -> None:
        name = prefixed.rpartition(":")[2][:_LONGEST]
        parent = self._around[-1] if self._around else ""
        is_statement = bool(self._entries) and parent in _HOLDERS and name not in _ABOUT_THE_LINK
        if is_statement and parent == "entry":
            self.found[name] += 1
        elif name in _TOLD_BY and self._waiting[-1:] == [True]:
            self.found[parent] += 1
            self._waiting[-1] = False
        elif name == "text" and parent in _TEXTS:
            self._parser.CharacterDataHandler = self._text
        self._around.append(name)
        self._waiting.append(is_statement and parent != "entry")
        self._entries += name == "entry"

    def _text(self, letters: str) -> None:
        if letters.strip():
            depth = max(place for place, name in enumerate(self._around) if name in _TEXTS)
            self.found[self._around[depth]] += 1
            self._parser.CharacterDataHandler = None

    def _end(self, _prefixed: str) -> None:
        name = self._around.pop()
        self._waiting.pop()
        self._entries -= name == "entry"
        if name == "text" and self._around[-1:] and self._around[-1] in _TEXTS:
            self._parser.CharacterDataHandler = None
