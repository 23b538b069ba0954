"""Completion scripts: generated into `completions/`, shipped with the package, read without importing anything."""

from __future__ import annotations

from pathlib import Path

FILES = {"bash": "emk.bash", "zsh": "_emk", "fish": "emk.fish", "powershell": "emk.ps1"}
SHELLS = tuple(FILES)


def script(shell: str) -> str:
    """The script of a shell, from the installed package or from the source tree."""
    package = Path(__file__).parent.parent
    for folder in (package / "completions", package.parent / "completions"):
        if (folder / FILES[shell]).is_file():
            return (folder / FILES[shell]).read_text(encoding="utf-8")
    raise FileNotFoundError(FILES[shell])
