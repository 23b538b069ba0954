"""The suite on every Python that the project supports: `make matrix`, or `nox -s tests-3.13`.

An interpreter is looked for on PATH and among those of pyenv. One that is not there is an error, never a silent skip.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

PYTHONS = ("3.11", "3.12", "3.13")
nox.options.error_on_missing_interpreters = True
nox.options.default_venv_backend = "venv"


def interpreter(version: str) -> str:
    """Where that Python is; its plain version when it is on PATH, or nowhere."""
    found = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{version}.*/bin/python"))
    return version if not found or _runs(f"python{version}") else str(found[-1])


def _runs(program: str) -> bool:
    """A shim of pyenv is on PATH for versions that are not in use, and then refuses to run."""
    path = shutil.which(program)
    return bool(path) and ".pyenv/shims" not in str(path)


def _tests(session: nox.Session) -> None:
    session.install("--quiet", "--require-hashes", "--requirement", "locks/dev.txt")
    session.install("--quiet", "--no-deps", "--no-build-isolation", "--editable", ".")
    workers = str((os.cpu_count() or 1) + 1)
    session.run("python", "-m", "pytest", "-n", workers, "--dist", "worksteal", *session.posargs)


for version in PYTHONS:
    nox.session(_tests, name=f"tests-{version}", python=interpreter(version))
