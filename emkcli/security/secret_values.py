"""The secrets in force, recognised by value in every spelling: escaped, base64, hex, other case, split by anything."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from emkcli.security.secret_names import HIDDEN
from emkcli.security.text_views import View, views

PIECE = 12
"""Letters and digits by which a part of a long secret is recognised; fewer say too little to use and too much to hide."""
LONG = 20
"""From so many on a secret is recognised by its pieces, and not only as a whole."""
TELLING = 8
"""A value that is shorter is looked for as a word of its own: it stands inside other words by chance."""
SHORT = 4
"""A word of so many letters or fewer is not looked for across what divides words."""
ENCODED = 6
"""The shortest base64 that is looked for."""
_OPAQUE = re.compile(r"[!-?A-~]+")  # ASCII without spaces and @
_YO = str.maketrans("ёЁ", "еЕ")
Span = tuple[int, int]


@dataclass(frozen=True)
class _Letters:
    """The letters and digits of a view in lower case, and where each stands in the view."""

    view: View
    text: str
    places: list[int]

    @classmethod
    def of(cls, view: View) -> _Letters:
        places = [place for place, sign in enumerate(view.text) if sign.isalnum()]
        return cls(view, _lower("".join([view.text[place] for place in places])), places)

    def span(self, first: int, end: int) -> Span:
        """Where letters `first` to `end` stand in the original."""
        return self.view.starts[self.places[first]], self.view.ends[self.places[end - 1]]

    def is_word(self, first: int, end: int, *, whole: bool) -> bool:
        """Whether no letter adjoins them, and, with `whole`, nothing divides them."""
        places = self.places
        left = first == 0 or places[first] - places[first - 1] > 1
        right = end == len(places) or places[end] - places[end - 1] > 1
        return left and right and (not whole or places[end - 1] - places[first] == end - 1 - first)


@dataclass
class Needles:
    """What to look for: pieces of long secrets, whole values, words of their own, names with their endings, and values that
    are mostly punctuation as they are."""

    pieces: set[str] = field(default_factory=set)
    wholes: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    marks: set[str] = field(default_factory=set)

    def add_value(self, value: bytes) -> None:
        with suppress(UnicodeDecodeError):
            text = value.decode()
            if len(text) > 2 * len(letters(text)):
                self.marks.add(text)
            else:
                self._add(letters(text), long=_OPAQUE.fullmatch(text) is not None)
        for encoded in (*base64_cores(value), value.hex()):
            if len(encoded) >= ENCODED:
                self._add_encoded(encoded)

    def add_name(self, name: str) -> None:
        """A name in full, and each of its parts as a word; one of one or two letters in its own case only."""
        if len(letters(name)) >= TELLING:
            self.add_value(name.encode("utf-8", "replace"))
        for part in re.findall(r"[^\W\d_]+", name):
            self.names.add(_name_pattern(part.translate(_YO)))
            if len(part) > SHORT:
                self.add_value(part.encode("utf-8", "replace"))

    def _add(self, needle: str, *, long: bool) -> None:
        if long and len(needle) >= LONG:
            self.pieces.update(needle[first : first + PIECE] for first in range(len(needle) - PIECE + 1))
        elif len(needle) >= TELLING:
            self.wholes.add(needle)
        elif needle:
            self.words.add(needle)

    def _add_encoded(self, encoded: str) -> None:
        if len(encoded) >= LONG:
            self._add(encoded, long=True)
        else:
            self.wholes.add(encoded)

    def spans(self, text: str) -> list[Span]:
        """Where in `text` one of them stands."""
        return [span for view in views(text) for span in self._in_view(view)]

    def _in_view(self, view: View) -> Iterator[Span]:
        text = _Letters.of(view)
        for first, end in (*self._pieces_in(text.text), *self._wholes_in(text.text), *self._words_in(text)):
            yield text.span(first, end)
        for first, end in (*self._names_in(view.text), *self._marks_in(view.text)):
            yield view.starts[first], view.ends[end - 1]

    def _pieces_in(self, text: str) -> Iterator[Span]:
        if self.pieces:
            for first in range(len(text) - PIECE + 1):
                if text[first : first + PIECE] in self.pieces:
                    yield first, first + PIECE

    def _wholes_in(self, text: str) -> Iterator[Span]:
        for whole in self.wholes:
            yield from _occurrences(text, whole)

    def _words_in(self, text: _Letters) -> Iterator[Span]:
        for word in self.words:
            for first, end in _occurrences(text.text, word):
                if text.is_word(first, end, whole=word.isalpha() and len(word) <= SHORT):
                    yield first, end

    def _names_in(self, text: str) -> Iterator[Span]:
        if self.names:
            pattern = rf"(?<![^\W_])(?:{'|'.join(sorted(self.names))})(?![^\W_])"
            for name in re.finditer(pattern, text.translate(_YO)):
                yield name.span()

    def _marks_in(self, text: str) -> Iterator[Span]:
        for marks in self.marks:
            yield from _occurrences(text, marks)


def without(text: str, spans: Iterable[Span]) -> str:
    """`text` with one mark for each stretch that the spans cover."""
    parts: list[str] = []
    end = 0
    for first, last in sorted(spans):
        if first > end or not parts:
            parts += [text[end:first], HIDDEN]
        end = max(end, last)
    return "".join([*parts, text[end:]])


def letters(text: str) -> str:
    """Letters and digits alone, in lower case: what is left of a value whatever it is divided by."""
    return _lower("".join(filter(str.isalnum, text)))


def base64_cores(value: bytes) -> Iterator[str]:
    """The base64 of `value`, and what that of anything around it is bound to hold, for the three places it may begin at."""
    yield letters(base64.b64encode(value).decode())
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + value).decode()
        # the last character depends on what follows, the first ones on what went before
        whole = (offset + len(value)) * 8 // 6
        yield letters(encoded[(0, 2, 3)[offset] : whole])


def _lower(text: str) -> str:
    """One letter for each letter, so that places stay; ё is written е by many."""
    lowered = text.lower().translate(_YO)
    if len(lowered) == len(text):
        return lowered
    return "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text).translate(_YO)


def _occurrences(text: str, needle: str) -> Iterator[Span]:
    first = text.find(needle)
    while first >= 0:
        yield first, first + len(needle)
        first = text.find(needle, first + len(needle))


def _name_pattern(name: str) -> str:
    """A name in any of its cases (Сойкина, Сойкиной): what stays of it, and at most three letters."""
    if len(name) < 3:
        return re.escape(name)
    if len(name) <= SHORT:
        return rf"(?i:{re.escape(name)})"
    stem = re.sub(r"(?<=\w{4})[аеиоуыэюяйь]{1,2}$", "", name, flags=re.IGNORECASE)
    return rf"(?i:{re.escape(stem)}[^\W\d_]{{0,3}})"
