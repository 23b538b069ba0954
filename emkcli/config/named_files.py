"""Files and directories that the environment and the settings name, and the home directory, where there is one."""

from __future__ import annotations

import errno
from pathlib import Path

from emkcli import errors
from emkcli.locale import _

LARGEST = 4 * 2**20
"""Bytes of a file that a setting names: keys, certificates, a token, a passphrase."""


def home() -> Path | None:
    """Whose home it is; None for somebody the system does not know, without `HOME`."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def expanded(path: str) -> Path:
    """A path whose `~` is a home directory. `InvalidInput` where nobody knows which."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise errors.InvalidInput(
            _("{path}: there is no such home directory.").format(path=path), hint=_("name the directory in full")
        ) from None


def content(path: str | Path) -> bytes:
    """The bytes of a small file. `OSError`, also for one that has no end, such as a device, and for what is no path."""
    try:
        with expanded(str(path)).open("rb") as opened:
            read = opened.read(LARGEST + 1)
    except ValueError as cause:
        raise OSError(errno.EINVAL, str(cause)) from cause
    if len(read) > LARGEST:
        raise OSError(errno.EFBIG, _("the file is too large"))
    return read
