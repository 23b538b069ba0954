"""The fuzzer of the wire: every line that speaks to a server, with one or several of its exchanges made hostile."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Emk, Result
from tests.contract.world import World
from tests.hostile.exchanges import Exchange, Liar, network
from tests.hostile.mutations import hostile
from tests.hostile.portals import Case, browsing, portal_cases
from tests.hostile.providers import OpenProvider, esia, esia_cases, openid_cases
from tests.hostile.runs import check, check_request_id, clear, run, without_waiting

FORMATS = ("json", "json", "json", "jsonl", "yaml", "csv", "table", "plain")
OFTEN = 2
"""One in so many of the exchanges after the first hostile one is hostile too."""
LIVELY = 200
"""Runs between two looks for garbage: a command freezes what it finds, as it ends with its process."""


@dataclass
class Tally:
    """What was tried, and what came of it."""

    runs: int = 0
    exchanges: int = 0
    hostile: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    commands: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        codes = ", ".join(f"{code}: {count}" for code, count in sorted(self.codes.items()))
        return (
            f"{self.runs} runs of {len(self.commands)} commands, {self.exchanges} exchanges, {self.hostile} of them hostile;"
            f" exit codes {codes}; exit 1: {self.codes[1]}"
        )

    def note(self, case: Case, sent: int, hostile: int, done: Result) -> None:
        self.runs += 1
        self.exchanges += sent
        self.hostile += hostile
        self.codes[done.code] += 1
        self.commands.add(case.command)


@contextmanager
def everything(world: World, emk: Emk, files: Path) -> Iterator[list[Case]]:
    """Every case of every dialect, each in a home of its own; what lines write lies in `files/out`."""
    url = os.environ["EMK_URL"]
    homes = {name: files / name for name in ("openid", "esia")}
    for home in homes.values():
        home.mkdir(mode=0o700)
    provider, esia_server = OpenProvider(url), esia(url)

    def visit(address: str) -> dict[str, str]:
        return esia_server.log_in(address) if "/aas/" in address else provider.visit(address)

    with browsing(visit, f"{url}/callback"), without_waiting():
        yield [
            *portal_cases(world),
            *openid_cases(emk, homes["openid"], provider),
            *esia_cases(emk, homes["esia"], files, esia_server),
        ]


def fuzz(cases: list[Case], out: Path, examples: int, tally: Tally, judge: Judge | None = None) -> None:
    """Each line so many times, from a fresh home, with hostile answers among the true ones."""
    for case in cases:
        if case.exchanges:
            _fuzz(case, out, examples, tally, judge or judged)


def _fuzz(case: Case, out: Path, examples: int, tally: Tally, judge: Judge) -> None:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=True))
    def one(chance: Random) -> None:
        form = chance.choice(FORMATS)
        # drawn at once: what runs in between catches whatever is raised, the end of an example too
        judge(case, form, Deceit(chance, chance.randrange(case.exchanges)), out, tally)

    one()


@dataclass
class Deceit:
    """True up to the first hostile exchange, and now and then afterwards."""

    chance: Random
    first: int
    hostile: list[Exchange] = field(default_factory=list)

    def __call__(self, number: int, truth: Exchange) -> Exchange:
        later = number > self.first and self.chance.randrange(OFTEN) == 0
        if number != self.first and not later:
            return truth
        self.hostile.append(hostile(self.chance, truth))
        return self.hostile[-1]


Judge = Callable[[Case, str, Deceit, Path, Tally], None]


def judged(case: Case, form: str, deceit: Deceit, out: Path, tally: Tally) -> None:
    """One run; what must hold for it is checked."""
    line = replace(case.line, words=(*case.line.words, "-o", form))
    server = Liar(case.fresh(), deceit)
    case.home.restore()
    clear(out)
    with network(server):
        done = run(line)
    tally.note(case, len(server.sent), len(deceit.hostile), done)
    if not tally.runs % LIVELY:
        gc.unfreeze()
        gc.collect()
    check(line, done)
    check_request_id(done, server.sent)
