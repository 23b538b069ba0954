"""No answer of a server is called a bug of ours: a small part of what test_wire_fuzz.py tries."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Emk
from tests.contract.world import World
from tests.hostile.conftest import url as url
from tests.hostile.conftest import world as world
from tests.hostile.fuzzing import Tally, everything, fuzz

EXAMPLES = 1


def test_hostile_answers_are_never_our_bug(world: World, emk: Emk, tmp_path: Path) -> None:
    tally = Tally()
    with everything(world, emk, tmp_path) as cases:
        fuzz(cases, tmp_path / "out", EXAMPLES, tally)
    assert tally.runs > 170
    assert tally.codes[8] > 0
    assert tally.codes[1] == 0
