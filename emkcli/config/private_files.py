"""Directories and files that nobody but their owner may read, and locks between the processes that change them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emkcli import errors
from emkcli.config import scratch
from emkcli.locale import _


def private_directory(path: Path) -> Path:
    """The directory, made 0700 when it is not there; `Storage` says why it cannot be."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as cause:
        raise errors.Storage(
            _("{path} cannot be created: {reason}").format(path=path, reason=cause.strerror or cause),
            hint=_("point EMK_HOME to a directory you may write"),
        ) from cause
    return path


def write_private(path: Path, content: str | bytes) -> None:
    """Replace a file in one step with mode 0600; an old wide mode does not survive."""
    private_directory(path.parent)
    try:
        with scratch.directory(path.parent) as folder:
            draft = folder / path.name
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
    except OSError as cause:
        raise errors.Storage(
            _("{path} cannot be written: {reason}").format(path=path, reason=cause.strerror or cause)
        ) from cause


@contextmanager
def held(lock_file: Path, seconds: float, busy: str) -> Iterator[None]:
    """A lock between processes and threads that the same thread may take again; `Busy` says `busy` after that time.

    The file stays: removing it would let two in.
    """
    from filelock import FileLock, Timeout

    private_directory(lock_file.parent)
    # one object for each path is what makes it re-entrant
    lock = FileLock(lock_file, mode=0o600, is_singleton=True)
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        raise errors.Busy(busy, hint=_("retry later")) from None
    except OSError as cause:
        raise errors.Storage(_("{path} cannot be locked.").format(path=lock_file)) from cause
    try:
        yield
    finally:
        lock.release()
