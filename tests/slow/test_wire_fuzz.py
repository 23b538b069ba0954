"""No answer of a server is called a bug of ours: every command against hostile bytes, in process and through a socket."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Emk
from tests.contract.world import World
from tests.hostile.conftest import world as world
from tests.hostile.exchanges import Liar
from tests.hostile.forking import ForkServer
from tests.hostile.fuzzing import Deceit, Tally, everything, fuzz
from tests.hostile.portals import Case
from tests.hostile.runs import check, check_request_id, clear
from tests.hostile.sockets import Door, door

EXCHANGES = 100_000
SHARES = 4
AS_PROCESSES = 2_000
ROUND = 20
"""Examples of every line between two looks at the count."""
WAITING = ("--wait", "watch", "device", "smoke", "open", "browser")
"""Words of lines that wait for somebody, or ask themselves in one process."""


@pytest.fixture
def entrance() -> Iterator[Door]:
    with door() as opened:
        yield opened


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """Where the liar listens, if one does."""
    if "entrance" in request.fixturenames:
        opened: Door = request.getfixturevalue("entrance")
        return opened.url
    return "http://127.0.0.1:1"


@pytest.mark.parametrize("share", range(SHARES))  # each draws anew, and each may run on a processor of its own
def test_a_hundred_thousand_exchanges(
    world: World, emk: Emk, tmp_path: Path, capsys: pytest.CaptureFixture[str], share: int
) -> None:
    tally = Tally()
    with everything(world, emk, tmp_path) as cases:
        while tally.exchanges < EXCHANGES / SHARES:
            fuzz(cases, tmp_path / "out", ROUND, tally)
    with capsys.disabled():
        print(f"\nin process, share {share}: {tally}")  # noqa: T201
    assert tally.codes[1] == 0
    assert tally.codes[8] > tally.runs / 10


def test_two_thousand_as_processes(
    entrance: Door, world: World, emk: Emk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = Tally()

    def judged(case: Case, form: str, deceit: Deceit, out: Path, tally: Tally) -> None:
        line = replace(case.line, words=(*case.line.words, "-o", form))
        server = Liar(case.fresh(), deceit)
        case.home.restore()
        clear(out)
        running = runner.submit(processes.run, line)
        entrance.serve(server.answer, lambda: not running.done())
        done = running.result()
        tally.note(case, len(server.sent), len(deceit.hostile), done)
        check(line, done)
        check_request_id(done, server.sent)

    with everything(world, emk, tmp_path) as cases, ForkServer() as processes, ThreadPoolExecutor(1) as runner:
        lines = [case for case in cases if not set(WAITING) & set(case.line.words)]
        while tally.exchanges < AS_PROCESSES:
            fuzz(lines, tmp_path / "out", 4, tally, judged)
    with capsys.disabled():
        print(f"\nas processes: {tally}")  # noqa: T201
    assert tally.codes[1] == 0
    assert tally.codes[8] > tally.runs / 10
