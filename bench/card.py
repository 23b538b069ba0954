"""A card of 20,000 laboratory results: time and peak memory of listing and exporting it, beside a card of 2,000.

    make bench          (or: .venv/bin/python -m bench.card)

The mock runs as a server of its own, so that the memory is the client's alone. Flat means: ten times the card, about the
same peak.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZES = (2_000, 20_000)
COMMANDS = {
    "card labs -o jsonl": ["card", "labs", "-o", "jsonl"],
    "card labs -o json": ["card", "labs", "-o", "json"],
    "card labs (plain)": ["card", "labs"],
    "card labs -o csv": ["card", "labs", "-o", "csv"],
    "export fhir": ["card", "export", "--format", "fhir", "--to", "{folder}/card.json", "--force"],
    "export json": ["card", "export", "--format", "json", "--to", "{folder}/all.json", "--force"],
    "export csv": ["card", "export", "--format", "csv", "--to", "{folder}/csv", "--force"],
    "export xlsx": ["card", "export", "--format", "xlsx", "--to", "{folder}/card.xlsx", "--force"],
    "export pdf": ["card", "export", "--format", "pdf", "--to", "{folder}/card.pdf", "--force"],
}


@contextmanager
def server(records: int, folder: Path) -> Iterator[dict[str, str]]:
    """A mock with one activated person of that many results, and the environment of somebody logged in there."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("EMK_", "PYTHONDONTWRITE"))}
    environment = kept | {"EMK_HOME": str(folder / "home"), "EMK_KEYRING": "off", "LANG": "C.UTF-8"}
    emk = [sys.executable, "-m", "emkcli"]
    serving = subprocess.Popen(
        [*emk, "mock", "serve", "--records", str(records)], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert serving.stdout is not None
        environment["EMK_URL"] = json.loads(serving.stdout.readline())["url"]
        seed = subprocess.run(
            [*emk, "mock", "seed", "-o", "json", "--timeout", "300"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        person = folder / "login.toml"
        person.write_text(f'phone = "{json.loads(seed.stdout)["item"]["phone"]}"\n', encoding="utf-8")
        code = f"{sys.executable} -m emkcli mock inbox --code"
        subprocess.run(
            [*emk, "login", "--from", str(person), "--code-command", code],
            env=environment,
            check=True,
            capture_output=True,
        )
        yield environment
    finally:
        serving.terminate()
        serving.wait(20)


MEASURE = """
import os, subprocess, sys
process = subprocess.Popen([sys.executable, "-m", "emkcli", *sys.argv[1:]], stdout=subprocess.DEVNULL)
_pid, status, usage = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""


def peak(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds and peak resident MB of one run, measured from a small process: a child starts with its parent's peak."""
    started = time.monotonic()
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    code, resident = map(int, measured.stdout.split())
    if code != 0:
        raise SystemExit(f"{' '.join(arguments)} ended with {code}: {measured.stderr[-400:]}")
    scale = 1 if sys.platform == "darwin" else 1024
    return time.monotonic() - started, resident * scale / 1e6


def main() -> None:
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as place, server(size, Path(place)) as environment:
            for name, arguments in COMMANDS.items():
                rows[name].append(peak([word.format(folder=place) for word in arguments], environment))
    print(f"{'':20}" + "".join(f"{size:>10,} results " for size in SIZES) + "   memory")
    for name, measured in rows.items():
        cells = "".join(f"{seconds:7.1f} s {memory:5.0f} MB  " for seconds, memory in measured)
        print(f"{name:20} {cells} {measured[1][1] / measured[0][1]:5.2f} x")


if __name__ == "__main__":
    main()
