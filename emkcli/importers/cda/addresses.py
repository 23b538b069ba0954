"""An address, in the ministry's words of any year: one line of text, its region, its numbers in the register of addresses."""

from __future__ import annotations

import re

from emkcli.importers.cda.document_header import shown
from emkcli.importers.cda.tree import Element, child, coded, get, named, words
from emkcli.models.document_parties import Address

_PLACE, _HOUSE = ("streetNameBase", "streetName", "city"), ("houseNumber",)
_PARTS = ("country", "city", "precinct", "streetName", "streetNameBase", "houseNumber", "houseNumberNumeric", "unitID")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def address(element: Element | None) -> Address | None:
    """None where it says nothing."""
    if element is None:
        return None
    found = Address(
        use=coded(named(element, "Type", "AddressType")).name or get(element, "use"),
        text=shown(_line(element)),
        region=coded(named(element, "stateCode")).name or words(child(element, "state")),
        postal_code=words(child(element, "postalCode")),
        fias_object=words(named(element, "AOGUID")) or _guid(element, *_PLACE),
        fias_house=words(named(element, "HOUSEGUID")) or _guid(element, *_HOUSE),
    )
    return None if found == Address(use=found.use) else found


def _line(element: Element) -> str | None:
    """As it was written, else its parts."""
    if line := words(child(element, "streetAddressLine")) or (words(element) if not len(element) else None):
        return line
    parts = (words(child(element, name)) for name in _PARTS)
    return ", ".join(part for part in parts if part and not _GUID.fullmatch(part)) or None


def _guid(element: Element, *names: str) -> str | None:
    """ВИМИС writes the numbers of the register in the places of names."""
    parts = (words(child(element, name)) for name in names)
    return next((part for part in parts if part and _GUID.fullmatch(part)), None)
