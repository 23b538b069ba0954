"""The terminal's side of output: encodings that never crash, the colour decision, how wide a line may be."""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from typing import TextIO

READABLE = "emk.readable"
"""The codec error handler that writes what an encoding lacks in ASCII."""


def _table(spellings: str) -> dict[str, str]:
    words = spellings.split()
    return dict(zip(words[::2], words[1::2], strict=True))


GLYPHS = _table(
    """→ -> ← <- ↑ ^ ↓ v ≤ <= ≥ >= ≠ != ± +/- × x ÷ / − - – - — - ‑ - ‐ - … ... • * · * ° deg µ u μ u № No ₽ RUB
    « " » " „ " “ " ” " ‘ ' ’ ' ‚ ' ✓ OK ✔ OK ✗ x ✘ x α alpha β beta γ gamma δ delta"""
)
CYRILLIC = _table(
    """а a б b в v г g д d е e ё e ж zh з z и i й i к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh
    щ shch ъ ie ы y ь ' э e ю iu я ia"""
)
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
STYLES = {"bold": "1", "dim": "2", "red": "31", "yellow": "33", "blue": "34", "cyan": "36"}

POINT = re.compile(r"\s*(?:(?:\d{1,2}\.)+(?:\d{1,2})?\s+|\d{1,2}\)\s+|[-–—•*]\s+)?")
MARKED = re.compile(r"\*\*(.+?)\*\*")


def prepare_streams() -> None:
    """Make stdout and stderr unable to crash: readable ASCII for what the encoding lacks, `\\n` kept as it is."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # the descriptor was closed before we started
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        elif isinstance(stream, io.TextIOWrapper):
            with suppress(OSError):  # what an early answer left in it could not be written
                stream.reconfigure(errors=READABLE, newline="\n")


def encodable(text: str, stream: TextIO) -> str:
    """`text` as `stream` will show it, so that a layout counts the columns that are really printed."""
    encoding = _encoding(stream)
    return text.encode(encoding, READABLE).decode(encoding)


def can_encode(text: str, stream: TextIO) -> bool:
    try:
        text.encode(_encoding(stream))
    except UnicodeEncodeError:
        return False
    return True


def _encoding(stream: TextIO) -> str:
    return getattr(stream, "encoding", None) or "utf-8"


def _readable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return ascii_form(error.object[error.start : error.end]), error.end


codecs.register_error(READABLE, _readable)


def ascii_form(text: str) -> str:
    """Symbols by their usual ASCII spelling, Russian letters as in a passport, anything else `?`."""
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+", lambda match: "^" + match[0].translate(SUPERSCRIPTS), text)
    return "".join(_ascii_character(character) for character in text)


def _ascii_character(character: str) -> str:
    if character.isascii():
        return character
    if character.lower() in CYRILLIC:
        latin = CYRILLIC[character.lower()]
        return latin if character.islower() else latin.capitalize()
    if character in GLYPHS:
        return GLYPHS[character]
    if unicodedata.combining(character):
        return ""
    return unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode() or "?"


def colour(choice: str, stream: TextIO, environ: Mapping[str, str]) -> bool:
    """The option decides, then NO_COLOR, then CLICOLOR_FORCE, then whether `stream` is a terminal that can."""
    if choice in {"always", "never"}:
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("CLICOLOR_FORCE", "0") not in {"", "0"}:
        return True
    return environ.get("TERM") != "dumb" and is_terminal(stream)


def is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def columns(stream: TextIO, environ: Mapping[str, str]) -> int | None:
    """How wide lines may be: `COLUMNS`, else the terminal's width; None when `stream` is no terminal."""
    if not is_terminal(stream):
        return None
    if (stated := environ.get("COLUMNS", "")).isdecimal() and int(stated) > 0:
        return int(stated)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


def folded(text: str, columns: int) -> str:
    """Long lines broken between words, and only there; what follows hangs under the first word, beside a point's number."""
    from wcwidth import wrap

    return "\n".join(
        part
        for line in text.split("\n")
        for part in wrap(
            line, columns - 1, subsequent_indent=_indent(line), break_long_words=False, break_on_hyphens=False
        )
        or [""]
    )


def _indent(line: str) -> str:
    point = POINT.match(line)
    return " " * point.end() if point else ""


def fitting(text: str, stream: TextIO) -> str:
    """`text` folded to the width of the terminal that `stream` is; as it is for a file or a pipe."""
    width = columns(stream, {})
    return folded(text, width) if width else text


def paint(text: str, style: str | None) -> str:
    """`text` in a style of `STYLES`, or what stands between `**` in it (`marked`); the caller has decided for colour."""
    if style == "marked":
        return MARKED.sub(lambda match: paint(match[1], "bold"), text)
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if style and text else text


def link(text: str, address: str) -> str:
    """`text` as a hyperlink (OSC 8); terminals that know none show the text. The caller has decided, as for colour."""
    return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\"
