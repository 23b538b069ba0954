"""`emk card export --format ndjson` from a FHIR server beside the least a program can do and beside other clients.

    make bench          (or: .venv/bin/python -m bench.export [--large] [--peers])

Everything runs in one go against one server on loopback that renders its pages beforehand; rounds are interleaved, and
the median of the per-round ratios counts. `--large` adds 200,000 resources, `--peers` three clients from PyPI, each in a
virtual environment made for it.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SMALL, LARGE = 20_000, 200_000
ROUNDS = {SMALL: 7, LARGE: 3}
AIMS = {SMALL: 1.0, LARGE: 1.25}
"""How many times as fast as the floor, start-up included."""
MOST_MEMORY = 60.0
PEER_AIM = 3.0
PEERS = {
    "smart-fetch": ("smart-fetch==1.0.3", "smartfetch"),
    "fhirpy": ("fhirpy==2.3.1", "fhirpy"),
    "fhirclient": ("fhirclient==4.4.0", "fhirclient"),
}
HERE = Path(__file__).parent
MEASURE = """
import os, subprocess, sys, time
begun = time.monotonic()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_pid, status, usage = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss, time.monotonic() - begun)
"""


def measured(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds and peak MB of one run, started by a small process: a child begins with its parent's peak."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *command], env=environment, capture_output=True, text=True, check=True
    )
    code, resident, seconds = done.stdout.split()
    if code != "0":
        raise SystemExit(f"{' '.join(command)} ended with {code}: {done.stderr[-800:]}")
    return float(seconds), int(resident) * (1 if sys.platform == "darwin" else 1024) / 1e6


@contextmanager
def server(count: int) -> Iterator[str]:
    """The address of a server of that many Observations."""
    command = [sys.executable, "-m", "bench.pages", str(count)]
    serving = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert serving.stdout is not None
        yield json.loads(serving.stdout.readline())["url"]
    finally:
        serving.terminate()
        serving.wait(20)


def environment(place: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("EMK_", "PYTHONDONTWRITE"))}
    return kept | {"EMK_HOME": str(place / "home"), "EMK_KEYRING": "off", "LANG": "C.UTF-8"}


def commands(url: str, place: Path) -> dict[str, list[str]]:
    emk = str(Path(sys.executable).parent / "emk")
    asked = ["--backend", "fhir", "--url", url, "--person", "p1", "--quiet"]
    return {
        "floor: httpx + orjson + write": [sys.executable, str(HERE / "floor.py"), url, str(place / "floor.ndjson")],
        "emk card export": [emk, "card", "export", "--format", "ndjson", "--to", str(place / "bulk"), *asked],
    }


def peers(place: Path, url: str) -> dict[str, list[str]]:
    """Each peer that installs here, as a command that downloads the same resources."""
    found = {}
    for name, (requirement, script) in PEERS.items():
        home = place / "peers" / name
        venv.create(home, with_pip=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", requirement]
        if subprocess.run(pip, capture_output=True, check=False).returncode:
            print(f"{name}: does not install here")
            continue
        found[name] = [
            str(home / "bin" / "python"),
            str(HERE / "peers" / f"{script}_peer.py"),
            url,
            str(place / script),
        ]
    return found


def compare(count: int, *, with_peers: bool) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Seconds of every round and the highest memory, by command."""
    with tempfile.TemporaryDirectory() as folder, server(count) as url:
        place = Path(folder)
        known = commands(url, place) | (peers(place, url) if with_peers else {})
        seconds: dict[str, list[float]] = {name: [] for name in known}
        memory = dict.fromkeys(known, 0.0)
        for name, command in known.items():
            clear(place)
            measured(command, environment(place))  # compiles, and warms the disk
            if name.startswith(("floor", "emk")):
                check(place, count)
        for _round in range(ROUNDS[count]):
            for name, command in known.items():
                clear(place)
                spent, resident = measured(command, environment(place))
                seconds[name].append(spent)
                memory[name] = max(memory[name], resident)
        return seconds, memory


def clear(place: Path) -> None:
    """Nobody pays for freeing what an earlier round wrote."""
    (place / "floor.ndjson").unlink(missing_ok=True)
    for name in ("bulk", "smartfetch"):
        shutil.rmtree(place / name, ignore_errors=True)


def check(place: Path, count: int) -> None:
    """A fast export that lacks something is no export."""
    for path in (place / "floor.ndjson", place / "bulk" / "Observation.ndjson"):
        if path.exists():
            with path.open("rb") as file:
                lines = sum(1 for line in file if b'"Observation"' in line)
            assert lines == count, f"{path.name}: {lines} of {count}"


def report(count: int, seconds: dict[str, list[float]], memory: dict[str, float]) -> list[str]:
    """Print the ratios; the answer names what missed its aim."""
    ours, missed = seconds["emk card export"], []
    print(f"{count:,} resources".ljust(34) + "median s   emk is faster by   peak MB")
    for name, spent in seconds.items():
        ratio = statistics.median(one / mine for one, mine in zip(spent, ours, strict=True))
        aim = AIMS[count] if name.startswith("floor") else PEER_AIM
        told = "" if spent is ours else f"{ratio:7.2f} x (aim {aim:g})"
        print(f"{name:34}{statistics.median(spent):8.2f}   {told:20}{memory[name]:7.0f}")
        if spent is not ours and ratio < aim:
            missed.append(f"{name} at {count:,}")
    return missed + ([f"memory at {count:,}"] if memory["emk card export"] > MOST_MEMORY else [])


def main(arguments: list[str]) -> None:
    sizes = [SMALL, LARGE] if "--large" in arguments else [SMALL]
    missed, peaks = [], []
    for count in sizes:
        seconds, memory = compare(count, with_peers="--peers" in arguments and count == SMALL)
        peaks.append(memory["emk card export"])
        missed += report(count, seconds, memory)
    if len(peaks) == 2:
        print(f"memory of ten times the card: {peaks[1] / peaks[0]:.2f} x")
    print(f"missed: {', '.join(missed)}" if missed else "every aim is met")


if __name__ == "__main__":
    main(sys.argv[1:])
