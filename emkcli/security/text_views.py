"""A text as it reads once its escapes are undone; every character knows where it came from."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_ESCAPES = re.compile(
    r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)|(?P<unicode>(?:\\u[0-9A-Fa-f]{4})+)|(?P<bytes>(?:\\x[0-9A-Fa-f]{2})+)"
    r"|(?P<point>\\U[0-9A-Fa-f]{8})|(?P<blank>\\[nrtbfv])"
    r"|(?P<html>&(?:#[0-9]{1,7}|#[Xx][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});)"
)
# the line break after = is no part of the text (RFC 2045 §6.7)
_QUOTED_PRINTABLE = re.compile(r"(?P<quoted>(?:=[0-9A-Fa-f]{2}|=\r?\n)+)")
# a longer one is known by what it is bound to hold, wherever in it a secret begins
_BASE64 = re.compile(r"(?P<base64>(?<![\w+/-])[A-Za-z0-9+/_-]{6,200}(?![\w+/-])={0,2})")
DEPTH = 3
"""How often a text may be escaped over and over."""


@dataclass(frozen=True)
class View:
    """`text`, and for each of its characters the first and last place of the original it stands for."""

    text: str
    starts: list[int]
    ends: list[int]

    @classmethod
    def plain(cls, text: str) -> View:
        return cls(text, list(range(len(text))), list(range(1, len(text) + 1)))

    def undone(self, pattern: re.Pattern[str]) -> View | None:
        """The same without the escapes of `pattern`, None where there are none. A run of escapes is one place."""
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        end = 0
        for escape in pattern.finditer(self.text):
            decoded = _decoded(escape)
            first, last = escape.span()
            parts += [self.text[end:first], decoded]
            starts += self.starts[end:first] + [self.starts[first]] * len(decoded)
            ends += self.ends[end:first] + [self.ends[last - 1]] * len(decoded)
            end = last
        if not end:
            return None
        return View("".join([*parts, self.text[end:]]), starts + self.starts[end:], ends + self.ends[end:])


def views(text: str) -> Iterator[View]:
    """The text as it is, and as often unescaped as it was escaped; each also with its words of base64 decoded."""
    plain = View.plain(text)
    for view in (*_unescaped(plain), plain.undone(_QUOTED_PRINTABLE)):
        if view:
            yield view
            if decoded := view.undone(_BASE64):
                yield decoded


def _unescaped(view: View | None) -> Iterator[View]:
    for _level in range(1 + DEPTH):
        if view is None:
            return
        yield view
        view = view.undone(_ESCAPES)


def _decoded(escape: re.Match[str]) -> str:
    kind = str(escape.lastgroup)
    return _DECODERS[kind](escape[0])


def _utf8(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-8", "replace")


def _utf16(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-16-be", "replace")


def _base64(word: str) -> str:
    """What a word says that is the base64 of a text, else the word."""
    try:
        text = base64.urlsafe_b64decode(
            word.rstrip("=").translate(_URLSAFE) + "=" * (-len(word.rstrip("=")) % 4)
        ).decode()
    except ValueError:
        return word
    return text if text.isprintable() else word


_URLSAFE = str.maketrans("+/", "-_")
_DECODERS: dict[str, Callable[[str], str]] = {
    "percent": lambda run: _utf8(run.replace("%", "")),
    "bytes": lambda run: _utf8(run.replace("\\x", "")),
    "quoted": lambda run: _utf8(re.sub(r"[=\r\n]", "", run)),
    "unicode": lambda run: _utf16(run.replace("\\u", "")),
    "point": lambda run: chr(min(int(run[2:], 16), 0x10FFFF)),
    "blank": lambda run: " ",
    "base64": _base64,
    "html": html.unescape,
}
