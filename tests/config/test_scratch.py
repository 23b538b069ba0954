"""What a killed run leaves is swept by the next one; what a living one writes is left alone."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emkcli.config import scratch

WRITER = """
import sys, time
from pathlib import Path
from emkcli.config import scratch
state, parent = map(Path, sys.argv[1:])
if state.name != "none":
    scratch.begin(state)
with scratch.directory(parent) as place:
    (place / "card").mkdir()
    (place / "card" / "plain").write_text("secret")
    print(place, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def no_program() -> Iterator[None]:
    yield
    scratch._run.notes = None


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Callable[[str], tuple[subprocess.Popen[str], Path]]]:
    (tmp_path / "target").mkdir()
    started: list[subprocess.Popen[str]] = []

    def start(state: str) -> tuple[subprocess.Popen[str], Path]:
        line = [sys.executable, "-c", WRITER, str(tmp_path / state), str(tmp_path / "target")]
        process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        return process, Path(process.stdout.readline().strip())

    yield start
    for process in started:
        ended(process)


def ended(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()


def test_the_next_run_sweeps_by_the_note(
    tmp_path: Path, writer: Callable[..., tuple[subprocess.Popen[str], Path]]
) -> None:
    process, left = writer("state")
    scratch.begin(tmp_path / "state")
    assert (left / "card" / "plain").exists(), "its writer lives"
    ended(process)
    assert left.exists()
    scratch.begin(tmp_path / "state")
    assert list((tmp_path / "target").iterdir()) == []
    assert list((tmp_path / "state" / "unfinished").iterdir()) == []


def test_one_beside_a_new_one_is_found_without_a_note(
    tmp_path: Path, writer: Callable[..., tuple[subprocess.Popen[str], Path]]
) -> None:
    dead, left = writer("none")
    ended(dead)
    _living, used = writer("none")
    with scratch.directory(tmp_path / "target") as place:
        assert set((tmp_path / "target").iterdir()) == {used, place}
    assert not left.exists()


def test_where_there_are_no_locks_a_day_decides(
    tmp_path: Path, writer: Callable[..., tuple[subprocess.Popen[str], Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(handle: int, how: int) -> None:
        raise OSError(95, "not supported")

    dead, left = writer("state")
    ended(dead)
    monkeypatch.setattr(fcntl, "flock", without)
    scratch.begin(tmp_path / "state")
    assert left.exists()
    day_before = left.stat().st_mtime - 86_401
    os.utime(left, (day_before, day_before))
    scratch.begin(tmp_path / "state")
    assert not left.exists()


def test_what_is_not_ours_is_left(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (target / "precious").mkdir(parents=True)
    (target / ".emk-0123.part").mkdir()
    (target / ".emk-0123456789abcdef.part").symlink_to(target / "precious")
    notes = tmp_path / "state" / "unfinished"
    notes.mkdir(parents=True)
    (notes / "0123").write_bytes(os.fsencode(target / "precious"))
    before = set(target.iterdir())
    scratch.begin(tmp_path / "state")
    with scratch.directory(target):
        pass
    assert set(target.iterdir()) == before
    assert list(notes.iterdir()) == []


def test_it_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    os.umask(umask := os.umask(0))
    scratch.begin(tmp_path / "state")
    with scratch.directory(tmp_path) as place:
        assert place.stat().st_mode & 0o777 == 0o700
        (note,) = (tmp_path / "state" / "unfinished").iterdir()
        assert (note.stat().st_mode & 0o777, note.read_bytes()) == (0o600, os.fsencode(place))
    assert not place.exists()
    assert not note.exists()
    assert umask == os.umask(umask)


def test_the_end_of_the_process_removes_what_a_signal_kept(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom emkcli.config import scratch\n"
        "kept = scratch.directory(Path(sys.argv[1]))\nkept.__enter__()\nraise SystemExit(3)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert (done.returncode, list(tmp_path.iterdir())) == (3, [])


def test_one_that_was_swept_before_it_was_locked_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def swept_at_once(path: Path) -> None:
        made.append(path)
        if len(made) > 1:
            path.mkdir(mode=0o700)

    monkeypatch.setattr(scratch, "make_directory", swept_at_once)
    with scratch.directory(tmp_path) as place:
        assert place.is_dir()
        assert made == [place, place]
    assert not place.exists()
