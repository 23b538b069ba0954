"""The worst answer of each kind takes a process neither 300 MB nor a minute, and none is called a bug in emk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.api.hostile_server import hostile, whole
from tests.invented import PATIENT
from tests.slow.hostile_answers import ANSWERS, Parts

MOST_MEGABYTES = 300
MOST_SECONDS = 60
COUNTED = """
import os, subprocess, sys
process = subprocess.Popen([sys.executable, "-m", "emkcli", *sys.argv[1:]], stdout=subprocess.DEVNULL)
_pid, status, usage = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""
"""From a small process: what is forked begins with the memory that its parent had."""
COMMANDS = {
    "list": ("card", "labs", "-o", "jsonl"),
    "table": ("card", "labs", "-o", "table"),
    "export": ("card", "export", "--format", "fhir", "--to", "card.json"),
    "sync": ("card", "sync"),
    "raw": ("api", "GET", "/Observation"),
}
LARGE = {"results", "results of many parts"}
"""What is no attack but a large page: a sync keeps each of its records, which takes minutes for a million."""
MEASURED = [(kind, command) for kind in ANSWERS for command in COMMANDS if command != "sync" or kind not in LARGE]


class Cost(NamedTuple):
    code: int
    seconds: float
    megabytes: float
    stderr: str


def says(answer: Callable[[], Parts]) -> Callable[[bytes], Iterator[bytes]]:
    def said(head: bytes) -> Iterator[bytes]:
        if b"/Patient/p1 " in head:
            return iter([whole(json.dumps(PATIENT).encode())])
        if b"/Observation" in head or b"$everything" in head:
            return answer()
        return iter([whole(b'{"resourceType": "Bundle", "type": "searchset"}')])

    return said


def cost(arguments: tuple[str, ...], answer: Callable[[], Parts], home: Path) -> Cost:
    """What one command takes, in a process of its own."""
    with hostile(says(answer)) as server, (home / "stderr").open("w+b") as stderr:
        (home / "passphrase").write_text("a passphrase that is long enough\n", encoding="utf-8")
        (home / "passphrase").chmod(0o600)
        environment = {
            "EMK_HOME": str(home),
            "EMK_PASSPHRASE_FILE": str(home / "passphrase"),
            "EMK_BACKEND": "fhir",
            "EMK_URL": server.base,
            "EMK_PERSON": "p1",
        }
        started = time.monotonic()
        counted = subprocess.run(
            [sys.executable, "-c", COUNTED, *arguments], cwd=home, stdout=subprocess.PIPE, stderr=stderr,
            stdin=subprocess.DEVNULL, env={**os.environ, **environment, "EMK_KEYRING": "off"}, check=True,
        )  # fmt: skip
        spent = time.monotonic() - started
        stderr.seek(0)
        said = stderr.read().decode()
    code, kilobytes = map(int, counted.stdout.split())
    return Cost(code, spent, kilobytes / 1024, said)


@pytest.mark.parametrize(("kind", "command"), MEASURED)
def test_no_answer_costs_too_much(kind: str, command: str, tmp_path: Path) -> None:
    spent = cost(COMMANDS[command], ANSWERS[kind], tmp_path)
    print(f"{kind:32} {command:7} exit {spent.code:3} {spent.seconds:6.1f} s {spent.megabytes:5.0f} MB")  # noqa: T201
    assert spent.megabytes < MOST_MEGABYTES
    assert spent.seconds < MOST_SECONDS
    assert spent.code != 1, spent.stderr
    assert "Traceback" not in spent.stderr
