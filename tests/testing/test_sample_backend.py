"""A distribution of others with a backend: installed by pip, used by `emk`, and held to the contract by its own tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

SAMPLE = ROOT / "tests" / "fixtures" / "sample_backend"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pip puts it; nothing is fetched."""
    site = tmp_path_factory.mktemp("site")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation")
    run(site, "-m", "pip", "install", *quiet, "--target", str(site), str(SAMPLE))
    return site


def run(site: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": str(site)},
        cwd=site,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_emk_finds_the_backend(site: Path) -> None:
    every = run(site, "-m", "emkcli", "--backend", "sample", "card", "labs", "-o", "tsv")
    assert re.findall(r"lab-\d", every) == ["lab-3", "lab-2", "lab-1"]
    assert "lab-9" not in every, "it is about somebody else"
    some = run(site, "-m", "emkcli", "--backend", "sample", "card", "labs", "--since", "2026-02-01", "-o", "tsv")
    assert re.findall(r"lab-\d", some) == ["lab-3"]


def test_its_own_tests_pass(site: Path) -> None:
    told = run(
        site, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "error", "-v",
        "-c", str(SAMPLE / "pyproject.toml"), str(SAMPLE / "tests"),
    )  # fmt: skip
    assert "test_a_day_is_honoured_or_refused[since] PASSED" in told
    assert "test_records_of_other_people_never_appear PASSED" in told
    assert "test_it_has_the_kinds_of_models_that_a_portal_has PASSED" in told
    assert re.findall(r"::(\w+) SKIPPED", told) == ["test_without_a_session_a_login_is_asked_for"]
