"""Directories and files that nobody but their owner may read."""

from __future__ import annotations

import os
from pathlib import Path

from emkcli import errors
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
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as cause:
        temporary.unlink(missing_ok=True)
        raise errors.Storage(
            _("{path} cannot be written: {reason}").format(path=path, reason=cause.strerror or cause)
        ) from cause
