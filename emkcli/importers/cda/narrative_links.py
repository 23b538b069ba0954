"""Where an entry points at the narrative instead of repeating it, the words are put in its place."""

from __future__ import annotations

from emkcli.importers.cda.tree import Element, H, words

LONGEST, MOST = 20_000, 4_000_000
"""Characters of one reference and of all: nobody's document says one long text a thousand times."""
_HOLDERS = frozenset({f"{H}text", f"{H}originalText", f"{H}value"})


def resolve(root: Element) -> None:
    """`<text><reference value="#a"/></text>` reads like the element whose `ID` is `a`."""
    known = {name: one for one in root.iter() if (name := one.get("ID"))}
    said: dict[str, str] = {}
    left = MOST
    for one in list(root.iter(f"{H}reference")) if known else ():
        name = _name(one)
        if name in known:
            text = said[name] if name in said else said.setdefault(name, _words(known[name]))
            if len(text) <= left:
                one.text, left = text, left - len(text)


def _name(reference: Element) -> str:
    """What it points at, where words may stand in its place."""
    parent, told = reference.getparent(), str(reference.get("value") or "")
    return told.removeprefix("#") if parent is not None and parent.tag in _HOLDERS else ""


def _words(element: Element) -> str:
    text = words(element) or ""
    return text if len(text) <= LONGEST else ""
