"""Which laboratory results are one analyte: one code, a pair of codes that mean the same, or one name of one matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from emkcli.clinical import analyte_names as names
from emkcli.clinical.units import measure
from emkcli.models import LabResult

Token = tuple[str, str, str]
Key = tuple[str, str, str, str]


def key(result: LabResult) -> Key:
    """What two results share when the newer one takes the place of the older: the analyte, and what its unit measures.

    A code says what it is with its system; without one it is a laboratory's own word, and a name is no more: then the
    specimen decides, since glucose of the urine says nothing about glucose of the blood. Units that no exact factor
    joins stay apart: a percentage and a count often share their name. One older value too many is seen with its date;
    one that was hidden is never seen.
    """
    analyte, specimen = names.by_code(result.code), names.matter(result.specimen)
    unit = measure(result.unit, result.unit_code)
    if analyte:
        return ("known", analyte.names[0], "", unit)
    if result.code:
        return ("code", result.code, result.code_system or specimen, unit)
    name = names.plain(result.analyte)
    return ("name", name, specimen, unit) if name else ("id", result.id, "", unit)


@dataclass
class Analyte:
    """Results that belong together, in the order they came; `names` and `codes` are all that they are called."""

    results: list[LabResult] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What most of its results call it."""
        called = Counter(result.analyte for result in self.results if result.analyte)
        return (
            called.most_common(1)[0][0] if called else next((result.code for result in self.results if result.code), "")
        )

    @property
    def codes(self) -> list[tuple[str, str | None]]:
        return list(dict.fromkeys((result.code, result.code_system) for result in self.results if result.code))

    @property
    def specimens(self) -> list[str]:
        return list(dict.fromkeys(result.specimen for result in self.results if result.specimen))

    def is_called(self, term: str) -> bool:
        """Whether that is one of its codes or names, in full."""
        called = names.plain(term)
        if any(term.strip() == code for code, _system in self.codes):
            return True
        return any(called == names.plain(result.analyte) for result in self.results) or any(
            entry in self._entries() for entry in (*names.by_name(called), names.by_code(term.strip())) if entry
        )

    def has_in_name(self, term: str) -> bool:
        """Whether each word of it begins a word of one of its names."""
        words = names.plain(term).split()
        return bool(words) and any(
            all(any(part.startswith(word) for part in names.plain(called).split()) for word in words)
            for called in {result.analyte for result in self.results}
        )

    def _entries(self) -> list[names.Known]:
        coded = [names.by_code(code) for code, _system in self.codes]
        called = {names.plain(result.analyte) for result in self.results}
        named = [entry for entry in names.KNOWN if called & set(entry.names)] if self._in_blood else []
        return [entry for entry in [*coded, *named] if entry]

    @property
    def _in_blood(self) -> bool:
        return all(names.matter(result.specimen) in {"", "blood"} for result in self.results)


def grouped(results: Iterable[LabResult]) -> list[Analyte]:
    """Every analyte of a card, in the order of their first results."""
    bound, listed = _Bound(), list(results)
    matters: dict[str, set[str]] = {}
    for result in listed:
        matters.setdefault(names.plain(result.analyte), set()).add(names.matter(result.specimen))
    tokens = [_tokens(result, matters) for result in listed]
    for own in tokens:
        bound.bind(own)
    by_root: dict[Token, Analyte] = {}
    for result, own in zip(listed, tokens, strict=True):
        by_root.setdefault(bound.root(own[0]), Analyte()).results.append(result)
    return list(by_root.values())


def chosen(analytes: Sequence[Analyte], term: str) -> list[Analyte]:
    """The analyte that is called exactly so, else all whose names have these words."""
    exact = [analyte for analyte in analytes if analyte.is_called(term)]
    return exact or [analyte for analyte in analytes if analyte.has_in_name(term)]


def _tokens(result: LabResult, matters: dict[str, set[str]]) -> list[Token]:
    """What a result is bound to others by; one that is called nothing stays alone."""
    name, specimen = names.plain(result.analyte), names.matter(result.specimen)
    specimens = matters[name] - {""}
    if not specimen and len(specimens) == 1:  # the others say what it is found in
        specimen = next(iter(specimens))
    tokens: list[Token] = [("name", name, specimen)] if name else []
    if result.code:
        tokens.append(("code", result.code, ""))
    analyte = names.by_code(result.code) or next(
        (entry for entry in names.KNOWN if name in entry.names and specimen in {"", "blood"}), None
    )
    if analyte:
        tokens.append(("known", analyte.names[0], ""))
    return tokens or [("id", result.id, "")]


class _Bound:
    """Sets of tokens that mean the same (union and find)."""

    def __init__(self) -> None:
        self._above: dict[Token, Token] = {}

    def root(self, token: Token) -> Token:
        while (above := self._above.setdefault(token, token)) != token:
            token = above
        return token

    def bind(self, tokens: Sequence[Token]) -> None:
        for other in tokens[1:]:
            self._above[self.root(other)] = self.root(tokens[0])
