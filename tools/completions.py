"""The completion scripts: `python -m tools.completions` writes them, `--check` fails when they are stale."""

from __future__ import annotations

import sys
from pathlib import Path

from emkcli import locale
from emkcli.presentation.completion_scripts import path
from tools.shells import bash, fish, powershell, zsh
from tools.tree import tree

FOLDER = Path(__file__).parent.parent / "completions"
SHELLS = {"bash": bash.script, "zsh": zsh.script, "fish": fish.script, "powershell": powershell.script}


def scripts() -> dict[str, str]:
    """Every script by its path."""
    made = {
        path(shell, language): write(tree(language)) for language in ("en", "ru") for shell, write in SHELLS.items()
    }
    locale.use("en")
    return made


def stale() -> list[str]:
    """The files that are not what the tree would make of them."""
    paths = {FOLDER / name: text for name, text in scripts().items()}
    return [
        str(p.relative_to(FOLDER))
        for p, text in paths.items()
        if not p.exists() or p.read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        old = stale()
        sys.stderr.write("".join(f"{name} is stale, run make generate\n" for name in old))
        return 1 if old else 0
    for name, text in scripts().items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
