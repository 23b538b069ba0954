"""Files that are replaced in one step: a reader sees the old content or the new one, also when the writer is killed."""

from __future__ import annotations

import os
from pathlib import Path

from emkcli import errors
from emkcli.config import scratch
from emkcli.config.private_files import new_private, private_directory
from emkcli.locale import _


def write_private(path: Path, content: str | bytes) -> None:
    """Replace a file in a directory of emk's own in one step with mode 0600. `Storage`."""
    private_directory(path.parent)
    replace_file(path, content)


def replace_file(path: Path, content: str | bytes) -> None:
    """Replace a file in one step with mode 0600; an old wide mode does not survive. `Storage`."""
    try:
        with scratch.directory(path.parent) as folder:
            draft = folder / path.name
            with os.fdopen(new_private(draft), "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
    except OSError as cause:
        raise errors.Storage(
            _("{path} cannot be written: {reason}").format(path=path, reason=cause.strerror or cause)
        ) from cause
