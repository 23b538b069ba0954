"""Whether a text says what a statement says: by its words and numbers, however it sets them and whatever stands between."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TOKEN = re.compile(r"\d+(?:[.,]\d+)+|\w+")
_PART = re.compile(r"\w+")
_DECIMAL = re.compile(r"\d+\.\d+")
_FEW = 2
_LONGEST = 200_000
"""Letters of a text that are looked at; nobody writes so many into one section."""


def tokens(text: str) -> set[str]:
    """The words in small letters and the numbers with a decimal point; dates in their parts."""
    found = set(_TOKEN.findall(text.casefold()))
    if "." not in text and "," not in text:
        return found
    for token in [token for token in found if "." in token or "," in token]:
        found.remove(token)
        plain = token.replace(",", ".")
        found.update([plain] if _DECIMAL.fullmatch(plain) else _PART.findall(plain))
    return found


def has_number(words: Iterable[str]) -> bool:
    """Whether one of the words is a number, which may stand in a text by chance."""
    return any(word[0].isdigit() for word in words)


class WordIndex:
    """The lines of a text with what stands in each."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines: list[set[str]] = []
        left = _LONGEST
        for line in lines:
            if left > 0:
                self._lines.append(tokens(line[:left]))
            left -= len(line)
        self._all = set().union(*self._lines)

    def says(self, text: str, about: str | None = None) -> bool:
        """Every word and number of it; a number, or a word or two, in one line, and there with a word of what it is
        `about`: both may stand in a text by chance."""
        sought = tokens(text)
        if not sought <= self._all:
            return False
        return not (has_number(sought) or len(sought) <= _FEW) or self._in_a_line(sought, tokens(about or ""))

    def _in_a_line(self, sought: set[str], about: set[str]) -> bool:
        lines = [line for line in self._lines if sought <= line]
        return any(not about or not about.isdisjoint(line) for line in lines) or (not lines and len(sought) > 8)
