"""What `emk` prints and writes is, byte for byte, what it printed and wrote before."""

from __future__ import annotations

import json
from difflib import unified_diff
from itertools import islice
from pathlib import Path

import pytest

from tests.golden.house import house
from tests.golden.make import DATA, SCHEMAS
from tests.golden.schemas import schemas, text, undescribed
from tests.golden.worlds import WORLDS


def differences(kept: dict[str, str], made: dict[str, str]) -> list[str]:
    """The beginning of what differs in each file; the bytes decide, also of an end of a line."""
    return [line for name in sorted({*kept, *made}) for line in _of_file(name, kept.get(name), made.get(name))]


def _of_file(name: str, kept: str | None, made: str | None) -> list[str]:
    if kept is None or made is None:
        return [f"{name}: {'is new' if kept is None else 'is gone'}"]
    lines = unified_diff(kept.splitlines(True), made.splitlines(True), f"kept/{name}", f"made/{name}", n=0)
    return [repr(line)[:600] for line in islice(lines, 6)] if kept != made else []


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_is_as_it_was(name: str, tmp_path: Path) -> None:
    kept = {
        path.relative_to(DATA / name).as_posix(): path.read_bytes().decode()
        for path in (DATA / name).rglob("*")
        if path.is_file()
    }
    with house(tmp_path / "house") as inside:
        made = dict(WORLDS[name](inside))
    assert kept
    assert not (found := differences(kept, made)), "\n".join(found)


def test_the_schemas_say_no_more_and_no_less_than_before(tmp_path: Path) -> None:
    with house(tmp_path / "house") as inside:
        made = schemas(inside)
    kept = json.loads(SCHEMAS.read_text(encoding="utf-8"))
    assert text(undescribed(made)) == text(undescribed(kept))
