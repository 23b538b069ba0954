"""Text wrapped to the terminal: lines, and labelled values; wide, combining and emoji characters counted as it shows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import wcwidth

if TYPE_CHECKING:
    from emkcli.presentation.render.context import Context

Write = Callable[[str], Any]
Pair = tuple[str, str, str | None]
NARROWEST = 4
SMALLEST_VALUE = 24
"""Where less is left beside the labels, values stand under them."""

SHORT = 1000
"""Up to this many characters `wcwidth` counts a text as a whole; for a row of flags it takes the square of its length."""
BLANKS = " \t"
_TOKEN = re.compile(rf"[{BLANKS}]+|[^{BLANKS}]+?(?<=[^\W\d_]-)(?=[^\W\d_])|[^{BLANKS}]+")
"""Blanks, or a word; one with a hyphen between letters may be parted behind it."""


def width(text: str) -> int:
    if len(text) > SHORT and not text.isascii():
        return sum(max(wcwidth.wcswidth(letter), 0) for letter in wcwidth.iter_graphemes(text))
    return max(wcwidth.wcswidth(text), 0)


def wrap(text: str, room: int | None) -> list[str]:
    """The lines of `text`, each at most `room` wide, broken at spaces and inside a word only when it is too long."""
    lines = text.split("\n")
    if room is None:
        return lines
    return [part for line in lines for part in ([line] if width(line) <= room else _rows(line, max(room, NARROWEST)))]


def _rows(line: str, room: int) -> Iterator[str]:
    """As `textwrap` breaks it, in time that grows with the line, where `wcwidth.wrap` takes the square of a long word."""
    row: list[str] = []
    used = 0
    for token, size in _tokens(line, room):
        if used + size > room:
            yield from _finished(row)
            row, used = [], 0
            if token[0] in BLANKS:
                continue
        row.append(token)
        used += size
    yield from _finished(row)


def _tokens(line: str, room: int) -> Iterator[tuple[str, int]]:
    """Words and the blanks between them with their width; a word too long for any row letter by letter."""
    for token in _TOKEN.findall(line):
        size = width(token)
        if size <= room or token[0] in BLANKS:
            yield token, size
        else:
            yield from ((letter, width(letter)) for letter in wcwidth.iter_graphemes(token))


def _finished(row: list[str]) -> Iterator[str]:
    if text := "".join(row).rstrip(BLANKS):
        yield text


def longest_word(text: str, *, whole: bool = False) -> int:
    """The width of what must not be parted; `whole` words are not parted at their hyphens either."""
    line = text.replace("\n", " ")
    return max(map(width, line.split(" ") if whole else _TOKEN.findall(line)), default=0)


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
