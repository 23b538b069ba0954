"""Where an entry points at the narrative instead of repeating it, the words are put in its place."""

from __future__ import annotations

from emkcli.formats.semd_reader.tree import Element, H

LONGEST, MOST = 20_000, 4_000_000
"""Characters of one reference and of all: nobody's document says one long text a thousand times."""
_HOLDERS = frozenset({f"{H}text", f"{H}originalText", f"{H}value"})


def resolve(root: Element) -> None:
    """`<text><reference value="#a"/></text>` reads like the element whose `ID` is `a`."""
    known = {one.get("ID"): one for one in root.iter() if one.get("ID")}
    said = [(one, _words(known.get(_name(one)))) for one in root.iter(f"{H}reference")] if known else []
    left = MOST
    for one, text in said:
        if text and len(text) <= left:
            one.text, left = text, left - len(text)


def _name(reference: Element) -> str | None:
    parent, told = reference.getparent(), reference.get("value") or ""
    return told.removeprefix("#") if parent is not None and parent.tag in _HOLDERS else None


def _words(element: Element | None) -> str | None:
    if element is None:
        return None
    text = " ".join("".join(str(one) for one in element.itertext()).split())
    return text if len(text) <= LONGEST else None
