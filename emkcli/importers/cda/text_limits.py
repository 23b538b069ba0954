"""Texts, attributes and names are no longer than anybody writes them; attachments in base64 are no text.

Words are folded, compared, listed and indexed many times: of a title of 60 MB that took minutes and gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator

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


def excess(root: Element, size: int) -> str | None:
    """What is too long or too deep in a document of `size` bytes, in words."""
    if root.xpath(f"boolean({'/*' * (DEEPEST + 1)})"):
        return _("nested too deep")
    if size <= min(LONGEST_TEXT, MOST_TEXT) and not _has_long_names(root):
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
    """Or attributes: what alone can be too long where the whole document is shorter than a text may be."""
    name = f"string-length(namespace-uri()) + string-length(local-name()) + 2 > {LONGEST_NAME}"
    return bool(root.xpath(f"boolean(//@*[string-length() > {LONGEST_ATTRIBUTE}] or //*[{name}])"))


def _lengths(element: Element) -> Iterator[tuple[int, int]]:
    """How long each text and attribute of an element is, and may be."""
    for value in element.values():
        yield len(value), LONGEST_ATTRIBUTE
    if element.text and element.get("representation") != "B64":
        yield len(element.text), LONGEST_TEXT
    if element.tail:
        yield len(element.tail), LONGEST_TEXT
