"""Programs that answer for a person: their answer, their deadline, and errors that repeat nothing secret."""

import os
import shlex
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import errors
from emkcli.security import external_programs

SECRET = "314159"


def python(code: str) -> str:
    return shlex.join([sys.executable, "-c", code])


def refused(command: str, **options: float) -> str:
    with pytest.raises(errors.EmkError) as caught:
        external_programs.first_line(command, **options)  # type: ignore[arg-type]
    assert caught.value.exit_code == 2
    assert SECRET not in caught.value.message
    return caught.value.message


def test_the_first_line_is_the_answer() -> None:
    assert external_programs.first_line(r"printf ' 314159 \r\nmore\n'") == SECRET


def test_there_is_no_shell_but_its_quoting() -> None:
    assert external_programs.first_line("echo 'a b' $HOME | cat") == "a b $HOME | cat"


def test_standard_input_and_environment_reach_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMK_PROFILE", "ours")
    assert external_programs.output("cat", stdin=b"challenge\n" * 50_000) == b"challenge\n" * 50_000
    assert external_programs.first_line("sh -c 'echo $EMK_URL $EMK_PROFILE'", env={"EMK_URL": "u"}) == "u ours"
    assert external_programs.first_line("echo unread", stdin=b"x" * 1_000_000) == "unread"


def test_without_input_a_program_that_reads_gets_the_end() -> None:
    assert "no answer" in refused("cat", timeout=20)


def test_stderr_passes_through(capfd: pytest.CaptureFixture[str]) -> None:
    assert external_programs.first_line("sh -c 'echo touch the token >&2; echo 1'") == "1"
    assert capfd.readouterr() == ("", "touch the token\n")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (f"sh -c 'echo {SECRET}; exit 7'", "sh: it ended with exit status 7"),
        (f"sh -c 'echo {SECRET}; kill -9 $$'", "signal 9"),
        (f"no-such-program {SECRET}", "no-such-program: there is no such program"),
        ("/", "/: it cannot be started"),
        ("true", "no answer"),
        ("echo", "no answer"),
        ("printf '\\377'", "UTF-8"),
        (f"echo 'unclosed {SECRET}", "quotation"),
        ("", "name of a program"),
        ("yes", "1 MiB"),
    ],
)
def test_failures_name_the_program_and_nothing_else(command: str, said: str) -> None:
    assert said in refused(command)


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("ending", ["wait", "exit 0"])
def test_the_deadline_ends_the_program_and_all_it_started(tmp_path: Path, ending: str) -> None:
    note = tmp_path / "pid"
    started = time.monotonic()
    assert "in time" in refused(f"sh -c 'sleep 60 & echo $! > {note}; echo {SECRET}; {ending}'", timeout=1.5)
    assert time.monotonic() - started < 40
    child = int(note.read_text())
    while alive(child) and time.monotonic() - started < 40:
        time.sleep(0.01)
    assert not alive(child)


def test_a_program_that_left_the_group_does_not_hold_us_up(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    launcher = (
        "import pathlib, subprocess, time; child = subprocess.Popen(['sleep', '60'], start_new_session=True);"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid)); time.sleep(60)"
    )
    started = time.monotonic()
    assert "in time" in refused(python(launcher), timeout=4)
    assert time.monotonic() - started < 40
    os.kill(int(note.read_text()), 9)


@given(st.text(alphabet="'\"\\ \0\n", max_size=6))
def test_any_quoting_is_an_error_of_ours(command: str) -> None:
    with pytest.raises(errors.EmkError):
        external_programs.output(command)
