"""Where an entry points at the narrative instead of repeating it, the words are put in its place."""

from __future__ import annotations

from emkcli.importers.cda.tree import Element, H, words

LONGEST, MOST = 20_000, 4_000_000
"""Characters of one reference and of all: nobody's document says one long text a thousand times."""
_HOLDERS = frozenset({f"{H}text", f"{H}originalText", f"{H}value"})


def resolve(root: Element) -> None:
    """`<text><reference value="#a"/></text>` reads like the element whose `ID` is `a`."""
    targets = {name: element for element in root.iter() if (name := element.get("ID"))}
    texts: dict[str, str] = {}
    left = MOST
    for reference in list(root.iter(f"{H}reference")) if targets else ():
        name = _name(reference)
        if name in targets:
            text = texts[name] if name in texts else texts.setdefault(name, _words(targets[name]))
            if len(text) <= left:
                reference.text, left = text, left - len(text)


def _name(reference: Element) -> str:
    """What it points at, where words may stand in its place."""
    parent, target = reference.getparent(), str(reference.get("value") or "")
    return target.removeprefix("#") if parent is not None and parent.tag in _HOLDERS else ""


def _words(element: Element) -> str:
    """None of them when they are too many, which is told before all are joined: a thousand elements may lie inside
    each other, each with a reference to it."""
    left = 2 * LONGEST
    for piece in element.itertext():
        left -= len(piece)
        if left < 0:
            return ""
    text = words(element) or ""
    return text if len(text) <= LONGEST else ""
