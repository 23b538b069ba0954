"""What a person types into an expression of FTS5: every word must be there; nothing typed is ever syntax."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from emkcli import errors
from emkcli.localcard.search.stems import beginning, words
from emkcli.locale import _

MOST_TERMS = 32
SHORTEST_PREFIX = 3
_CHUNK = re.compile('["“”„]([^"“”„]*)["“”„]?|«([^»]*)»?|([^\\s"“”„«]+)')


@dataclass(frozen=True)
class Term:
    """Stems that follow one another; with a `beginning`, a word that begins so may stand in place of the last one."""

    stems: tuple[str, ...]
    beginning: str = ""

    @property
    def expression(self) -> str:
        phrase = f'"{" ".join(self.stems)}"'
        begun = " ".join((*self.stems[:-1], self.beginning))
        return f'({phrase} OR "{begun}" *)' if self.beginning else phrase

    def at(self, stems: Sequence[str], place: int) -> bool:
        """Whether the term begins at that word of a text."""
        *before, last = self.stems
        there = stems[place : place + len(self.stems)]
        if len(there) < len(self.stems) or list(there[:-1]) != before:
            return False
        return there[-1] == last or (bool(self.beginning) and there[-1].startswith(self.beginning))


@dataclass(frozen=True)
class Query:
    terms: tuple[Term, ...]

    @property
    def expression(self) -> str:
        return " AND ".join(term.expression for term in self.terms)

    def marked(self, stems: Sequence[str]) -> dict[int, int]:
        """The words of a text that belong to a term, and the term each one belongs to."""
        return {
            place + offset: number
            for number, term in enumerate(self.terms)
            for place in range(len(stems))
            if term.at(stems, place)
            for offset in range(len(term.stems))
        }


def parse(text: str) -> Query:
    """Words, `"phrases"`, codes, numbers; the last word may be unfinished. `Usage` when there is nothing to look for."""
    terms: list[Term] = []
    for chunk in _CHUNK.finditer(text):
        written = chunk[1] or chunk[2] or chunk[3] or ""
        if tokens := list(words(written)):
            last = tokens[-1]
            unfinished = _beginning(written[last.start : last.end]) if chunk[3] else ""
            terms.append(Term(tuple(word.stem for word in tokens), unfinished))
    if not terms:
        raise errors.Usage(_("There is no word to look for."))
    if (
        sum(len(term.stems) for term in terms) > MOST_TERMS
    ):  # a phrase costs the index and the marks as many words as it has
        raise errors.Usage(_("At most {count} words can be looked for.").format(count=MOST_TERMS))
    return Query((*(Term(term.stems) for term in terms[:-1]), terms[-1]))


def _beginning(word: str) -> str:
    """Of a number nothing, of a code its decimal places (`J06` finds `J06.9`), of a word what may follow."""
    stem = beginning(word)
    if len(stem) < SHORTEST_PREFIX or not stem[0].isalpha() or "." in stem:
        return ""
    return stem if stem.isalpha() else f"{stem}."
