"""The words in a piece of XHTML: a line for every block, a tab for every cell.

Not `html.parser`: for tags that are never closed it looks for the end again from each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

BREAKS = frozenset(
    {"p", "div", "br", "li", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "thead", "tbody"}
)
CELLS = frozenset({"td", "th"})
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/<>]*+)[^<>]*+>|<[!?][^<>]*+>")
_NUMBER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?")
"""A character beyond Unicode; Python refuses numbers of many digits with an error."""


def words(markup: str) -> str:
    """What a person would read, whatever the markup is like; in time that grows with its length."""
    return "".join(_pieces("".join(_without_comments(markup))))


def _without_comments(markup: str) -> Iterator[str]:
    place = 0
    while (begin := markup.find("<!--", place)) >= 0 and (end := markup.find("-->", begin + 4)) >= 0:
        yield markup[place:begin]
        place = end + 3
    yield markup[place:]


def _pieces(markup: str) -> Iterator[str]:
    place = 0
    for tag in _TAG.finditer(markup):
        yield _read(markup[place : tag.start()])
        yield _gap(tag[2] or "", closing=bool(tag[1]))
        place = tag.end()
    yield _read(markup[place:])


def _gap(written: str, *, closing: bool) -> str:
    name = written.lower()
    if name in BREAKS:
        return "\n"
    return "\t" if name in CELLS and not closing else ""


def _read(text: str) -> str:
    return unescape(_NUMBER.sub("\ufffd", text)).replace("\n", " ")
