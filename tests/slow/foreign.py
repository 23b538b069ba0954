"""What others wrote, each in a place of its own: packages for Python and Node, and programs that use them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def environment(**more: str) -> dict[str, str]:
    """Without what is set for emk here, and past any proxy."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EMK_")}
    return kept | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"} | more


def run(*command: str | Path, timeout: int = 120, cwd: Path | None = None, **variables: str) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd, capture_output=True, text=True, timeout=timeout, env=environment(**variables),
    )  # fmt: skip
    assert done.returncode == 0, f"{command[:2]}: {done.stdout[-800:]}{done.stderr[-1500:]}"
    return done.stdout


def python_with(place: Path, *packages: str) -> Path:
    """The programs of a new Python that has these packages."""
    run(sys.executable, "-m", "venv", place)
    programs = place / "bin"
    plain = ("--quiet", "--disable-pip-version-check")
    run(programs / "python", "-m", "pip", "install", *plain, *packages, timeout=600)
    return programs


def node_with(place: Path, *packages: str) -> Path:
    """The place, with these packages for a script in it."""
    for program in ("node", "npm"):
        assert shutil.which(program), f"install {program}: this check needs packages written in JavaScript"
    plain = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts")
    run("npm", "install", *plain, "--prefix", place, *packages, timeout=600)
    return place
