"""Texts, attributes and names are no longer than anybody writes them; attachments in base64 are no text.

Words are folded, compared, listed and indexed many times: of a title of 60 MB that took minutes and gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from emkcli.importers.cda.tree import Element
from emkcli.locale import _

LONGEST_TEXT = 1_000_000
"""Characters between two tags."""
LONGEST_ATTRIBUTE = 100_000
LONGEST_NAME = 1000
MOST_TEXT = 4_000_000
"""Characters of all texts and attributes together; the longest documents have some hundred thousand."""
DEEPEST = 256
"""Elements inside each other, as libxml2 has it for documents that are not huge."""


def excess(root: Element, content: bytes, *, huge: bool) -> str | None:
    """What is too long in a document, or too deep in a `huge` one, in words: the parser saw to the depth of any other."""
    if huge and root.xpath(f"boolean({'/*' * (DEEPEST + 1)})"):
        return _("nested too deep")
    if len(content) <= min(LONGEST_TEXT, MOST_TEXT) and not (_has_long_names(root) or _has_long_quotations(content)):
        return None
    left = MOST_TEXT
    for element in root.iter():
        if len(element.tag) > LONGEST_NAME:
            return _("the name of an element is longer than {limit} letters").format(limit=LONGEST_NAME)
        for length, limit in _lengths(element):
            left -= length
            if length > limit:
                return _("a text is longer than {limit} letters").format(limit=limit)
    return None if left >= 0 else _("its texts are longer than {limit} letters").format(limit=MOST_TEXT)


def _has_long_names(root: Element) -> bool:
    return any(len(name) > LONGEST_NAME for name in {element.tag for element in root.iter(etree.Element)})


def _has_long_quotations(content: bytes) -> bool:
    """Without any no attribute is too long, which with the names alone can be where the whole document is shorter than a
    text may be."""
    return max(map(len, content.replace(b"'", b'"').split(b'"'))) > LONGEST_ATTRIBUTE


def _lengths(element: Element) -> Iterator[tuple[int, int]]:
    """How long each text and attribute of an element is, and may be."""
    for value in element.values():
        yield len(value), LONGEST_ATTRIBUTE
    if element.text and element.get("representation") != "B64":
        yield len(element.text), LONGEST_TEXT
    if element.tail:
        yield len(element.tail), LONGEST_TEXT
