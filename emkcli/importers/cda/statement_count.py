"""How many clinical statements and sections with text the bytes of a document hold: counted as its elements come by, without
the reader, so that what the reader forgets shows itself.

A statement is what stands in an `entry`, and with a code or a value what stands in an `entryRelationship` or a `component`
inside of it (HL7 CDA R2, clinical statement model); elements that CDA does not know count as well, and so does what has no
place in a section or in the body and stands there without an `entry` around it.
"""

from __future__ import annotations

import codecs
from collections import Counter
from functools import lru_cache
from xml.parsers import expat

_ABOUT_THE_LINK = frozenset(
    {"realmCode", "typeId", "templateId", "sequenceNumber", "seperatableInd", "separatableInd", "priorityNumber"}
)
_HOLDERS = frozenset({"entry", "entryRelationship", "component"})
_FRAMES = frozenset({"structuredBody", "section", "component"})
_OF_FRAMES = _ABOUT_THE_LINK | {
    *("id", "code", "title", "text", "confidentialityCode", "languageCode", "subject", "author", "informant"),
    *("entry", "section", "component"),
}
_STRAY = "*"
"""What is around what a statement without an `entry` holds; no element has this name."""
_OPENING = frozenset({"entry", _STRAY})
_TOLD_BY = frozenset({"code", "value"})
_TEXTS = frozenset({"section", "nonXMLBody"})
_BODIES = ("structuredBody", "nonXMLBody")
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
        return +count.found
    return Counter()


@lru_cache(maxsize=1000)
def _local(prefixed: str) -> str:
    return prefixed.rpartition(":")[2][:_LONGEST]


class _Count:
    """The names around the element that comes, from the body on: a statement may wait for its code or value."""

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()
        self._around = [""]
        self._waiting = [False]
        self._entries = 0
        self._depth = 0

    def of(self, content: bytes, encoding: str | None) -> None:
        self._parser = expat.ParserCreate(encoding)
        self._parser.ordered_attributes = True  # nobody asks for them, and a list is made sooner
        self._parser.StartElementHandler = self._head
        self._parser.Parse(content, True)

    def _head(self, prefixed: str, attributes: object) -> None:
        if prefixed.endswith(_BODIES):
            self._parser.StartElementHandler = self._start
            self._parser.EndElementHandler = self._end
            self._start(prefixed, attributes)

    def _start(self, prefixed: str, _attributes: object) -> None:
        name, parent, waits = _local(prefixed), self._around[-1], False
        if self._entries and parent in _HOLDERS:
            waits = name not in _ABOUT_THE_LINK and parent != "entry"
            self.found[name] += parent == "entry" and name not in _ABOUT_THE_LINK
        elif self._waiting[-1] and name in _TOLD_BY:
            self.found[parent] += 1
            self._waiting[-1] = False
        elif name == "text" and parent in _TEXTS:
            self._parser.CharacterDataHandler = self._text
            self._parser.StartElementHandler, self._parser.EndElementHandler = self._deeper, self._shallower
        elif parent in _FRAMES and name not in _OF_FRAMES and not self._entries:
            self.found[name] += 1
            name = _STRAY
        self._around.append(name)
        self._waiting.append(waits)
        self._entries += name in _OPENING

    def _deeper(self, _prefixed: str, _attributes: object) -> None:
        """Into a table of the text: no statement is there."""
        self._depth += 1

    def _shallower(self, prefixed: str) -> None:
        if self._depth:
            self._depth -= 1
            return
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, self._end
        self._end(prefixed)

    def _text(self, letters: str) -> None:
        if letters.strip():
            holder = next(name for name in reversed(self._around) if name in _TEXTS)
            self.found[holder] += 1
            self._parser.CharacterDataHandler = None

    def _end(self, _prefixed: str) -> None:
        if len(self._around) == 1:
            return
        name = self._around.pop()
        self._waiting.pop()
        self._entries -= name in _OPENING
        if name == "text" and self._around[-1] in _TEXTS:
            self._parser.CharacterDataHandler = None
