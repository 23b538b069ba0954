"""What a section says in words: paragraphs, lists and tables as lines, whatever the clinic wrote them in."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterator

from lxml import etree

from emkcli.fhir import xhtml
from emkcli.importers.cda.tree import Element, child, get, local, mark

BREAKS = frozenset({"paragraph", "br", "table", "tr", "list", "item", "caption", "thead", "tbody", "title"})
GRID = frozenset({"table", "td", "th"})
_MARKUP = re.compile(r"</(?:p|div|table|ul|ol|html|body|b|i|span|h[1-6])\s*>|<br\s*/?>", re.IGNORECASE)
_ITEM = re.compile(r"[-–—•*](?:\s|$)")
_BEGINNING = re.compile(r"[^\W_a-zа-яё]")
LONGEST_FILE = 4_000_000
"""Characters of base64 that are unpacked when they say that they are a text."""


def narrative(element: Element | None) -> Iterator[str]:
    """A line per paragraph and row, cells apart by a bar; a file in place of words is named."""
    if element is None:
        return
    for row in lines(_written(element)):
        cells = [" ".join(cell.split()) for cell in row.split("\t")]
        if line := " | ".join(cell for cell in cells if cell):
            yield line


def _written(element: Element) -> str:
    kind = get(element, "mediaType") or "text/"
    if get(element, "representation") == "B64" or not kind.startswith("text/"):
        text = _unpacked(element) if kind.startswith("text/") else None
        return f"[{kind}]" if text is None else _unmarked(text)
    return "".join(_pieces(element)) if len(element) else _unmarked("".join(map(str, element.itertext())))


def _unpacked(element: Element) -> str | None:
    packed = "".join(map(str, element.itertext()))
    try:
        return b64decode(packed).decode("utf-8-sig") if len(packed) <= LONGEST_FILE else None
    except (Error, UnicodeDecodeError):
        return None


def _unmarked(text: str) -> str:
    """Words without elements: markup written as text is read as markup, and a paragraph keeps its own line."""
    if "<" not in text and "\n" not in text.strip():
        return " ".join(text.split())
    if _MARKUP.search(text):
        return xhtml.words(text)
    return "\n".join(" ".join(paragraph.split()) for paragraph in _paragraphs(text))


def _paragraphs(text: str) -> Iterator[str]:
    """Apart where a break was meant: a sentence ends and another begins, a dash opens an item, a line stays empty. Others
    are where a program folded its XML."""
    paragraph: list[str] = []
    for line in lines(text):
        begins = not line or _ITEM.match(line) or (_ended(paragraph) and _BEGINNING.match(line))
        if begins and paragraph:
            yield " ".join(paragraph)
            paragraph = []
        if line:
            paragraph.append(line)
    yield " ".join(paragraph)


def _ended(paragraph: list[str]) -> bool:
    return bool(paragraph) and paragraph[-1].endswith((".", ":", ";", "!", "?"))


def lines(text: str) -> Iterator[str]:
    """The lines without the blanks around them, one at a time: a text of breaks alone is a million of them."""
    place = 0
    while place <= len(text):
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        yield text[place:end].strip()
        place = end + 1


def prose(element: Element | None) -> str | None:
    """A plain text with its paragraphs."""
    return "\n".join(narrative(element)) or None if element is not None else None


def _pieces(element: Element) -> Iterator[str]:
    """Inside a cell a new line is a blank, so that a row stays a row; a table in it is one again."""
    around: list[bool] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        name = local(node)
        if name in GRID and event == "start":
            around.append(name != "table")
        elif name in GRID:
            around.pop()
        if name in BREAKS:
            yield " " if around and around[-1] and name not in GRID else "\n"
        elif event == "start" and name in GRID:
            yield "\t"
        elif name != "br":
            yield mark(node, event)
        text = node.text if event == "start" else node.tail if node is not element else None
        if text:
            yield str(text).replace("\t", " ").replace("\n", " ")


def media(value: Element | None) -> str:
    """A file that belongs to the document, by its name and kind."""
    kind = get(value, "mediaType") or get(value, "representation")
    return " ".join(filter(None, (get(child(value, "reference"), "value"), f"[{kind}]" if kind else None)))
