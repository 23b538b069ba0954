"""Text wrapped to the terminal: lines, and labelled values; wide, combining and emoji characters counted as it shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import wcwidth

if TYPE_CHECKING:
    from emkcli.presentation.render.context import Context

Write = Callable[[str], Any]
Pair = tuple[str, str, str | None]
NARROWEST = 4
SMALLEST_VALUE = 24
"""Where less is left beside the labels, values stand under them."""

# What comes here was sanitised: nothing in it steers, and an escape is plain text.
_wrapped_line = partial(
    wcwidth.wrap, break_on_hyphens=False, expand_tabs=False, replace_whitespace=False, control_codes="ignore"
)


def width(text: str) -> int:
    return max(wcwidth.wcswidth(text), 0)


def wrap(text: str, room: int | None) -> list[str]:
    """The lines of `text`, each at most `room` wide, broken at spaces and inside a word only when it is too long."""
    lines = text.split("\n")
    if room is None:
        return lines
    return [
        part
        for line in lines
        for part in ([line] if width(line) <= room else _wrapped_line(line, max(room, NARROWEST)))
    ]


def longest_word(text: str) -> int:
    return max(map(width, text.replace("\n", " ").split(" ")))


def write_lines(text: str, style: str | None, context: Context, write: Write, prefix: str = "") -> None:
    clean = context.clean(text, multiline=True).strip("\n")
    room = context.width and max(context.width - len(prefix), NARROWEST)
    for number, line in enumerate(wrap(clean, room) if clean.strip() else []):
        write((" " * len(prefix) if number else prefix) + context.painted(line.rstrip(" "), style) + "\n")


def write_pairs(pairs: Sequence[Pair], context: Context, write: Write) -> None:
    """Labels in a column, values beside them; on a narrow terminal values go under their labels."""
    present = [(label, value.strip("\n"), style) for label, value, style in pairs if value.strip()]
    margin = max((width(label) for label, _value, _style in present), default=0) + 2
    side_by_side = context.width is None or context.width - margin >= SMALLEST_VALUE
    for label, value, style in present:
        if side_by_side:
            _write_beside(label, value, style, margin, context, write)
        else:
            write_lines(label, "bold", context, write)
            write_lines(value, style, context, write, prefix="  ")


def _write_beside(label: str, value: str, style: str | None, margin: int, context: Context, write: Write) -> None:
    room = context.width and context.width - margin
    for number, line in enumerate(wrap(value, room)):
        head = " " * margin if number else context.painted(label, "bold") + " " * (margin - width(label))
        write(f"{head}{context.painted(line.rstrip(' '), style)}".rstrip(" ") + "\n")
