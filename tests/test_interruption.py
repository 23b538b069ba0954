"""SIGTERM, SIGHUP and Ctrl-C end a run alike, wherever it stands: one message, one exit code, nothing orphaned."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from tests.contract.conftest import embedded, stages
from tests.contract.world import World

__all__ = ["embedded", "stages"]

ENDS = {signal.SIGHUP: (129, "hung_up"), signal.SIGINT: (130, "cancelled"), signal.SIGTERM: (143, "terminated")}
each_signal = pytest.mark.parametrize("number", ENDS)


HERE = """import os, sys, time
mark = sys.argv.pop()
def here(): os.close(os.open(mark, os.O_CREAT))
"""


def started(*line: str, program: str = "import emkcli.__main__ as m; sys.exit(m.main())") -> subprocess.Popen[bytes]:
    """A program in a process of its own; the last argument is the file by which it says that it stands where it should."""
    command = [sys.executable, "-c", f"{HERE}{program}", *line]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def until(ready: Callable[[], object]) -> None:
    deadline = time.monotonic() + 25
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def check(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """It ended as that signal ends a run: one JSON error on stderr and no word besides."""
    out, err = process.communicate(timeout=25)
    code, slug = ENDS[number]
    assert (process.returncode, out) == (code, b""), err.decode()
    error = json.loads(err)["error"]
    assert (error["code"], error["exit_code"], error["message"]) == (slug, code, "Interrupted.")


STANDS = {
    "an import": "import importlib.abc\n"
    "class Slow(importlib.abc.MetaPathFinder):\n"
    "    def find_spec(self, name, path, target=None):\n"
    "        if name == 'emkcli.cli': sys.meta_path.remove(self); here(); time.sleep(15)\n"
    "sys.meta_path.insert(0, Slow())\n",
    "a finalizer": "from emkcli.app import App\n"
    "class Slow:\n"
    "    def __del__(self): here(); time.sleep(15)\n"
    "def start(*_args, **_options):\n"
    "    Slow()\n"
    "    time.sleep(15)\n"
    "App.start = start\n",
    "the end of a with block": "from emkcli.app import App\n"
    "class Slow:\n"
    "    def __enter__(self): pass\n"
    "    def __exit__(self, *_error): here(); time.sleep(15)\n"
    "def start(*_args, **_options):\n"
    "    with Slow(): pass\n"
    "App.start = start\n",
    "a lock": "from emkcli.app import App\n"
    "import threading\n"
    "lock = threading.Lock()\n"
    "App.start = lambda *_args, **_options: (lock.acquire(), here(), lock.acquire())\n",
    "a callback of SQLite": "from emkcli.app import App\n"
    "import sqlite3\n"
    "def wait(): here(); time.sleep(15)\n"
    "def start(*_args, **_options):\n"
    "    db = sqlite3.connect(':memory:')\n"
    "    db.create_function('wait', 0, wait)\n"
    "    db.execute('SELECT wait()')\n"
    "App.start = start\n",
    "the closing": "from emkcli.app import App\n"
    "def close(self):\n"
    "    App.close = lambda self: None\n"
    "    here(); time.sleep(15)\n"
    "App.close = close\n",
}


@each_signal
@pytest.mark.parametrize("stands", STANDS)
def test_wherever_it_stands(tmp_path: Path, number: signal.Signals, stands: str) -> None:
    mark = tmp_path / "mark"
    program = f"{STANDS[stands]}import emkcli.__main__ as m\nsys.exit(m.main())"
    process = started("config", "list", "-o", "json", str(mark), program=program)
    until(mark.exists)
    process.send_signal(number)
    if stands == "the closing":  # the document was there already
        _out, err = process.communicate(timeout=25)
        assert process.returncode == ENDS[number][0]
        assert json.loads(err)["error"]["exit_code"] == process.returncode
    else:
        check(process, number)


@each_signal
def test_an_early_answer_that_nobody_reads(number: signal.Signals) -> None:
    program = "import os, fcntl\nfcntl.fcntl(1, 1031, 4096)\nimport emkcli.__main__ as m\nsys.exit(m.main())"
    process = started("completion", "bash", "", program=program)
    assert process.stdout is not None
    assert process.stdout.read(1)  # it has begun, and its pipe of 4 KB is full again
    process.send_signal(number)
    _out, err = process.communicate(timeout=25)
    assert (process.returncode, err) == (ENDS[number][0], b"emk: Interrupted.\n")


def test_a_second_signal_does_not_break_the_cleaning_up(tmp_path: Path) -> None:
    mark, cleaned = tmp_path / "mark", tmp_path / "cleaned"
    program = (
        "from emkcli.app import App\n"
        "def start(*_args, **_options):\n"
        "    try: here(); time.sleep(15)\n"
        f"    finally: open({str(tmp_path / 'cleaning')!r}, 'w'); time.sleep(0.5); open({str(cleaned)!r}, 'w')\n"
        "App.start = start\nimport emkcli.__main__ as m\nsys.exit(m.main())"
    )
    process = started("config", "list", "-o", "json", str(mark), program=program)
    until(mark.exists)
    process.send_signal(signal.SIGTERM)
    until((tmp_path / "cleaning").exists)
    for number in ENDS:
        process.send_signal(number)
    check(process, signal.SIGTERM)
    assert cleaned.exists()


def test_what_a_parent_ignores_stays_ignored(tmp_path: Path) -> None:
    """As with nohup; only SIGHUP is ignored, so that SIGTERM ends it still."""
    mark = tmp_path / "mark"
    program = (
        "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\nfrom emkcli.app import App\n"
        "App.start = lambda *_args, **_options: (here(), time.sleep(15))\n"
        "import emkcli.__main__ as m\nsys.exit(m.main())"
    )
    process = started("config", "list", "-o", "json", str(mark), program=program)
    until(mark.exists)
    process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    check(process, signal.SIGTERM)


@pytest.mark.parametrize("number", ENDS)
def test_a_signal_in_the_last_import_kills_nobody_who_is_done(number: signal.Signals) -> None:
    """It was left waiting for the end of the import, and its alarm must not ring when nobody listens any more."""
    program = """from emkcli import __main__ as m, interruption
