"""Syncing a card of 20,000 laboratory results: the first time, and again when nothing changed; beside a card of 2,000.

    make bench          (or: .venv/bin/python -m bench.sync)

The mock runs as a server of its own. An unchanged card may cost a twentieth of the first sync; flat memory means: ten
times the card, about the same peak.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.card import SIZES, peak, server

MOST = 0.05
RUNS = {"unchanged": 3}
"""How often a short command is run; the best counts."""
COMMANDS = {
    "first": ["card", "sync", "--insecure-storage"],
    "unchanged": ["card", "sync", "--if-changed"],
    "everything anew": ["card", "sync", "--full"],
    "labs --offline": ["card", "labs", "--offline", "-o", "jsonl"],
}


def measure(size: int) -> dict[str, tuple[float, float]]:
    """Seconds and peak MB of each command on a card of that size."""
    with tempfile.TemporaryDirectory() as place, server(size, Path(place)) as environment:
        return {
            name: min(peak(arguments, environment) for _run in range(RUNS.get(name, 1)))
            for name, arguments in COMMANDS.items()
        }


def main() -> None:
    few, many = (measure(size) for size in SIZES)
    print(f"{'':18}" + "".join(f"{size:>10,} results " for size in SIZES) + "   memory")
    for name in COMMANDS:
        cells = "".join(f"{seconds:7.2f} s {memory:5.0f} MB  " for seconds, memory in (few[name], many[name]))
        print(f"{name:18} {cells} {many[name][1] / few[name][1]:5.2f} x")
    ratio = many["unchanged"][0] / many["first"][0]
    print(f"\nan unchanged card: {ratio:.1%} of the first sync (at most {MOST:.0%})")
    if ratio > MOST:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
