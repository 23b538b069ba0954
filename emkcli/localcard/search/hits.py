"""A hit as a person reads it: what it is, and the place in the original text with the words that were found marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
PIECE, OVERLAP = 50_000, 1_000
"""In letters: a text is looked through in pieces, for its words take twenty times its room."""
_BLANKS = re.compile(r"\s+")


class Found(NamedTuple):
    """A record that fits, and how well (more is better)."""

    record: Any
    score: float


def hit(scored: Found, query: Query) -> SearchHit:
    title, texts = reader(scored.record)
    return SearchHit(
        id=scored.record.id,
        type=scored.record.kind,
        date=scored.record.date,
        title=_line(title) if len(title) <= LONGEST_TITLE else _line(title[:LONGEST_TITLE]) + " …",
        snippet=snippet(query, texts, title),
        score=scored.score,
    )


class _Part(NamedTuple):
    """A text, its words, and which of them belong to which term."""

    text: str
    tokens: list[Word]
    marked: dict[int, int]


def snippet(query: Query, texts: Sequence[str], title: str = "") -> str:
    """The places of the texts that show most of the query's terms; each word found stands between marks."""
    parts = [_part(query, text) for text in dict.fromkeys((*texts, title))]
    chosen: list[_Part] = []
    left = set(range(len(query.terms)))
    while left and len(chosen) < MOST_PLACES:
        best = max(parts, key=lambda part: len(left & set(part.marked.values())))
        if not left & set(best.marked.values()):
            break
        chosen.append(best)
        left -= set(best.marked.values())
    if len(chosen) == 1 and len(chosen[0].text) < SHORT:
        chosen = [_beside(query, chosen[0].text, [text for text in texts if text != title])]
    return " ".join(_cut(part, LONGEST // len(chosen)) for part in chosen)


def _part(query: Query, text: str) -> _Part:
    """The piece of the text that shows most of the query's terms, the first of equals."""
    pieces = _pieces(query, text)
    best = next(pieces)
    for piece in pieces:
        best = max(best, piece, key=_shows)
    return best


def _pieces(query: Query, text: str) -> Iterator[_Part]:
    """Up to the first piece that shows all terms; at least one."""
    for start in range(0, max(len(text), 1), PIECE):
        piece = text[start : start + PIECE + OVERLAP]
        tokens = list(words(piece))
        part = _Part(piece, tokens, query.marked([word.stem for word in tokens]))
        yield part
        if _shows(part) == len(query.terms):
            return


def _shows(part: _Part) -> int:
    return len(set(part.marked.values()))


def _beside(query: Query, text: str, texts: Sequence[str]) -> _Part:
    """A code or a name with the other short texts of the record; alone it tells a reader nothing."""
    short_texts = [other for other in texts if len(other) < SHORT and other != text and not other.isdigit()]
    return _part(query, " · ".join(dict.fromkeys([text, *short_texts])))


def _cut(part: _Part, longest: int) -> str:
    text, tokens, marked = part
    first = tokens[min(marked)]
    start = max((word.start for word in tokens if word.end <= first.start - BEFORE), default=0)
    fitting = [word.end for word in tokens if word.end <= start + longest]
    end = len(text) if len(text) <= start + longest else max([first.end, *fitting])
    pieces, place = ["… " if start else ""], start
    for number in sorted(marked):
        word = tokens[number]
        if word.end <= end:
            pieces += [text[place : word.start], MARK, text[word.start : word.end], MARK]
            place = word.end
    return _line("".join([*pieces, text[place:end], " …" if end < len(text) else ""]))


def _line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
