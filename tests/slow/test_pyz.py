"""`make pyz`: one file that runs in a clean directory where nothing of ours is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.slow.test_release import pythons

BASE = getattr(sys, "_base_executable", sys.executable)
"""The Python beneath this virtual environment: it has none of our packages."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("made") / "emk.pyz"
    subprocess.run(["make", "pyz", f"PYZ={made}"], cwd=ROOT, check=True, capture_output=True)
    return made


def version(python: str) -> str:
    code = "import sys; print(sys.version_info[:2])"
    return subprocess.run([python, "-c", code], text=True, capture_output=True, check=True).stdout


def run(python: str, file: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "EMK_LANG": "en"}
    return subprocess.run(
        [python, "-I", str(file), *words], cwd=home, env=environment, text=True, capture_output=True, check=False
    )


def test_it_walks_the_whole_journey(file: Path, tmp_path: Path) -> None:
    assert run(BASE, file, tmp_path, "--version").stdout.startswith("emk ")
    done = run(BASE, file, tmp_path, "demo", "--json")
    assert (done.returncode, '"steps":16' in done.stdout.replace(" ", "")) == (0, True), done.stderr
    assert run(BASE, file, tmp_path, "completion", "zsh").stdout.startswith("#compdef emk")
    assert run(BASE, file, tmp_path, "status").returncode == 4


def test_another_python_is_told_so(file: Path, tmp_path: Path) -> None:
    others = [python for python in pythons() if version(python) != version(BASE)]
    assert others, "install another Python: this check needs one that the file was not made with"
    done = run(others[-1], file, tmp_path, "status")
    assert done.returncode == 1
    assert done.stderr.startswith("emk: emk.pyz was made for another Python")
    assert "Traceback" not in done.stderr
