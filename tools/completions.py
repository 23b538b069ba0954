"""The completion scripts: `python -m tools.completions` writes them, `--check` fails when they are stale."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.shells import bash, fish, powershell, zsh
from tools.tree import tree

FOLDER = Path(__file__).parent.parent / "completions"


def scripts() -> dict[str, str]:
    """Every script by its file name."""
    words = tree()
    return {
        "emk.bash": bash.script(words),
        "_emk": zsh.script(words),
        "emk.fish": fish.script(words),
        "emk.ps1": powershell.script(words),
    }


def stale() -> list[str]:
    """The files that are not what the tree would make of them."""
    paths = {FOLDER / name: text for name, text in scripts().items()}
    return [p.name for p, text in paths.items() if not p.exists() or p.read_text(encoding="utf-8") != text]


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        old = stale()
        sys.stderr.write("".join(f"{name} is stale, run make generate\n" for name in old))
        return 1 if old else 0
    FOLDER.mkdir(exist_ok=True)
    for name, text in scripts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
