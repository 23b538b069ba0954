"""Whether a CDA document is a СЭМД: by its realm, else by whose numbers it uses, as the generations differ in both."""

from __future__ import annotations

from collections.abc import Iterator

from emkcli.importers.cda.tree import Element, child, children, get
from emkcli.locale import _

RUSSIA = "1.2.643."
"""The arc of object identifiers below which Russian registers and organisations number."""
_RUSSIAN_NAMESPACE = "urn:hl7-ru:"
_C_CDA = "2.16.840.1.113883.10.20.22."
"""Templates of the Consolidated CDA of the US."""


def foreign(root: Element) -> str | None:
    """What a document of another country is, in words; None for a СЭМД."""
    if any(number.startswith(_C_CDA) for number in _templates(root)):
        return "C-CDA"
    realm = get(child(root, "realmCode"), "code")
    if realm == "RU" or any(number.startswith(RUSSIA) for number in _own_numbers(root)):
        return None
    if realm:
        return _("CDA of another country (realm {realm})").format(realm=realm)
    return None if _uses_russian_numbers(root) else _("CDA of an unknown country")


def _templates(root: Element) -> Iterator[str]:
    return (number for template in children(root, "templateId") if (number := get(template, "root")))


def _own_numbers(root: Element) -> Iterator[str]:
    """What the document itself is numbered and coded by; a patient's number may be one of another country."""
    yield from _templates(root)
    code = child(root, "code")
    coded = [(code, "codeSystem"), (child(code, "translation"), "codeSystem")]
    for element, name in [*coded, (child(root, "id"), "root"), (child(root, "setId"), "root")]:
        if number := get(element, name):
            yield number


def _uses_russian_numbers(root: Element) -> bool:
    """Old documents and those of ВИМИС leave the realm out and give templates no number."""
    return any(
        str(element.tag).startswith(f"{{{_RUSSIAN_NAMESPACE}")
        or any(value.startswith(RUSSIA) for value in (element.get("root", ""), element.get("codeSystem", "")))
        for element in root.iter()
    )
