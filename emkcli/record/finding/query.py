"""What a person types into an expression of FTS5: every word must be there; nothing typed is ever syntax."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from emkcli import errors
from emkcli.locale import _
from emkcli.record.finding.words import words

MOST_TERMS = 32
SHORTEST_PREFIX = 3
_CHUNK = re.compile('["“”„]([^"“”„]*)["“”„]?|«([^»]*)»?|([^\\s"“”„«]+)')


@dataclass(frozen=True)
class Term:
    """Stems that follow one another; with `open`, the last one may be the beginning of a word."""

    stems: tuple[str, ...]
    open: bool = False

    @property
    def expression(self) -> str:
        whole = f'"{" ".join(self.stems)}"'
        return f'({whole} OR "{" ".join(self._beginning)}" *)' if self._beginning else whole

    def at(self, stems: Sequence[str], place: int) -> bool:
        """Whether the term begins at that word of a text."""
        there = tuple(stems[place : place + len(self.stems)])
        begun = self._beginning
        return there == self.stems or bool(
            begun and len(there) == len(begun) and there[:-1] == begun[:-1] and there[-1].startswith(begun[-1])
        )

    @property
    def _beginning(self) -> tuple[str, ...]:
        """Of a number nothing, of a code its decimal places (`J06` finds `J06.9`), of a word what follows."""
        *before, last = self.stems
        if not self.open or len(last) < SHORTEST_PREFIX or not last[0].isalpha() or "." in last:
            return ()
        return (*before, last if last.isalpha() else f"{last}.")


@dataclass(frozen=True)
class Query:
    terms: tuple[Term, ...]

    @property
    def expression(self) -> str:
        return " AND ".join(term.expression for term in self.terms)

    def marked(self, stems: Sequence[str]) -> dict[int, int]:
        """The words of a text that belong to a term, and the term each one belongs to."""
        return {
            place + beside: number
            for number, term in enumerate(self.terms)
            for place in range(len(stems))
            if term.at(stems, place)
            for beside in range(len(term.stems))
        }


def parse(text: str) -> Query:
    """Words, `"phrases"`, codes, numbers; the last word may be unfinished. `Usage` when there is nothing to look for."""
    terms: list[Term] = []
    for chunk in _CHUNK.finditer(text):
        stems = tuple(word.stem for word in words(chunk[1] or chunk[2] or chunk[3] or ""))
        if stems:
            terms.append(Term(stems, open=chunk[3] is not None))
    if not terms:
        raise errors.Usage(_("There is no word to look for."))
    if len(terms) > MOST_TERMS:
        raise errors.Usage(_("At most {count} words can be looked for.").format(count=MOST_TERMS))
    return Query((*(Term(term.stems) for term in terms[:-1]), terms[-1]))
