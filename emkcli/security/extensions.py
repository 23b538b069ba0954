"""Programs of others that are words of `emk`: `emk-NAME` on PATH is `emk NAME`. What somebody else could have put there is none."""

from __future__ import annotations

import errno
import os
import re
import signal
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from emkcli import errors
from emkcli.config.ownership import ROOT, WRITABLE_BY_OTHERS
from emkcli.locale import _
from emkcli.security.safe_text import sanitise

PREFIX = "emk-"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
DESCRIBE = "--emk-describe"
DESCRIBE_S = 1.0
LONGEST = 20_000
"""Characters of a description that are shown."""


def find(name: str, environ: Mapping[str, str]) -> Path | None:
    """The program of an extension, the first on PATH that nobody else can change; None where there is none."""
    if not NAME.fullmatch(name):
        return None
    programs = (directory / (PREFIX + name) for directory in _directories(environ))
    return next((program for program in programs if _is_safe_program(program)), None)


def names(environ: Mapping[str, str]) -> list[str]:
    """The names of the extensions there are, sorted; none of them is started."""
    return sorted({name for directory in _directories(environ) for name in _names_in(directory)})


def execute(program: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Become the program: its exit code and its signals are the run's. `InvalidInput` where it cannot be started."""
    sys.stdout.flush()
    for ignored in ("SIGPIPE", "SIGXFSZ"):  # Python ignores them, and a program inherits what is ignored
        if hasattr(signal, ignored):
            signal.signal(getattr(signal, ignored), signal.SIG_DFL)
    try:
        os.execve(program, [str(program), *arguments], without_tokens(environment))  # noqa: S606
    except OSError as failure:
        reason = _why(failure)
        raise errors.InvalidInput(
            _("the program {program}: {reason}").format(
                program=program.name, reason=_("it cannot be started ({reason})").format(reason=reason)
            )
        ) from None


def _why(failure: OSError) -> str:
    """The file itself was there a moment ago."""
    if failure.errno == errno.ENOENT:
        return _("what its first line names is missing")
    if failure.errno == errno.ENOEXEC:
        return _("it has no first line that says what runs it")
    return failure.strerror or type(failure).__name__


def description(program: Path, environment: Mapping[str, str]) -> str:
    """What the program says of itself, harmless on a terminal. `InvalidInput` where it fails or takes more than a second."""
    import shlex

    from emkcli.security import external_programs

    printed = external_programs.output(
        f"{shlex.quote(str(program))} {DESCRIBE}", replaced=without_tokens(environment), timeout=DESCRIBE_S
    )
    return sanitise(printed.decode("utf-8", "replace")[:LONGEST], multiline=True).strip() + "\n"


def without_tokens(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without our tokens and the names of files that hold them."""
    return {name: value for name, value in environment.items() if not (name.startswith("EMK_") and "TOKEN" in name)}


def _directories(environ: Mapping[str, str]) -> Iterator[Path]:
    if os.name == "posix":
        yield from (Path(entry) for entry in environ.get("PATH", "").split(":") if _is_safe_directory(entry))


def _is_safe_directory(entry: str) -> bool:
    """Absolute, and neither it nor what it lies in can be changed by another; a sticky directory keeps each one's own."""
    if not entry.startswith("/") or "\0" in entry:
        return False
    with suppress(OSError, RuntimeError):
        directory = Path(entry).resolve(strict=True)
        return _is_ours(directory.stat()) and all(_keeps_its_own(parent.stat()) for parent in directory.parents)
    return False


def _is_safe_program(program: Path) -> bool:
    """A link is followed: where it leads must be as safe."""
    with suppress(OSError, RuntimeError):
        target = program.resolve(strict=True)
        about = target.stat()
        runs = stat.S_ISREG(about.st_mode) and os.access(target, os.X_OK)
        return runs and _is_ours(about) and _is_safe_directory(str(target.parent))
    return False


def _names_in(directory: Path) -> Iterator[str]:
    with suppress(OSError):
        for program in os.listdir(directory):  # noqa: PTH208 - names alone: there are thousands
            name = program.removeprefix(PREFIX)
            if name != program and NAME.fullmatch(name) and _is_safe_program(directory / program):
                yield name


def _is_ours(about: os.stat_result) -> bool:
    return about.st_uid in {ROOT, os.geteuid()} and not about.st_mode & WRITABLE_BY_OTHERS


def _keeps_its_own(about: os.stat_result) -> bool:
    trusted = about.st_uid in {ROOT, os.geteuid()}
    return trusted and (not about.st_mode & WRITABLE_BY_OTHERS or bool(about.st_mode & stat.S_ISVTX))
