"""Every story is played through the real entry point."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import TODAY, Emk
from tests.contract.world import picture
from tests.slow.stories.transcript import matches, play

STORIES = sorted((Path(__file__).parent / "stories").glob("*.story"))


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


def test_a_story_that_differs_fails(place: Path) -> None:
    with pytest.raises(AssertionError, match="ended with 1"):
        play("$ false", place)
    assert not matches(["a"], ["b"])
    assert matches(["a…c", "…", "z"], ["abc", "x", "y", "z"])
