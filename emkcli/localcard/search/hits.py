"""A hit as a person reads it: what it is, and the place in the original text with the words that were found marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from emkcli.localcard.search.query import Query
from emkcli.localcard.search.searchable_text import reader
from emkcli.localcard.search.stems import Word, words
from emkcli.models import SearchHit

LONGEST = 180
LONGEST_TITLE = 120
BEFORE = 40
SHORT = 60
MOST_PLACES = 2
MARK = "**"
_BLANKS = re.compile(r"\s+")


class Found(NamedTuple):
    """A record that fits, and how well (more is better)."""

    record: Any
    score: float


def hit(found: Found, query: Query) -> SearchHit:
    title, texts = reader(found.record)
    return SearchHit(
        id=found.record.id,
        type=found.record.kind,
        date=found.record.date,
        title=_line(title) if len(title) <= LONGEST_TITLE else _line(title[:LONGEST_TITLE]) + " …",
        snippet=snippet(query, texts, title),
        score=found.score,
    )


class _Part(NamedTuple):
    """A text, its words, and which of them belong to which term."""

    text: str
    known: list[Word]
    marked: dict[int, int]


def snippet(query: Query, texts: Sequence[str], title: str = "") -> str:
    """The places of the texts that show most of the query's terms; each word found stands between marks."""
    parts = [_part(query, text) for text in dict.fromkeys((*texts, title))]
    shown: list[_Part] = []
    left = set(range(len(query.terms)))
    while left and len(shown) < MOST_PLACES:
        best = max(parts, key=lambda part: len(left & set(part.marked.values())))
        if not left & set(best.marked.values()):
            break
        shown.append(best)
        left -= set(best.marked.values())
    if len(shown) == 1 and len(shown[0].text) < SHORT:
        shown = [_beside(query, shown[0].text, [text for text in texts if text != title])]
    return " ".join(_cut(part, LONGEST // len(shown)) for part in shown)


def _part(query: Query, text: str) -> _Part:
    known = list(words(text))
    return _Part(text, known, query.marked([word.stem for word in known]))


def _beside(query: Query, text: str, texts: Sequence[str]) -> _Part:
    """A code or a name with the other short texts of the record; alone it tells a reader nothing."""
    others = [one for one in texts if len(one) < SHORT and one != text and not one.isdigit()]
    return _part(query, " · ".join(dict.fromkeys([text, *others])))


def _cut(part: _Part, longest: int) -> str:
    text, known, marked = part
    first = known[min(marked)]
    start = max((word.start for word in known if word.end <= first.start - BEFORE), default=0)
    fitting = [word.end for word in known if word.end <= start + longest]
    end = len(text) if len(text) <= start + longest else max([first.end, *fitting])
    pieces, place = ["… " if start else ""], start
    for number in sorted(marked):
        word = known[number]
        if word.end <= end:
            pieces += [text[place : word.start], MARK, text[word.start : word.end], MARK]
            place = word.end
    return _line("".join([*pieces, text[place:end], " …" if end < len(text) else ""]))


def _line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
