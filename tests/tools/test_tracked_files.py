"""What is committed is what was meant: a home that a trial run left in the checkout would be in every release."""

from __future__ import annotations

import subprocess
from pathlib import Path, PurePath

from tools.reproducible_build import git, tracked

LEFT_BY_RUNS = {".sqlite3", ".sqlite3-wal", ".sqlite3-shm", ".sealed", ".lock", ".part"}


def test_no_home_of_a_run_is_committed() -> None:
    names = tracked()
    assert "pyproject.toml" in names
    assert [name for name in names if not name.isascii() or PurePath(name).suffix in LEFT_BY_RUNS] == []


def test_a_name_that_is_no_text_is_named_and_stops_nothing(tmp_path: Path) -> None:
    git("init", "--quiet", root=tmp_path)
    strange = tmp_path / "\udcff\udcfe"
    strange.write_text("")
    subprocess.run(["git", "add", "--all"], cwd=tmp_path, check=True)
    git("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "One", root=tmp_path)
    assert tracked(tmp_path) == [strange.name]
