"""A file or standard input named on the command line, read up to a limit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.locale import _

if TYPE_CHECKING:
    from typing import BinaryIO


def shown(path_or_dash: str) -> str:
    """How messages call the source."""
    return _("standard input") if path_or_dash == "-" else path_or_dash


def refused(path_or_dash: str, rule: str) -> errors.InvalidInput:
    """The error that names the source and the rule it breaks."""
    name = shown(path_or_dash)
    return errors.InvalidInput(_("{file}: {rule}").format(file=name, rule=rule), details={"file": name, "rule": rule})


def content(path_or_dash: str, limit: int, too_large: str, stdin: BinaryIO | None = None) -> bytes:
    """At most `limit` bytes; nothing beyond the next one is read before `too_large` is said."""
    try:
        data = _read(path_or_dash, limit + 1, stdin)
    except FileNotFoundError:
        raise refused(path_or_dash, _("no such file")) from None
    except IsADirectoryError:
        raise refused(path_or_dash, _("this is a directory, a file is expected")) from None
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or type(failure).__name__
        raise refused(path_or_dash, _("the file cannot be read ({reason})").format(reason=reason)) from None
    if len(data) > limit:
        raise refused(path_or_dash, too_large)
    return data


def _read(path_or_dash: str, count: int, stdin: BinaryIO | None) -> bytes:
    if path_or_dash == "-":
        return (stdin or sys.stdin.buffer).read(count)
    with Path(path_or_dash).open("rb") as opened:
        return opened.read(count)
