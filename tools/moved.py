"""Which dependencies moved: `python -m tools.moved locks/dev.txt` compares what is installed beside it with a lock.

Prints a line for each package whose installed version is not the locked one, and nothing when none is.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import distributions
from pathlib import Path

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)


def locked(text: str) -> dict[str, str]:
    """Canonical name → version, as a lock states them."""
    return {_canonical(name): version for name, version in _PINNED.findall(text)}


def moved(lock: dict[str, str], installed: dict[str, str]) -> list[str]:
    """`name old → new`, by name; packages that only one side has do not count."""
    names = sorted(lock.keys() & installed.keys())
    return [f"{name} {lock[name]} → {installed[name]}" for name in names if lock[name] != installed[name]]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    installed = {_canonical(found.metadata["Name"]): found.version for found in distributions()}
    lines = moved(locked(Path(sys.argv[1]).read_text(encoding="utf-8")), installed)
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main()
