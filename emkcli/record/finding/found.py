"""A hit as a person reads it: what it is, and the place in the original text with the words that were found marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from emkcli.api.models import SearchHit
from emkcli.record.finding.query import Query
from emkcli.record.finding.reading import reader
from emkcli.record.finding.words import Word, words

LONGEST = 180
BEFORE = 50
SHORT = 100
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
        kind=found.record.kind,
        date=found.record.date,
        title=_line(title),
        snippet=snippet(query, (*texts, title)),
        score=found.score,
    )


def snippet(query: Query, texts: Sequence[str]) -> str:
    """The part of the best text around the first word found; each word found stands between marks."""
    best: tuple[int, str, list[Word], dict[int, int]] = (0, "", [], {})
    for text in _gathered(texts):
        known = list(words(text))
        marked = query.marked([word.stem for word in known])
        if (count := len(set(marked.values()))) > best[0]:
            best = (count, text, known, marked)
    _count, text, known, marked = best
    return _cut(text, known, marked) if marked else ""


def _gathered(texts: Sequence[str]) -> list[str]:
    """Short texts (a code, a name, a clinic) as one line; alone they tell a reader nothing."""
    short = [text for text in texts if len(text) <= SHORT]
    return [" · ".join(dict.fromkeys(short)), *(text for text in texts if len(text) > SHORT)]


def _cut(text: str, known: list[Word], marked: dict[int, int]) -> str:
    first = known[min(marked)]
    start = max((word.start for word in known if word.end <= first.start - BEFORE), default=0)
    fitting = [word.end for word in known if word.end <= start + LONGEST]
    end = len(text) if len(text) <= start + LONGEST else max([first.end, *fitting])
    pieces, place = ["… " if start else ""], start
    for number in sorted(marked):
        word = known[number]
        if word.end <= end:
            pieces += [text[place : word.start], MARK, text[word.start : word.end], MARK]
            place = word.end
    return _line("".join([*pieces, text[place:end], " …" if end < len(text) else ""]))


def _line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
