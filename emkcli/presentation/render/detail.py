"""A single thing for people: headings, paragraphs, aligned labels and values, bullets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from emkcli.presentation import terminal
from emkcli.presentation.render.grid import write_rows
from emkcli.presentation.render.wrapping import Write, wrap, write_lines, write_pairs
from emkcli.views.parts import Bullets, Drawing, Heading, Pairs, Part, Prose, Rows

if TYPE_CHECKING:
    from emkcli.presentation.render.context import Context

NO_WIDTH = 80
PROBE = "●▲▼◆↓↑░│┤─┴└⣿"


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
        write_lines(part.text, "bold", context, write)
    elif isinstance(part, Prose):
        write_lines(part.text, part.style, context, write)
    elif isinstance(part, Pairs):
        clean, linking = context.clean, _linking(part.addresses, context, write)
        write_pairs(
            [(clean(label), clean(value, multiline=True), None) for label, value in part.rows], context, linking
        )
    elif isinstance(part, Rows):
        write_rows(part, context, write)
    elif isinstance(part, Drawing):
        _drawing(part, context, write)
    else:
        _bullets(part, context, write)


def _drawing(part: Drawing, context: Context, write: Write) -> None:
    """A drawing in ASCII is its own; what an encoding lacks is not replaced sign by sign."""
    for line in part.draw(context.width or NO_WIDTH, terminal.can_encode(PROBE, context.stdout)):
        text = line if isinstance(line, str) else "".join(piece for piece, _style in line)
        lines = wrap(context.clean(text), context.width)
        if len(lines) == 1 and not isinstance(line, str):
            lines = ["".join(context.painted(context.clean(piece), style) for piece, style in line)]
        write("\n".join(lines) + "\n")


def _linking(addresses: Mapping[str, str], context: Context, write: Write) -> Write:
    """`write` that makes hyperlinks of what has an address, in lines laid out already."""
    return lambda line: write(context.linked(line, addresses))


def _bullets(part: Bullets, context: Context, write: Write) -> None:
    linking = _linking(part.addresses, context, write)
    for number, line in enumerate(part.lines):
        style = part.styles[number] if number < len(part.styles) else None
        write_lines(line, style, context, linking, prefix="- ")
    if not part.lines and part.empty:
        write_lines(part.empty, "dim", context, write, prefix="- ")
