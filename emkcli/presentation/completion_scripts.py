"""Completion scripts: generated into `completions/`, shipped with the package, read without importing anything."""

from __future__ import annotations

from pathlib import Path

FILES = {"bash": "emk.bash", "zsh": "_emk", "fish": "emk.fish", "powershell": "emk.ps1"}
SHELLS = tuple(FILES)
DESCRIBING = ("zsh", "fish", "powershell")
"""The shells that show descriptions: they have a script in each language, in Russian below `ru/`."""


def path(shell: str, language: str) -> str:
    """The script of a shell in `ru` or `en`, below `completions/`."""
    return f"ru/{FILES[shell]}" if language == "ru" and shell in DESCRIBING else FILES[shell]


def script(shell: str, language: str) -> str:
    """The script of a shell, from the installed package or from the source tree."""
    package = Path(__file__).parent.parent
    for folder in (package / "completions", package.parent / "completions"):
        if (file := folder / path(shell, language)).is_file():
            return file.read_text(encoding="utf-8")
    raise FileNotFoundError(path(shell, language))
