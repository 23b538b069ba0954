"""Text laid out in terminal columns: wide, combining and emoji characters counted as the terminal shows them."""

from __future__ import annotations

from functools import partial

import wcwidth

NARROWEST = 4
# What comes here was sanitised: nothing in it steers, and an escape is plain text.
_broken = partial(
    wcwidth.wrap, break_on_hyphens=False, expand_tabs=False, replace_whitespace=False, control_codes="ignore"
)


def width(text: str) -> int:
    return max(wcwidth.wcswidth(text), 0)


def wrap(text: str, room: int | None) -> list[str]:
    """The lines of `text`, each at most `room` wide, broken at spaces and inside a word only when it is too long."""
    lines = text.split("\n")
    if room is None:
        return lines
    return [part for line in lines for part in ([line] if width(line) <= room else _broken(line, max(room, NARROWEST)))]


def longest_word(text: str) -> int:
    return max(map(width, text.replace("\n", " ").split(" ")))
