"""The elements that resources are made of; what is not known is left out, or said to be unknown where R4 wants it."""

from __future__ import annotations

import html
import re
from typing import Any

from emkcli.api.dates import span
from emkcli.api.mapping.elements import Decimal, Resource
from emkcli.api.mapping.observations import UCUM
from emkcli.api.stable_id import stable_id

UNKNOWN: Resource = {
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
}
ICD = "http://hl7.org/fhir/sid/icd-10"
ICD_RU = "urn:oid:1.2.643.5.1.13.13.11.1005"
_CODE = re.compile(r"\S+(?: \S+)*")
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_NUMBER = re.compile(r"([<>]=?)?(?!-0$)(-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?)")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?)?)?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT.+")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def filled(**fields: Any) -> Resource:
    """The fields that hold something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def ident(name: str) -> str:
    """A name as FHIR allows an id: as it is, with its marks as hyphens, or one made of it."""
    plain = re.sub(r"[#^]", "-", name)
    return plain if _ID.fullmatch(plain) else stable_id(name)


def reference(kind: str, name: str) -> Resource:
    return {"reference": f"{kind}/{ident(name)}"}


def concept(words: str | None, code: str | None = None, system: str | None = None) -> Resource:
    """A CodeableConcept; a diagnosis of the Russian МКБ-10 has its international code beside it."""
    known = code if code and _CODE.fullmatch(code) else None
    given = system if system and not re.search(r"\s", system) else None
    codings = [filled(system=given, code=known, display=words)] if known else []
    if known and given == ICD_RU:
        codings.append({"system": ICD, "code": known})
    return filled(coding=codings, text=words or (None if known else code))


def stated(words: str | None, code: str | None = None, system: str | None = None) -> Resource:
    """The same where R4 cannot do without."""
    return concept(words, code, system) or UNKNOWN


def coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def quantity(value: str | None, unit: str | None = None, code: str | None = None) -> Resource | None:
    """A Quantity whose digits stay as they were written; None for what is no plain number."""
    found = _NUMBER.fullmatch(value or "")
    if not found:
        return None
    known = code if code and not re.search(r"\s", code) else None
    return filled(value=Decimal(found[2]), comparator=found[1], unit=unit, system=known and UCUM, code=known)


def amount(words: str | None) -> Resource | None:
    """`500 mg` as a Quantity."""
    number, _blank, unit = (words or "").partition(" ")
    return quantity(number, unit)


def moment(date: str | None) -> str | None:
    """A date that is one to FHIR too."""
    return date if date and _DATE.fullmatch(date) and span(date) else None


def instant(date: str | None) -> str | None:
    return date if moment(date) and _INSTANT.fullmatch(str(date)) else None


def notes(*texts: str | None) -> list[Resource]:
    return [{"text": one} for one in texts if one]


def narrative(*paragraphs: str | None) -> Resource | None:
    """What has no element of its own, for people to read."""
    known = [html.escape(clean) for one in paragraphs if one and (clean := _NO_XML.sub("", one).strip())]
    inside = "".join(f"<p>{one}</p>".replace("\n", "<br/>") for one in known)
    return (
        {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inside}</div>'} if known else None
    )
