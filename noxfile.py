"""The suite on every Python we promise: `make matrix`, or `edges` for the oldest and the newest the machine has (CI)."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox

VERSIONS = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))
WORKERS = str((os.cpu_count() or 1) + 1)

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["suite"]


def _put_pyenv_on_path() -> None:
    """pyenv's own `python3.12` runs only where it was chosen; what lies behind it runs always."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    folders = [place for version in VERSIONS for place in sorted(root.glob(f"{version}.*/bin"))[-1:]]
    os.environ["PATH"] = os.pathsep.join([*map(str, folders), os.environ["PATH"]])


_put_pyenv_on_path()


@nox.session(python=VERSIONS)
def suite(session: nox.Session) -> None:
    """Every test but the slow ones, with what the lock says."""
    session.install("--require-hashes", "--requirement", "locks/dev.txt")
    session.install("--no-deps", "--no-build-isolation", "--editable", ".")
    session.run("python", "-m", "pytest", "-n", WORKERS, "--dist", "worksteal", *session.posargs)


@nox.session(venv_backend="none")
def edges(session: nox.Session) -> None:
    """The oldest and the newest Python of this machine; `make test` has run on the one that runs this."""
    here = [version for version in VERSIONS if shutil.which(f"python{version}")]
    chosen = {here[0], here[-1]} if here else set()
    current = f"{sys.version_info.major}.{sys.version_info.minor}"
    for version in sorted(chosen - {current}, key=VERSIONS.index):
        session.notify(f"suite-{version}")
    for version in VERSIONS:
        if version not in {*chosen, current}:
            why = "is between the two that run" if version in here else "IS NOT ON THIS MACHINE"
            session.warn(f"NOT RUN: Python {version} {why}")
