"""A single thing for people: headings, paragraphs, aligned labels and values, bullets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from emkcli import terminal
from emkcli.output.wrapping import NARROWEST, width, wrap
from emkcli.views.parts import Bullets, Drawing, Heading, Pairs, Part, Prose, Rows

if TYPE_CHECKING:
    from emkcli.output.context import Context

Write = Callable[[str], Any]
Pair = tuple[str, str, str | None]
NO_WIDTH = 80
PROBE = "●▲▼◆◇░│┤─└⣿"
SMALLEST_VALUE = 24
"""Where less is left beside the labels, values stand under them."""


def write_parts(parts: Iterable[Part], context: Context, write: Write) -> None:
    """Parts that hold nothing leave no trace; an empty line stands between the others, not under a heading."""
    before: Part | None = None
    for part in parts:
        pieces: list[str] = []
        _write(part, context, pieces.append)
        if pieces:
            close = before is None or (isinstance(before, Heading) and not isinstance(part, Heading))
            write(("" if close else "\n") + "".join(pieces))
            before = part


def _write(part: Part, context: Context, write: Write) -> None:
    if isinstance(part, Heading):
        _lines(part.text, "bold", context, write)
    elif isinstance(part, Prose):
        _lines(part.text, part.style, context, write)
    elif isinstance(part, Pairs):
        clean = context.clean
        write_pairs([(clean(label), clean(value, multiline=True), None) for label, value in part.rows], context, write)
    elif isinstance(part, Rows):
        from emkcli.output.table import write_rows

        write_rows(part, context, write)
    elif isinstance(part, Drawing):
        _drawing(part, context, write)
    else:
        _bullets(part, context, write)


def _drawing(part: Drawing, context: Context, write: Write) -> None:
    """A drawing in ASCII is its own; what an encoding lacks is not replaced sign by sign."""
    for line in part.draw(context.width or NO_WIDTH, terminal.can_encode(PROBE, context.stdout)):
        write("\n".join(wrap(context.clean(line), context.width)) + "\n")


def _lines(text: str, style: str | None, context: Context, write: Write, before: str = "") -> None:
    clean = context.clean(text, multiline=True).strip("\n")
    room = context.width and max(context.width - len(before), NARROWEST)
    for number, line in enumerate(wrap(clean, room) if clean.strip() else []):
        write((" " * len(before) if number else before) + context.painted(line.rstrip(" "), style) + "\n")


def _bullets(part: Bullets, context: Context, write: Write) -> None:
    for number, line in enumerate(part.lines):
        style = part.styles[number] if number < len(part.styles) else None
        _lines(line, style, context, write, before="- ")
    if not part.lines and part.empty:
        _lines(part.empty, "dim", context, write, before="- ")


def write_pairs(pairs: Sequence[Pair], context: Context, write: Write) -> None:
    """Labels in a column, values beside them; on a narrow terminal values go under their labels."""
    filled = [(label, value.strip("\n"), style) for label, value, style in pairs if value.strip()]
    margin = max((width(label) for label, _value, _style in filled), default=0) + 2
    beside = context.width is None or context.width - margin >= SMALLEST_VALUE
    for label, value, style in filled:
        if beside:
            _beside(label, value, style, margin, context, write)
        else:
            _lines(label, "bold", context, write)
            _lines(value, style, context, write, before="  ")


def _beside(label: str, value: str, style: str | None, margin: int, context: Context, write: Write) -> None:
    room = context.width and context.width - margin
    for number, line in enumerate(wrap(value, room)):
        head = " " * margin if number else context.painted(label, "bold") + " " * (margin - width(label))
        write(f"{head}{context.painted(line.rstrip(' '), style)}".rstrip(" ") + "\n")
