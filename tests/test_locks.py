"""The locks of `make locks`: in step with the ranges they were made from, and nothing in them but versions and hashes."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.conftest import ROOT
from tools.locks import pins

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, GROUPS = PYPROJECT["project"], PYPROJECT["dependency-groups"]
EXTRAS = [line for name, extra in PROJECT["optional-dependencies"].items() if name != "all" for line in extra]
RANGES = {
    "main": PROJECT["dependencies"],
    "all": [*PROJECT["dependencies"], *EXTRAS],
    "build": GROUPS["build"],
    "release": GROUPS["release"],
    "dev": [*PROJECT["dependencies"], *EXTRAS, *GROUPS["build"], *GROUPS["dev"]],
    "slow": GROUPS["slow"],
    "bench": GROUPS["bench"],
    "mutants": GROUPS["mutants"],
}


def versions(lock: str) -> dict[str, set[Version]]:
    by_name: dict[str, set[Version]] = {}
    for pin in pins(lock):
        by_name.setdefault(pin.name, set()).add(Version(pin.version))
    return by_name


@pytest.mark.parametrize("lock", RANGES)
def test_every_range_has_its_pin(lock: str) -> None:
    locked = versions(lock)
    for requirement in map(Requirement, RANGES[lock]):
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        allowed = [version for version in locked.get(name, ()) if version in requirement.specifier]
        assert allowed, f"{requirement}: run make locks"


@pytest.mark.parametrize("lock", ["main", "all", "build", "release", "slow", "bench", "mutants"])
def test_no_lock_moves_what_the_suite_runs_with(lock: str) -> None:
    dev = versions("dev")
    assert {name: pinned for name, pinned in versions(lock).items() if pinned != dev.get(name, pinned)} == {}


def test_the_users_lock_brings_no_tools_of_ours() -> None:
    assert versions("main").keys() >= {"httpx"}
    assert not versions("main").keys() & {"pytest", "ruff", "hatchling", "reportlab", "pyarrow", "emkcli"}
    assert not versions("all").keys() & {"pytest", "ruff", "hatchling", "emkcli"}


def test_the_users_lock_is_a_part_of_the_one_with_extras() -> None:
    assert versions("main").items() < versions("all").items()


def test_what_needs_a_package_of_the_users_is_pinned_too() -> None:
    assert all(pin.via and {*pin.via} <= {"emkcli", *versions("all")} for pin in pins("all"))


def test_the_project_is_built_with_what_is_locked() -> None:
    assert set(PYPROJECT["build-system"]["requires"]) <= set(GROUPS["build"])
