"""Whose a file or directory of emk is: one's own that stands open is narrowed and said, another user's is refused.

Root is told nothing of owners, as it reads everything anyway. Of what `EMK_HOME` names, another's is good where nobody but that
owner may write: a mount for reading, a volume of a container. Elsewhere a file of another may have been put there for us to find.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from emkcli import errors
from emkcli.config.named_files import home as home_directory
from emkcli.locale import _

OTHERS = 0o077
WRITABLE_BY_OTHERS = 0o022
ROOT = 0


@dataclass(frozen=True)
class Policy:
    """`home` is what `EMK_HOME` names; what was narrowed goes to `tell`, a sentence each."""

    home: Path | None = None
    narrows: bool = True
    tell: Callable[[str], None] = lambda text: None
    modeless: set[int] = field(default_factory=set)
    """Devices of which was said that they know no modes."""


_policy = Policy()


def adopt(home: Path | None) -> None:
    """From now on: refuse what is another's, and narrow nothing yet."""
    global _policy
    _policy = Policy(home and home.absolute(), narrows=False)


def narrow_from_now(tell: Callable[[str], None]) -> None:
    global _policy
    _policy = replace(_policy, narrows=True, tell=tell)


def keep_private(path: Path, handle: int | None = None) -> None:
    """Hold a file or directory that emk uses against the rule; `handle` is the file that was opened by that name.

    `Storage` with the way out for another's, `OSError` when there is none.
    """
    if os.name != "posix":
        return
    about = _about(path, handle)
    if about.st_uid != os.geteuid():
        if not _trusted(path, about):
            raise _anothers(path)
    elif _policy.narrows and about.st_mode & OTHERS and _emks_own(path, about):
        _narrow(path, handle, about)


def too_open(path: Path) -> str | None:
    """How others could get at it, for a diagnosis that changes nothing; None when they cannot."""
    about = path.stat()
    if about.st_uid != os.geteuid():
        return f"owner {about.st_uid}"
    return f"mode {stat.S_IMODE(about.st_mode):04o}" if about.st_mode & OTHERS else None


def replaceable(directory: Path) -> bool:
    """Whether everybody may rename it and put another in its place: the one above is writable and not sticky."""
    mode = directory.resolve().parent.stat().st_mode
    return bool(mode & stat.S_IWOTH and not mode & stat.S_ISVTX)


def _trusted(path: Path, about: os.stat_result) -> bool:
    named = _policy.home is not None and path.absolute().is_relative_to(_policy.home)
    return os.geteuid() == ROOT or (named and not about.st_mode & WRITABLE_BY_OTHERS)


def _emks_own(path: Path, about: os.stat_result) -> bool:
    """`EMK_HOME` may name a place that others need too, such as the home directory or /tmp."""
    shared = path in {home_directory(), Path(path.anchor)} or about.st_mode & stat.S_ISVTX
    return not (stat.S_ISDIR(about.st_mode) and shared)


def _anothers(path: Path) -> errors.Storage:
    return errors.Storage(
        _("{path} belongs to another user of this machine.").format(path=path),
        hint=_(
            "if you trust what it holds: sudo chown -R {user} {path}; or point EMK_HOME to a directory of your own"
        ).format(user=os.geteuid(), path=path),
    )


def _about(path: Path, handle: int | None) -> os.stat_result:
    return path.stat() if handle is None else os.fstat(handle)


def _narrow(path: Path, handle: int | None, about: os.stat_result) -> None:
    with suppress(OSError):  # a mount for reading, or one that knows no modes
        mode = stat.S_IMODE(about.st_mode) & stat.S_IRWXU
        path.chmod(mode) if handle is None else os.fchmod(handle, mode)
    if _about(path, handle).st_mode & OTHERS:
        _tell_of_modeless(path, about.st_dev)
    else:
        _policy.tell(_("{path} was open to others; now it is yours alone.").format(path=path))


def _tell_of_modeless(path: Path, device: int) -> None:
    if device not in _policy.modeless:
        _policy.modeless.add(device)
        _policy.tell(
            _("Others may be able to read {path}, as modes cannot be changed there.").format(path=_policy.home or path)
        )
