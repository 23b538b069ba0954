"""What the files in `locks/` pin: each package once, with its hashes and with what it is there for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LOCKS = Path(__file__).parent.parent / "locks"
_PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?: ; (?P<marker>[^\\\n]+?))?"
    r"(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n"
    r"(?P<via>(?:    #.*\n)*)"
)


@dataclass(frozen=True)
class Pin:
    """One version of a package. `hashes`: SHA-256 of each of its files; `via`: who needs it, in a lock that says so."""

    name: str
    version: str
    marker: str | None
    hashes: tuple[str, ...]
    via: tuple[str, ...]


def pins(lock: str) -> list[Pin]:
    """The pins of `locks/LOCK.txt`, by name. `ValueError` for a line that is neither a pin with hashes nor a comment."""
    return list(_pins(re.sub(r"\A(?:#.*\n)*", "", (LOCKS / f"{lock}.txt").read_text(encoding="utf-8"))))


def _pins(text: str) -> Iterator[Pin]:
    place = 0
    while place < len(text):
        match = _PIN.match(text, place)
        if match is None:
            raise ValueError(f"no pin with hashes: {text[place:].splitlines()[0]}")
        hashes = re.findall(r"sha256:(\w+)", match["hashes"])
        # one name behind `via`, several on lines of their own; `-c` names the lock that limited it
        via = re.findall(r"#(?:   | via )([a-z0-9][a-z0-9-]*)", match["via"])
        yield Pin(match["name"], match["version"], match["marker"], tuple(hashes), tuple(via))
        place = match.end()
