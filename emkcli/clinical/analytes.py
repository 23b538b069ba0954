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
    known, where = names.by_code(result.code), names.matter(result.specimen)
    unit = measure(result.unit, result.unit_code)
    if known:
        return ("known", known.names[0], "", unit)
    if result.code:
        return ("code", result.code, result.code_system or where, unit)
    name = names.plain(result.analyte)
    return ("name", name, where, unit) if name else ("id", result.id, "", unit)


@dataclass
class Analyte:
    """Results that belong together, in the order they came; `names` and `codes` are all that they are called."""

    results: list[LabResult] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What most of its results call it."""
        called = Counter(one.analyte for one in self.results if one.analyte)
        return called.most_common(1)[0][0] if called else next((one.code for one in self.results if one.code), "")

    @property
    def codes(self) -> list[tuple[str, str | None]]:
        return list(dict.fromkeys((one.code, one.code_system) for one in self.results if one.code))

    @property
    def specimens(self) -> list[str]:
        return list(dict.fromkeys(one.specimen for one in self.results if one.specimen))

    def is_called(self, asked: str) -> bool:
        """Whether that is one of its codes or names, in full."""
        called = names.plain(asked)
        if any(asked.strip() == code for code, _system in self.codes):
            return True
        return any(called == names.plain(one.analyte) for one in self.results) or any(
            known in self._known() for known in (*names.by_name(called), names.by_code(asked.strip())) if known
        )

    def has_in_name(self, asked: str) -> bool:
        """Whether each word of it begins a word of one of its names."""
        words = names.plain(asked).split()
        return bool(words) and any(
            all(any(there.startswith(word) for there in names.plain(called).split()) for word in words)
            for called in {one.analyte for one in self.results}
        )

    def _known(self) -> list[names.Known]:
        found = [names.by_code(code) for code, _system in self.codes]
        called = {names.plain(one.analyte) for one in self.results}
        named = [one for one in names.KNOWN if called & set(one.names)] if self._in_blood else []
        return [one for one in [*found, *named] if one]

    @property
    def _in_blood(self) -> bool:
        return all(names.matter(one.specimen) in {"", "blood"} for one in self.results)


def grouped(results: Iterable[LabResult]) -> list[Analyte]:
    """Every analyte of a card, in the order of their first results."""
    bound, kept = _Bound(), list(results)
    matters: dict[str, set[str]] = {}
    for one in kept:
        matters.setdefault(names.plain(one.analyte), set()).add(names.matter(one.specimen))
    tokens = [_tokens(one, matters) for one in kept]
    for mine in tokens:
        bound.bind(mine)
    found: dict[Token, Analyte] = {}
    for one, mine in zip(kept, tokens, strict=True):
        found.setdefault(bound.root(mine[0]), Analyte()).results.append(one)
    return list(found.values())


def chosen(known: Sequence[Analyte], asked: str) -> list[Analyte]:
    """The analyte that is called exactly so, else all whose names have these words."""
    exact = [one for one in known if one.is_called(asked)]
    return exact or [one for one in known if one.has_in_name(asked)]


def _tokens(one: LabResult, matters: dict[str, set[str]]) -> list[Token]:
    """What a result is bound to others by; one that is called nothing stays alone."""
    name, where = names.plain(one.analyte), names.matter(one.specimen)
    told = matters[name] - {""}
    if not where and len(told) == 1:  # the others say what it is found in
        where = next(iter(told))
    tokens: list[Token] = [("name", name, where)] if name else []
    if one.code:
        tokens.append(("code", one.code, ""))
    known = names.by_code(one.code) or next(
        (have for have in names.KNOWN if name in have.names and where in {"", "blood"}), None
    )
    if known:
        tokens.append(("known", known.names[0], ""))
    return tokens or [("id", one.id, "")]


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