import os, signal, types, importlib.abc
class Last(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None): os.kill(os.getpid(), int(sys.argv[1]))
class Slow(types.ModuleType):
    def __del__(self, sleep=time.sleep): sleep(0.6)
def run(arguments):
    sys.meta_path.insert(0, Last())
    try: import nothing_of_that_name
    except ImportError: return 0
interruption.A_MOMENT_S = 0.3
m._run, sys.modules["slow"] = run, Slow("slow")
sys.exit(m.main())"""
    done = started(str(int(number)), "no mark", program=program)
    out, err = done.communicate(timeout=25)
    assert (done.returncode, out, err) == (0, b"", b"")


def test_the_library_installs_no_handler() -> None:
    program = (
        "import signal\nbefore = [signal.getsignal(n) for n in (2, 15, 1)]\n"
        "import emkcli.api, emkcli.mock.serve, emkcli.cli\n"
        "emkcli.cli.main(['--version', '-q'])\n"
        "sys.exit([signal.getsignal(n) for n in (2, 15, 1)] != before)"
    )
    process = started("", program=program)
    process.communicate(timeout=25)
    assert process.returncode == 0


@each_signal
def test_the_terminal_echoes_again(embedded: World, number: signal.Signals) -> None:
    embedded.at("registered")
    line = ["-c", f"{sys.executable} -m emkcli verify --passport-scan {embedded.passport} --selfie {embedded.selfie}"]
    environment = {**os.environ, "EMK_HOME": str(embedded.home), "TERM": "dumb"}
    shell = pexpect.spawn("/bin/sh", ["-c", f"exec {line[1]}"], env=environment, encoding="utf-8", timeout=25)  # type: ignore[arg-type]
    shell.expect("Code from the SMS")
    until(lambda: not shell.getecho())
    shell.kill(number)
    shell.expect("emk: Interrupted.")
    shell.expect(pexpect.EOF)
    assert "Traceback" not in (shell.before or "")
    shell.close()
    assert shell.exitstatus == ENDS[number][0]


def test_a_secret_stays_unseen_after_a_stop(tmp_path: Path) -> None:
    """The shell turns the echo on while the job is stopped, and leaves it on."""
    document = tmp_path / "document.json"
    document.write_text('{"resourceType": "Patient"}')
    line = ["-m", "emkcli", "card", "import", "--storage", "encrypted-file", str(document)]
    environment = {**os.environ, "EMK_HOME": str(tmp_path / "home"), "TERM": "dumb"}
    shell = pexpect.spawn(sys.executable, line, env=environment, encoding="utf-8", timeout=25)  # type: ignore[arg-type]
    shell.expect("New passphrase: ")
    until(lambda: not shell.getecho())
    shell.kill(signal.SIGSTOP)
    os.waitpid(shell.pid, os.WUNTRACED)
    shell.setecho(True)
    shell.kill(signal.SIGCONT)
    shell.expect("New passphrase: ")
    assert not shell.getecho()
    shell.sendline("unseen words")
    shell.expect("The same again: ")
    assert "unseen" not in (shell.before or "")
    shell.close(force=True)


def test_a_terminal_that_closes_at_a_question(embedded: World) -> None:
    embedded.at("new")
    shell = pexpect.spawn(sys.executable, ["-m", "emkcli", "register"], env={**os.environ, "TERM": "dumb"}, timeout=25)  # type: ignore[arg-type]
    shell.expect("Last name")
    os.close(shell.child_fd)
    _pid, status = os.waitpid(shell.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 129
    shell.closed = True


DEFERRED = """from emkcli import interruption
from emkcli.app import App
def start(*_args, **_options):
    with interruption.deferred():
        with interruption.deferred(): pass
        here()
        time.sleep(0.5)
        open(mark + '.whole', 'w')
    time.sleep(15)
