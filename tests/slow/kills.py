"""One home, its target and its temporary directory; runs of `emk` on it that are killed, and what must hold after each."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import IO, Any

MARKER = "Zmarker7q"
"""Stands in every imported document: where it can be read in a file, that file is plain."""
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
ENDS = {signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 130}


_DRAFT = re.compile(r"^\.emk-|^\..*\.[0-9a-f]{16}$")


@dataclass
class Ended:
    """How a run ended: its exit code, or minus the signal; how long it lived from its first instruction; what it printed."""

    code: int
    seconds: float
    out: bytes
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@dataclass
class Server:
    """`kill_server`, spoken to over its pipes."""

    process: subprocess.Popen[bytes]
    place: Path

    def run(
        self, line: list[str], env: dict[str, str], number: signal.Signals | None = None, after: float = 0
    ) -> Ended:
        job = {"line": line, "env": env, "out": str(self.place / "out"), "err": str(self.place / "err")}
        self._tell(job)
        pid, began = int(self._answer()), time.monotonic()
        if number:
            time.sleep(after)
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        code, seconds = int(self._answer()), time.monotonic() - began
        ended = (self.place / "out").read_bytes(), (self.place / "err").read_text(encoding="utf-8")
        return Ended(code, seconds, *ended)

    def _tell(self, job: Any) -> None:
        stdin: IO[bytes] = self.process.stdin  # type: ignore[assignment]
        stdin.write(json.dumps(job).encode() + b"\n")
        stdin.flush()

    def _answer(self) -> bytes:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@contextmanager
def kill_server(place: Path, warm_up: list[dict[str, Any]]) -> Iterator[Server]:
    place.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.slow.kill_server"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    server = Server(process, place)
    server._tell(warm_up)
    try:
        yield server
    finally:
        process.kill()
        process.communicate()


@dataclass
class Place:
    """Where everything lies; `finished` are the plain exports that were acknowledged or have come into being whole."""

    home: Path
    target: Path
    temporary: Path

    def unfinished(self) -> list[Path]:
        """What is begun and not done: beside the target, in the home and among temporary files."""
        drafts = [path for place in (self.target, self.home) for path in place.rglob("*") if _DRAFT.search(path.name)]
        return drafts + list(self.temporary.iterdir())

    def plain(self) -> list[Path]:
        """Files outside of a finished export in which the marker can be read."""
        places = [path for place in (self.home, self.temporary) for path in place.rglob("*") if path.is_file()]
        return [path for path in places if MARKER.encode() in path.read_bytes()]

    def wide(self) -> list[tuple[str, str]]:
        """Files that somebody else might open."""
        places = (self.home, self.target, self.temporary)
        found = [path for place in places for path in place.rglob("*") if path.is_file()]
        return [(str(path), oct(mode)) for path in found if (mode := _mode(path)) & 0o077]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@dataclass
class Case:
    """A command that is killed: its line, what makes it possible again, and what must be true afterwards."""

    name: str
    kills: int
    line: Callable[[], list[str]]
    before: Callable[[], None] = lambda: None
    check: Callable[[Ended], None] = lambda ended: None
    lasted: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long a run takes that is not killed: the median of the last few."""
        return median(self.lasted[-5:])


@dataclass
class Tally:
    """What the note says: for each command how many were killed, in which quarter of the run, and what was left and swept."""

    killed: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    quarters: Counter[int] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        rows = [f"{name}: {n} killed, {self.missed[name]} had ended, {self.left[name]} left something that was swept"
                for name, n in self.killed.items()]  # fmt: skip
        return "\n".join([*rows, f"by quarter of the run: {sorted(self.quarters.items())}"])
