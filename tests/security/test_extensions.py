"""Extensions: `emk-NAME` on PATH is `emk NAME`; real programs, and places where others could have put one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emkcli import errors
from emkcli.security import extensions

SAY = '#!/bin/sh\nif [ "$1" = --emk-describe ]; then printf "%s" "$DESCRIPTION"; exit 0; fi\nprintf "<%s>" "$@"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    directory = tmp_path / "programs"
    directory.mkdir(mode=0o755)
    return directory


def program(folder: Path, name: str, text: str = SAY) -> Path:
    file = folder / f"emk-{name}"
    file.write_text(text)
    file.chmod(0o755)
    return file


def emk(folder: Path | str, *line: str, **environ: str) -> subprocess.CompletedProcess[str]:
    path = f"{folder}:{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "-m", "emkcli", *line],
        env={**os.environ, "PATH": path, **environ}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_the_words_after_its_name_are_passed_on_as_they_were_typed(folder: Path) -> None:
    program(folder, "hello")
    done = emk(folder, "-q", "--json", "hello", "--json", "-p", "no such profile!", "--", "two words")
    assert (done.returncode, done.stdout, done.stderr) == (0, "<--json><-p><no such profile!><--><two words>", "")


def test_it_gets_no_words_where_none_were_typed(folder: Path) -> None:
    program(folder, "count", '#!/bin/sh\necho "$#"\n')
    assert emk(folder, "-q", "count").stdout == "0\n"


def test_it_inherits_whom_where_and_in_which_language_and_no_token(folder: Path) -> None:
    program(folder, "environment", "#!/bin/sh\nenv\n")
    done = emk(
        folder, "-p", "work", "--url", "http://127.0.0.1:9", "--person", "child-1", "--lang", "ru", "environment",
        EMK_TOKEN="s3cret", EMK_TOKEN_FILE="/t", EMK_CONTROL_TOKEN_FILE="/c", EMK_PROFILE="other",
    )  # fmt: skip
    given = dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith("EMK_"))
    said = {"EMK_PROFILE": "work", "EMK_BACKEND": "http", "EMK_URL": "http://127.0.0.1:9", "EMK_LANG": "ru"}
    assert given.items() >= (said | {"EMK_PERSON": "child-1"}).items()
    assert not [name for name in given if "TOKEN" in name]
    assert "s3cret" not in done.stdout


def test_its_exit_code_is_that_of_the_run(folder: Path) -> None:
    program(folder, "seven", "#!/bin/sh\nexit 7\n")
    assert emk(folder, "seven").returncode == 7


def test_it_dies_of_a_signal_as_itself(folder: Path) -> None:
    program(folder, "waits", "#!/bin/sh\necho ready\nexec sleep 60\n")
    line = [sys.executable, "-m", "emkcli", "waits"]
    with subprocess.Popen(
        line, env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}, stdout=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"ready\n"
        run.send_signal(signal.SIGTERM)
        assert run.wait(30) == -signal.SIGTERM


def test_a_closed_pipe_ends_it_as_it_would_without_us(folder: Path) -> None:
    program(folder, "endless", "#!/bin/sh\nexec yes\n")
    line = [sys.executable, "-m", "emkcli", "endless"]
    with subprocess.Popen(
        line, env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}, stdout=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        run.stdout.read(2)
        run.stdout.close()
        assert run.wait(30) == -signal.SIGPIPE


def test_built_in_words_win(folder: Path) -> None:
    program(folder, "schema", "#!/bin/sh\necho theirs\n")
    assert "theirs" not in emk(folder, "schema", "lab_result").stdout
    assert not [line for line in emk(folder, "--help").stdout.splitlines() if line.strip() == "schema"]


def test_help_lists_names_and_starts_nothing(folder: Path, tmp_path: Path) -> None:
    program(folder, "marks", f"#!/bin/sh\ntouch {tmp_path}/started\n")
    assert "  marks\n" in emk(folder, "--help").stdout
    assert not (tmp_path / "started").exists()


def test_what_it_says_of_itself_moves_no_cursor(folder: Path) -> None:
    program(folder, "describes")
    done = emk(folder, "help", "describes", DESCRIPTION="Line one\n\x1b]0;title\x07\u202eline two")
    assert (done.returncode, done.stdout) == (0, "Line one\n\\x1b]0;title\\x07\\u202eline two\n")


def test_its_description_is_waited_for_one_second(folder: Path) -> None:
    waits = program(folder, "slow", "#!/bin/sh\nsleep 30\n")
    begun = time.monotonic()
    with pytest.raises(errors.InvalidInput, match="did not end in time"):
        extensions.description(waits, os.environ)
    assert 1 <= time.monotonic() - begun < 15


def test_help_does_not_hand_it_a_token(folder: Path) -> None:
    program(folder, "asks", "#!/bin/sh\nenv\n")
    described = emk(folder, "help", "asks", EMK_TOKEN="s3cret").stdout
    assert "EMK_PROFILE=default" in described
    assert "s3cret" not in described


def test_a_word_that_is_nothing_is_still_a_mistake(folder: Path) -> None:
    done = emk(folder, "nothing-of-the-kind")
    assert done.returncode == 2
    assert "nothing-of-the-kind" in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#!/no/such/program\n", "того, что названо в её первой строке, нет"),
        ("echo x\n", "в ней нет первой строки, где сказано, чем её запускать"),
    ],
)
def test_a_program_that_cannot_be_started_is_told_why(folder: Path, text: str, said: str) -> None:
    program(folder, "odd", text)
    done = emk(folder, "odd", EMK_LANG="ru")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "No such file" not in done.stderr
    assert "Exec format" not in done.stderr


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_a_directory_that_others_write_is_left_out(folder: Path, mode: int) -> None:
    program(folder, "hello")
    assert extensions.names({"PATH": str(folder)}) == ["hello"]
    folder.chmod(mode)
    assert extensions.names({"PATH": str(folder)}) == []
    assert extensions.find("hello", {"PATH": str(folder)}) is None


def test_a_directory_that_others_can_replace_is_left_out(folder: Path) -> None:
    program(folder, "hello")
    folder.parent.chmod(0o777)
    assert extensions.find("hello", {"PATH": str(folder)}) is None


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o644])
def test_a_file_that_others_write_or_nobody_runs_is_left_out(folder: Path, mode: int) -> None:
    program(folder, "hello").chmod(mode)
    assert extensions.names({"PATH": str(folder)}) == []


def test_a_link_is_as_good_as_where_it_leads(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / "emk-hello").symlink_to(program(elsewhere, "hello"))
    assert extensions.find("hello", {"PATH": str(folder)}) == folder / "emk-hello"
    elsewhere.chmod(0o777)
    assert extensions.find("hello", {"PATH": str(folder)}) is None


def test_entries_that_are_not_absolute_are_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(folder, "hello")
    monkeypatch.chdir(folder)
    for path in (".", "", "::", "programs", "~/programs", f"{folder}/no", f"{folder}/emk-hello", "C:\\programs"):
        assert extensions.find("hello", {"PATH": path}) is None, path
    assert extensions.find("hello", {"PATH": f".:{folder}"}) == folder / "emk-hello"


def test_a_name_is_a_word(folder: Path) -> None:
    for name in ("../emk-hello", "hello\x1b[31m", "UPPER", "-x", ""):
        assert extensions.find(name, {"PATH": str(folder)}) is None
    program(folder, "hello\x1b[31m")
    program(folder, "two words")
    assert extensions.names({"PATH": str(folder)}) == []
