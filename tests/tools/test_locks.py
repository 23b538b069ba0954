"""A lock is read whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import locks

HASH = f"--hash=sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("lines", "pin"),
    [
        (f"a==1 \\\n    {HASH}\n", ("a", "1", None, 1, ())),
        (
            f"a==1 ; python_version < '3.12' \\\n    {HASH} \\\n    {HASH}\n",
            ("a", "1", "python_version < '3.12'", 2, ()),
        ),
        (f"a==1 \\\n    {HASH}\n    # via b\n", ("a", "1", None, 1, ("b",))),
        (
            f"a==1 \\\n    {HASH}\n    # via\n    #   -c locks/dev.txt\n    #   b\n    #   emkcli (pyproject.toml)\n",
            ("a", "1", None, 1, ("b", "emkcli")),
        ),
    ],
)
def test_a_pin(lines: str, pin: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LOCKS", tmp_path)
    (tmp_path / "x.txt").write_text(f"# made by\n#    make locks\n{lines}")
    (read,) = locks.pins("x")
    assert (read.name, read.version, read.marker, len(read.hashes), read.via) == pin


@pytest.mark.parametrize("line", ["a==1", "a>=1", "-e .", "--index-url somewhere", f"a==1 \\\n    {HASH[:-1]}"])
def test_anything_else_is_refused(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LOCKS", tmp_path)
    (tmp_path / "x.txt").write_text(f"b==2 \\\n    {HASH}\n{line}\n")
    with pytest.raises(ValueError, match="no pin with hashes"):
        locks.pins("x")
