"""The contract's table of exit codes: one real process per row."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import Emk
from tests.contract.world import World

EMK = (sys.executable, "-m", "emkcli")
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Row:
    """A line, from a stage on, and what it ends with; an outcome has no slug and a document on stdout."""

    code: int
    slug: str | None
    stage: str
    line: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    env: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}-{self.slug or 'outcome'}-{'-'.join(self.line[:2])}"


ROWS = (
    Row(0, None, "connected", ("status",)),
    Row(0, None, "logged-in", ("application", "list")),
    Row(2, "usage", "new", ("status", "--nonsense")),
    Row(2, "usage", "submitted", ("clinic", "choose", "gp-005")),
    Row(2, "invalid_input", "new", ("register", "--from", "no-such-file.toml")),
    Row(3, "not_found", "logged-in", ("clinic", "show", "gp-999")),
    Row(3, "not_found", "logged-in", ("status", "--exit-code")),
    Row(3, None, "activated", ("card", "labs", "--since", "2030-01-01", "--exit-code")),
    Row(4, "login_required", "new", ("whoami",)),
    Row(4, "session_lost", "connected", ("status",), env={"EMK_TOKEN": "invented"}),
    Row(
        4,
        "no_secret_storage",
        "new",
        ("login", "--from", "person.json", "--code-command", "true"),
        env={"EMK_URL": "https://emk.invalid"},
    ),
    Row(5, "consent_required", "logged-in", ("connect",)),
    Row(5, "not_activated", "submitted", ("card", "labs")),
    Row(5, "not_verified", "registered", ("connect",)),
    Row(5, "forbidden", "activated", ("api", "GET", "/fhir/R4/Patient/p-999999")),
    Row(5, "read_only", "connected", ("connect",), env={"EMK_READ_ONLY": "1"}),
    Row(5, None, "connected", ("status", "--exit-code")),
    Row(6, "conflict", "connected", ("clinic", "choose", "gkb-001", "--yes")),
    Row(6, "exists", "registered", ("register", "--from", "other.json")),
    Row(7, "unreachable", "new", ("whoami",), env={"EMK_URL": NOWHERE}),
    Row(8, "server_error", "connected", ("status",), (("mock", "fault", "add", "5xx", "--times", "0"),)),
    Row(8, "rate_limited", "connected", ("status",), (("mock", "fault", "add", "429", "--times", "0"),)),
    Row(8, "bad_response", "connected", ("status",), (("mock", "fault", "add", "html"),)),
    Row(9, None, "submitted", ("status", "--exit-code")),
    Row(10, None, "submitted", ("status", "--wait"), (("mock", "scenario", "refusal"),)),
    Row(11, "unsupported", "new", ("status",), env={"EMK_URL": "http://127.0.0.1:9", "EMK_BACKEND": "fhir"}),
    Row(13, "storage", "new", ("whoami",), env={"EMK_HOME": "/proc/emk"}),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_of_the_table(embedded: World, process: Emk, monkeypatch: pytest.MonkeyPatch, row: Row) -> None:
    embedded.at(row.stage)
    monkeypatch.chdir(embedded.files)
    embedded.person_file("other.json", first_name="Мария")
    for line in row.before:
        embedded.ok(*line)
    begun = _processor_seconds()
    done = process(*row.line, "--json", env=row.env)
    assert done.code == row.code, done.err
    assert _processor_seconds() - begun < 6
    if row.slug is None:
        assert done.json["schema_version"] == 1
        assert done.err == ""
    else:
        assert done.out == ""
        assert (done.error["code"], done.error["exit_code"]) == (row.slug, row.code)
        assert done.error["retryable"] is (row.code in (7, 8))


def _processor_seconds() -> float:
    """What the processes that ended have cost; how long they waited for a processor says nothing of them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_smoke_that_fails_is_12(embedded: World, process: Emk, served: World) -> None:
    served.at("new").ok("mock", "fault", "add", "html", "--path", "/api/v1/clinics", "--times", "0")
    assert process("smoke").code == 12
    served.ok("mock", "fault", "clear")


def test_a_person_in_the_way_of_another_process_is_13_busy(embedded: World, process: Emk) -> None:
    import sqlite3

    embedded.at("connected")
    state = sqlite3.connect(embedded.home / "state" / "mock.sqlite3")
    state.execute("BEGIN IMMEDIATE")
    try:
        read = process("status", "--json")
        busy = process("mock", "scenario", "happy", "--json")
    finally:
        state.close()
    assert read.code == 0, "who reads waits for nobody"
    assert (busy.code, busy.error["code"], busy.error["retryable"]) == (13, "busy", True)


def started(*line: str, **more: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "emkcli", *line]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)  # type: ignore[call-overload, no-any-return]


def interrupted(
    process: subprocess.Popen[bytes], ready: Callable[[], bool], number: signal.Signals
) -> tuple[int, bytes, bytes]:
    deadline = time.monotonic() + 60
    while not ready() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_interrupted_while_waiting(served: World, number: signal.Signals, exit_code: int) -> None:
    served.at("submitted").ok("mock", "log", "--clear")
    waiting = started("status", "--wait", "--json")
    asked = "/api/v1/applications"
    is_asked = lambda: asked in {entry["path"] for entry in served.ok("mock", "log").items}  # noqa: E731
    code, out, err = interrupted(waiting, is_asked, number)
    assert (code, out) == (exit_code, b""), err.decode()
    assert json.loads(err)["error"]["exit_code"] == exit_code
    assert served.ok("status").item["status"] == "submitted"


def test_a_reader_who_leaves_is_141_and_nothing_is_said(embedded: World) -> None:
    embedded.at("activated")
    reading = started("card", "labs")
    assert reading.stdout is not None
    assert reading.stderr is not None
    reading.stdout.close()
    said = reading.stderr.read()
    assert (reading.wait(60), said) == (141, b"")


EARLY = ("--version", "--version -q", "completion bash", "--help", "card", "card --help", "card labs --help")


@pytest.mark.parametrize("line", EARLY)
def test_an_early_answer_that_cannot_be_written(line: str) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run([*EMK, *line.split()], stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (13, b"emk: Cannot write the output: No space left on device\n")


@pytest.mark.parametrize("line", EARLY)
def test_an_early_answer_that_nobody_reads(line: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*EMK, *line.split()], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_shell_pipe_that_is_cut(embedded: World, tmp_path: Path) -> None:
    embedded.at("activated")
    emk = f"{sys.executable} -m emkcli"
    script = f"{emk} card labs 2>{tmp_path}/err | head -1 >{tmp_path}/out; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout.strip() in {"141", "0"}
    assert (tmp_path / "err").read_text() == ""
    assert len((tmp_path / "out").read_text().splitlines()) == 1
