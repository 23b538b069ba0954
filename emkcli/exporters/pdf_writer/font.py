"""The letters: two faces of DejaVu, how wide a text is in them, where its lines end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from emkcli.exporters.extras import need

REGULAR, BOLD = "emk", "emk-bold"
LACKING = "\ufffd"
_BREAKS = "-–/,;_"
"""A word without room is cut behind one of these, else anywhere."""
_BLANK = re.compile("(?<!№) ")
_FILES = {REGULAR: "DejaVuSansCondensed.ttf", BOLD: "DejaVuSansCondensed-Bold.ttf"}


@cache
def faces() -> Mapping[str, Any]:
    """Both faces, registered with the library."""
    ttfonts, metrics = need("reportlab.pdfbase.ttfonts", "pdf"), need("reportlab.pdfbase.pdfmetrics", "pdf")
    fonts = {name: ttfonts.TTFont(name, Path(__file__).parent / "dejavu" / file) for name, file in _FILES.items()}
    for font in fonts.values():
        metrics.registerFont(font)
    return {name: font.face for name, font in fonts.items()}


@cache
def unknown() -> re.Pattern[str]:
    """What neither face can draw."""
    both = set.intersection(*(set(face.charToGlyph) for face in faces().values()))
    return re.compile("[^{}]".format("".join(f"\\U{point:08x}" for point in sorted(both))))


@cache
def _widths(font: str) -> tuple[Mapping[int, float], float]:
    face = faces()[font]
    return face.charWidths, face.defaultWidth


def width(text: str, font: str, size: float) -> float:
    widths, other = _widths(font)
    return sum(widths.get(ord(letter), other) for letter in text) * size / 1000


@lru_cache(maxsize=64)
def shortened(text: str, font: str, size: float, room: float) -> str:
    """One line `room` wide; what has no room is an ellipsis."""
    if width(text, font, size) <= room:
        return text
    kept = len(text)
    while kept and width(f"{text[:kept].rstrip()}…", font, size) > room:
        kept -= 1
    return f"{text[:kept].rstrip()}…"


@lru_cache(maxsize=8192)
def lines(text: str, font: str, size: float, room: float, first: float = 0.0) -> tuple[str, ...]:
    """The lines of a text in a column `room` wide, `first` of it taken already; a word without room is cut."""
    wrapped: list[str] = []
    blank = width(" ", font, size)
    line, left = "", room - first
    for word in _BLANK.split(text):
        wide = width(word, font, size)
        if line and wide + blank <= left:
            line, left = f"{line} {word}", left - blank - wide
            continue
        if line or (wide > left and first and not wrapped):
            wrapped.append(line)
            line, left = "", room
        *pieces, line = _cut(word, font, size, left, room) if wide > left else [word]
        wrapped.extend(pieces)
        left = (room if pieces else left) - width(line, font, size)
    return (*wrapped, line)


def _cut(word: str, font: str, size: float, first: float, room: float) -> list[str]:
    widths, other = _widths(font)
    pieces, start, left = [], 0, first
    for place, letter in enumerate(word):
        wide = widths.get(ord(letter), other) * size / 1000
        while wide > left and place > start:
            behind = 1 + max(word.rfind(sign, start, place) for sign in _BREAKS)
            end = behind if behind > start else place
            pieces.append(word[start:end])
            start, left = end, room - width(word[end:place], font, size)
        left -= wide
    return [*pieces, word[start:]]
