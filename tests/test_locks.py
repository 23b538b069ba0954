"""The locks of `make locks`: in step with the ranges they were made from, and nothing in them but versions and hashes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.conftest import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, GROUPS = PYPROJECT["project"], PYPROJECT["dependency-groups"]
EXTRAS = [line for name, extra in PROJECT["optional-dependencies"].items() if name != "all" for line in extra]
RANGES = {
    "main": [*PROJECT["dependencies"], *GROUPS["build"]],
    "dev": [*PROJECT["dependencies"], *EXTRAS, *GROUPS["build"], *GROUPS["dev"]],
    "slow": GROUPS["slow"],
    "bench": GROUPS["bench"],
    "mutants": GROUPS["mutants"],
}
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?: ; (?P<marker>[^\\]+))?(?: --hash=sha256:[0-9a-f]{64})+")


def pins(lock: str) -> Iterator[re.Match[str]]:
    """Every requirement of a lock; a line that is no pin with hashes fails here."""
    text = (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8").replace(" \\\n   ", "")
    for line in text.splitlines():
        if not line.startswith("#"):
            pin = PIN.fullmatch(line)
            assert pin, line
            yield pin


def versions(lock: str) -> dict[str, set[Version]]:
    by_name: dict[str, set[Version]] = {}
    for pin in pins(lock):
        by_name.setdefault(pin["name"], set()).add(Version(pin["version"]))
    return by_name


@pytest.mark.parametrize("lock", RANGES)
def test_every_range_has_its_pin(lock: str) -> None:
    locked = versions(lock)
    for requirement in map(Requirement, RANGES[lock]):
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        allowed = [version for version in locked.get(name, ()) if version in requirement.specifier]
        assert allowed, f"{requirement}: run make locks"


@pytest.mark.parametrize("lock", ["main", "slow", "bench", "mutants"])
def test_no_lock_moves_what_the_suite_runs_with(lock: str) -> None:
    dev = versions("dev")
    assert {name: pinned for name, pinned in versions(lock).items() if pinned != dev.get(name, pinned)} == {}


def test_the_users_lock_brings_no_tools_of_ours() -> None:
    assert versions("main").keys() >= {"httpx", "hatchling"}
    assert not versions("main").keys() & {"pytest", "ruff", "reportlab", "pyarrow", "emkcli"}


def test_the_project_is_built_with_what_is_locked() -> None:
    assert set(PYPROJECT["build-system"]["requires"]) <= set(GROUPS["build"])
