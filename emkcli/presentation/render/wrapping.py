"""Text laid out in terminal columns: wide, combining and emoji characters counted as the terminal shows them."""

from __future__ import annotations

from collections.abc import Iterator

from wcwidth import iter_graphemes, wcswidth

NARROWEST = 4


def width(text: str) -> int:
    return max(wcswidth(text), 0)


def wrap(text: str, room: int | None) -> list[str]:
    """The lines of `text`, each at most `room` wide, broken at spaces and inside a word only when it is too long."""
    lines = text.split("\n")
    if room is None:
        return lines
    return [part for line in lines for part in ([line] if width(line) <= room else _broken(line, max(room, NARROWEST)))]


def _broken(line: str, room: int) -> Iterator[str]:
    taken = line[: len(line) - len(line.lstrip(" "))]
    taken, full = (taken, False) if width(taken) < room else ("", False)
    for word in line.split():
        joined = f"{taken} {word}" if full else taken + word
        if width(joined) <= room:
            taken, full = joined, True
            continue
        if full:
            yield taken
        *pieces, taken = _pieces(word, room)
        yield from pieces
        full = True
    yield taken


def _pieces(word: str, room: int) -> Iterator[str]:
    """A word in parts of at most `room`; characters that belong together stay together."""
    piece = ""
    for grapheme in iter_graphemes(word):
        if piece and width(piece + grapheme) > room:
            yield piece
            piece = ""
        piece += grapheme
    yield piece


def longest_word(text: str) -> int:
    return max((width(word) for word in text.split()), default=0)
