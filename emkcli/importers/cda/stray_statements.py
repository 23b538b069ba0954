"""Statements that a clinic's program put into a section without an `entry` around them, or with a `component` in its place: no
guide allows it, and they are read like those of an entry."""

from __future__ import annotations

from lxml import etree

from emkcli.importers.cda.tree import Element, H, child

ENTRY = f"{H}entry"
_OF_SECTIONS = frozenset(
    H + name
    for name in (
        *("realmCode", "typeId", "templateId", "id", "code", "title", "text", "confidentialityCode", "languageCode"),
        *("subject", "author", "informant", "entry", "component"),
    )
)
"""What HL7 CDA R2 lets stand in a section."""


def enclose(root: Element) -> None:
    """An `entry` around each of them, in its place."""
    for section in root.iter(f"{H}section"):
        for inner in list(section.iterchildren(etree.Element)):
            if inner.tag not in _OF_SECTIONS:
                entry = etree.Element(ENTRY)
                inner.addprevious(entry)
                entry.append(inner)
            elif inner.tag == f"{H}component" and child(inner, "section") is None:
                inner.tag = ENTRY
