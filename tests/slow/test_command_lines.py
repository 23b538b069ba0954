"""No line is called a bug of ours: nine thousand of them, of every command in turn, by somebody whose card is open."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Emk
from tests.hostile.lines import lines
from tests.hostile.runs import Home, check, clear, run, without_waiting

COUNT = 9_000
ROUND = 40
"""Lines between two looks at the home: some of them log out, or forget the card."""


def test_nine_thousand_lines(
    emk: Emk,
    seeded: Callable[[], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seeded()
    emk("card", "sync", "--insecure-storage")
    home, place = Home(tmp_path / "emk").keep(), tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    codes: Counter[int] = Counter()
    with without_waiting():
        for number, line in enumerate(lines(seed=9_000, count=COUNT)):
            if not number % ROUND:
                home.restore()
                clear(place)
                gc.unfreeze()
                gc.collect()
            done = run(line)
            codes[done.code] += 1
            check(line, done)
    with capsys.disabled():
        print(f"\n{COUNT} lines; exit codes {sorted(codes.items())}; exit 1: {codes[1]}")  # noqa: T201
    assert codes[1] == 0
    assert codes[0] > COUNT / 20
