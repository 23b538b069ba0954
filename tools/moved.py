"""Which dependency is newer here than in the lock: `python -m tools.moved locks/dev.txt` in the environment in question."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def moved(lock: str) -> Iterator[str]:
    """`name old → new` for every pin that is installed in another version; what is not for this platform is not there."""
    for name, old in PIN.findall(lock):
        try:
            new = version(name)
        except PackageNotFoundError:
            continue
        if new != old:
            yield f"{name} {old} → {new}"


def main(arguments: list[str]) -> int:
    lines = list(moved(Path(arguments[0]).read_text(encoding="utf-8")))
    print(f"Newer than the lock: {len(lines)}", *lines, sep="\n  ")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
