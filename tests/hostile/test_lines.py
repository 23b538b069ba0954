"""No line is called a bug of ours: a small part of what tests/slow/test_command_lines.py tries."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.hostile.lines import lines
from tests.hostile.runs import check, run, without_waiting

COUNT = 300


def test_no_line_is_our_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    codes: Counter[int] = Counter()
    with without_waiting():
        for line in lines(seed=10, count=COUNT):
            done = run(line)
            codes[done.code] += 1
            check(line, done)
    assert codes.total() == COUNT
    assert codes[1] == 0
    assert codes[2] > COUNT / 3
