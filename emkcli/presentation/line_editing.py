"""A line that can be edited while it is typed, by the `readline` of the interpreter (GNU's or libedit); no history of it is kept."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

LIBEDIT_KEYS = {r"\e[3~": "ed-delete-next-char", r"\e[H": "ed-move-to-beg", r"\e[F": "ed-move-to-end"}
"""What every terminal sends for Delete, Home and End, and libedit does not know by itself."""


def can_edit(stdin: TextIO, stderr: TextIO) -> bool:
    """Whether a line can be read this way: our own standard input is a terminal, so is stderr, and there is a library for it.

    In the locale `C` a letter that is not ASCII would be taken apart, and on a terminal that cannot move its cursor the line
    would be cut; there the terminal itself does better.
    """
    if locale.setlocale(locale.LC_CTYPE) in {"C", "POSIX"} or os.environ.get("TERM", "dumb") == "dumb":
        return False
    try:
        ours = stdin is sys.stdin and (stdin.fileno(), sys.stdout.fileno()) == (0, 1)
        return ours and stdin.isatty() and stderr.isatty() and _bound()
    except (OSError, ValueError):  # closed, or no file of the system
        return False


def read_line(prompt: str, stderr: TextIO) -> str:
    """One line, its end taken off. `EOFError`, `UnicodeError`."""
    with _shown_on(stderr):
        return input(prompt)


def _bound() -> bool:
    try:
        import readline
    except ImportError:  # Windows, and interpreters built without
        return False
    readline.set_auto_history(False)
    if "libedit" in (readline.__doc__ or ""):
        for keys, action in LIBEDIT_KEYS.items():
            readline.parse_and_bind(f'bind "{keys}" {action}')
    return True


@contextmanager
def _shown_on(stderr: TextIO) -> Iterator[None]:
    """The library draws on standard output alone, which is for data: for so long that is the terminal of stderr."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(stderr.fileno(), 1)
        yield
    finally:
        with suppress(OSError):
            os.dup2(kept, 1)
        os.close(kept)