App.start = start
import emkcli.__main__ as m
sys.exit(m.main())"""


@each_signal
def test_what_must_not_be_torn_is_done_first(tmp_path: Path, number: signal.Signals) -> None:
    mark = tmp_path / "mark"
    process = started("config", "list", "-o", "json", str(mark), program=DEFERRED)
    until(mark.exists)
    process.send_signal(number)
    check(process, number)
    assert (tmp_path / "mark.whole").exists()


@each_signal
def test_a_program_that_was_started_ends_too(embedded: World, tmp_path: Path, number: signal.Signals) -> None:
    embedded.at("verified")
    noted = tmp_path / "pid"
    script = tmp_path / "code.sh"
    script.write_text(f"#!/bin/sh\nsleep 300 &\necho $$ $! >{noted}.new\nmv {noted}.new {noted}\nwait\n")
    script.chmod(0o700)
    line = ("login", "--from", embedded.person, "--code-command", str(script), "-o", "json")
    environment = {**os.environ, "EMK_HOME": str(embedded.home)}
    process = subprocess.Popen(
        [sys.executable, "-m", "emkcli", *line], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    until(noted.exists)
    process.send_signal(number)
    check(process, number)
    for pid in noted.read_text().split():
        until(lambda pid=pid: not _lives(int(pid)))  # type: ignore[misc]


def _lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


EXPORT = """from emkcli.exporters import json_writer
def write(job, output):
    output.write(b"plain text of a card")
    output._file.flush()
    here(); time.sleep(15)
json_writer.write = write
import emkcli.__main__ as m
sys.exit(m.main())"""


@pytest.fixture
def exporting(embedded: World, tmp_path: Path) -> subprocess.Popen[bytes]:
    """An export that has written some of its file, and writes on."""
    embedded.at("activated")
    line = ("card", "export", "--format", "json", "--to", str(tmp_path / "target" / "card.json"), "-o", "json")
    process = started(*line, str(tmp_path / "mark"), program=EXPORT)
    until((tmp_path / "mark").exists)
    assert plain_below(tmp_path / "target")
    return process


def plain_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and b"plain text" in path.read_bytes()]


DEMO = """from emkcli.usecases.onboarding import invented_papers
invented_papers.write_person = lambda *_args: (here(), time.sleep(15))
import emkcli.__main__ as m
sys.exit(m.main())"""


@each_signal
def test_a_demo_that_made_nothing_leaves_no_directory(tmp_path: Path, number: signal.Signals) -> None:
    process = started("demo", "--to", str(tmp_path / "card"), "-o", "json", str(tmp_path / "mark"), program=DEMO)
    until((tmp_path / "mark").exists)
    assert (tmp_path / "card").is_dir()
    process.send_signal(number)
    check(process, number)
    assert not (tmp_path / "card").exists()


@each_signal
def test_a_signal_leaves_nothing_of_an_export(
    exporting: subprocess.Popen[bytes], tmp_path: Path, number: signal.Signals
) -> None:
    exporting.send_signal(number)
    check(exporting, number)
    assert list((tmp_path / "target").iterdir()) == []


def test_what_a_kill_leaves_is_gone_after_the_next_command(
    exporting: subprocess.Popen[bytes], embedded: World, tmp_path: Path
) -> None:
    embedded.ok("config", "list")
    assert plain_below(tmp_path / "target"), "its writer lives"
    exporting.kill()
    exporting.communicate()
    embedded.ok("config", "list")
    assert list((tmp_path / "target").iterdir()) == []
