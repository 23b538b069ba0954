"""Every story beside this file is played through the real entry point, and so is the README's quick start."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT, TODAY, Emk
from tests.contract.world import picture
from tests.stories.transcript import matches, play

STORIES = sorted(Path(__file__).parent.glob("*.story"))


@pytest.fixture
def place(tmp_path: Path, emk: Emk) -> Path:
    """A directory with the two pictures that a story may need; the mock's clock stands at the day of all tests."""
    assert emk("mock", "clock", "set", TODAY).code == 0
    (tmp_path / "passport.png").write_bytes(picture("PNG", 1500, 1050))
    (tmp_path / "selfie.jpg").write_bytes(picture("JPEG", 900, 1200))
    return tmp_path


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_story(story: Path, place: Path) -> None:
    play(story.read_text(encoding="utf-8"), place)


def test_readme_quick_start(place: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"## Quick start.*?```console\n(.*?)```", readme, re.DOTALL)
    assert block is not None
    commands = [line for line in block[1].splitlines() if line.startswith("$ ")]
    assert len(commands) >= 6
    play("\n".join(f"{command}\n…" for command in commands), place)


def test_a_story_that_differs_fails(place: Path) -> None:
    with pytest.raises(AssertionError, match="ended with 1"):
        play("$ false", place)
    assert not matches(["a"], ["b"])
    assert matches(["a…c", "…", "z"], ["abc", "x", "y", "z"])
