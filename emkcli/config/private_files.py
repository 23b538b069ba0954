"""Directories and files that nobody but their owner may read, and locks between the processes that change them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from emkcli import errors
from emkcli.config.ownership import keep_private
from emkcli.locale import _

SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""A link may lead into what another user owns, and a pipe would be waited for."""


def make_directories(path: Path) -> None:
    """Make it and whatever is missing above it 0700, whatever the umask; what is there stays as it is. `OSError`."""
    if path.is_dir():
        return
    for directory in (*reversed(path.parents), path):
        if not directory.is_dir():
            make_directory(directory)


def make_directory(path: Path) -> None:
    """One new directory; another process may be faster. `OSError`."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        if not path.is_dir():
            raise
        return
    with suppress(OSError):  # the umask may have taken the owner's own bits; some drives know no modes
        path.chmod(0o700)


def private_directory(path: Path) -> Path:
    """A directory of emk's own, made when it is not there. `Storage` when it cannot be, or is another user's."""
    try:
        make_directories(path)
        keep_private(path)
    except OSError as cause:
        raise errors.Storage(
            _("{path} cannot be created: {reason}").format(path=path, reason=cause.strerror or cause),
            hint=_("point EMK_HOME to a directory you may write"),
        ) from cause
    return path


def new_private(path: Path) -> int:
    """A descriptor for writing a file that was not there, 0600 whatever the umask. `OSError`."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | SAFELY, 0o600)
    _mend_mode(handle)
    return handle


def make_private(path: Path) -> None:
    """An empty file that is this user's alone, or the one that is there, narrowed. `OSError`, or `Storage` when it is another's.

    What is there is not opened: closing any descriptor of a file gives back every lock that this process has on it by fcntl(2),
    and SQLite's are of that kind.
    """
    try:
        os.close(new_private(path))
    except FileExistsError:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise OSError(0, _("not a file")) from None
        keep_private(path)


def open_private(path: Path, flags: int = os.O_RDONLY) -> int:
    """A descriptor of a file of emk's own; with `O_CREAT` it is made 0600. `OSError`, or `Storage` when it is another user's."""
    handle = os.open(path, flags | SAFELY, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(0, _("not a file"))
        keep_private(path, handle)
        if flags & os.O_CREAT:
            _mend_mode(handle)
    except BaseException:
        os.close(handle)
        raise
    return handle


def read_private(path: Path) -> bytes | None:
    """What a file of emk's own holds; None when it is not there. `Storage` when it cannot be read or is another user's."""
    try:
        with os.fdopen(open_private(path), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as cause:
        raise errors.Storage(_("{path} cannot be read.").format(path=path)) from cause


def remove_private(path: Path) -> None:
    """No error where it is not there. `Storage`."""
    try:
        path.unlink(missing_ok=True)
    except OSError as cause:
        raise errors.Storage(_("{path} cannot be removed.").format(path=path)) from cause


@contextmanager
def held(lock_file: Path, seconds: float, busy: str) -> Iterator[None]:
    """A lock between processes and threads that the same thread may take again; `Busy` says `busy` after that time.

    The file stays: removing it would let two in.
    """
    from filelock import FileLock, Timeout

    private_directory(lock_file.parent)
    try:
        os.close(open_private(lock_file, os.O_RDWR | os.O_CREAT))
        # one object for each path is what makes it re-entrant
        lock = FileLock(lock_file, mode=0o600, is_singleton=True)
        lock.acquire(timeout=seconds)
    except Timeout:
        raise errors.Busy(busy, hint=_("retry later")) from None
    except OSError as cause:
        message = _("{path} cannot be locked: {why}.").format(path=lock_file, why=cause.strerror or cause)
        raise errors.Storage(message, hint=_("make the directory writable, or remove what stands there")) from cause
    try:
        yield
    finally:
        lock.release()


def _mend_mode(handle: int) -> None:
    """A file that was made has its owner's bits, which a strange umask takes."""
    if os.name == "posix" and os.fstat(handle).st_mode & 0o600 != 0o600:
        os.fchmod(handle, 0o600)
