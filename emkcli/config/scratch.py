"""Directories for what is not finished yet: for their owner alone, gone with the work, swept by a later run after a kill.

Each is locked (`flock`) by its process, and the system gives the lock back however that one ends; a number of a process would not do,
because containers share homes. A note in the state says where it lies, so that the next run of any command finds it; one beside a
new one is found without a note. Where a file system has no locks, only what is a day old is taken for left behind.
"""

from __future__ import annotations

import atexit
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from emkcli import errors, interruption
from emkcli.config.private_files import make_directory, new_private, private_directory, read_private

_NAME = re.compile(r"\.emk-([0-9a-f]{16})\.part")
_DAY_S = 86_400


class _Run:
    """Where the program keeps its notes (None in a library), and the directories of this process with their locks."""

    def __init__(self) -> None:
        self.notes: Path | None = None
        self.locks: dict[Path, int | None] = {}


_run = _Run()


def begin(state: Path) -> None:
    """The program's: sweep what killed runs left, and note new directories under `state`."""
    _run.notes = state / "unfinished"
    with suppress(OSError):
        for note in list(_run.notes.iterdir()):
            with suppress(OSError, errors.Storage):  # what is no note of ours
                _follow(note)


def _follow(note: Path) -> None:
    path = Path(os.fsdecode(read_private(note) or b""))
    # a note is there before its directory
    if not _NAME.fullmatch(path.name) or (_sweep(path) if os.path.lexists(path) else _is_old(note.stat())):
        note.unlink(missing_ok=True)


@contextmanager
def directory(parent: Path | None = None) -> Iterator[Path]:
    """A new one (0700) in `parent`, or where the system keeps temporary files; `OSError` when it cannot be made."""
    parent = parent or temporary_directory()
    for left in parent.glob(".emk-*.part"):
        if _NAME.fullmatch(left.name):
            _sweep(left)
    path = parent / f".emk-{os.urandom(8).hex()}.part"
    try:
        _note(path)
        _make(path)
        yield path
    finally:
        _remove(path)


def _make(path: Path) -> None:
    """Ours once it is there and locked: before that a sweeper may take it for left behind."""
    _run.locks[path] = None
    while _run.locks[path] is None:
        make_directory(path)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:  # swept in this very moment
            continue
        _lock(handle)
        if path.exists() and os.path.samestat(path.stat(), os.fstat(handle)):
            _run.locks[path] = handle
        else:
            os.close(handle)


def _remove(path: Path) -> None:
    """In an order in which it can be done again after a signal in the middle."""
    from shutil import rmtree

    if path.exists():
        rmtree(path)
    if note := _note_of(path):
        note.unlink(missing_ok=True)
    if (handle := _run.locks.pop(path, None)) is not None:
        os.close(handle)


@atexit.register
def end() -> None:
    """What a signal in the wrong moment kept from being removed."""
    for path in list(_run.locks):
        with suppress(OSError):
            _remove(path)


def _sweep(path: Path) -> bool:
    """Remove a directory of ours whose process is gone; False when it lives, or may live."""
    from shutil import rmtree

    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        if os.fstat(handle).st_uid == os.geteuid() and _is_left(handle):
            rmtree(path, ignore_errors=True)
        return not path.exists()
    finally:
        os.close(handle)


def _is_left(handle: int) -> bool:
    """Whether nobody holds its lock, which is ours then; its age where locks say nothing."""
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return _is_old(os.fstat(handle))
    return True


def _lock(handle: int) -> None:
    import fcntl

    with suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_EX)


def _is_old(status: os.stat_result) -> bool:
    return time.time() - status.st_mtime > _DAY_S


def _note(path: Path) -> None:
    """Without a note, where it cannot be written, it is found from beside only."""
    if note := _note_of(path):
        with suppress(OSError, errors.Storage):
            private_directory(note.parent)
            with os.fdopen(new_private(note), "wb") as file:
                file.write(os.fsencode(path.absolute()))


def _note_of(path: Path) -> Path | None:
    """One inside of another is found with it."""
    named, nested = _NAME.fullmatch(path.name), any(outer in _run.locks for outer in path.parents)
    return _run.notes / named[1] if _run.notes and named and not nested else None


def temporary_directory() -> Path:
    """Where the system keeps temporary files; the first who asks tries it out with a file, which a signal would leave there."""
    from tempfile import gettempdir

    with interruption.deferred():
        return Path(gettempdir())
