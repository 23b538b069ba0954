"""Lines and labelled values for people, wrapped to the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from emkcli.presentation.render.wrapping import NARROWEST, width, wrap

if TYPE_CHECKING:
    from emkcli.presentation.render.context import Context

Write = Callable[[str], Any]
Pair = tuple[str, str, str | None]
SMALLEST_VALUE = 24
"""Where less is left beside the labels, values stand under them."""


def write_lines(text: str, style: str | None, context: Context, write: Write, before: str = "") -> None:
    clean = context.clean(text, multiline=True).strip("\n")
    room = context.width and max(context.width - len(before), NARROWEST)
    for number, line in enumerate(wrap(clean, room) if clean.strip() else []):
        write((" " * len(before) if number else before) + context.painted(line.rstrip(" "), style) + "\n")


def write_pairs(pairs: Sequence[Pair], context: Context, write: Write) -> None:
    """Labels in a column, values beside them; on a narrow terminal values go under their labels."""
    filled = [(label, value.strip("\n"), style) for label, value, style in pairs if value.strip()]
    margin = max((width(label) for label, _value, _style in filled), default=0) + 2
    side_by_side = context.width is None or context.width - margin >= SMALLEST_VALUE
    for label, value, style in filled:
        if side_by_side:
            _beside(label, value, style, margin, context, write)
        else:
            write_lines(label, "bold", context, write)
            write_lines(value, style, context, write, before="  ")


def _beside(label: str, value: str, style: str | None, margin: int, context: Context, write: Write) -> None:
    room = context.width and context.width - margin
    for number, line in enumerate(wrap(value, room)):
        head = " " * margin if number else context.painted(label, "bold") + " " * (margin - width(label))
        write(f"{head}{context.painted(line.rstrip(' '), style)}".rstrip(" ") + "\n")
