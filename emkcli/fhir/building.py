"""The elements that resources are built of; what is not known is left out, or said to be unknown where R4 wants it."""

from __future__ import annotations

import re
from typing import Any

from emkcli.clinical.dates import span
from emkcli.fhir.elements import ORIGINAL_TEXT, Decimal, Resource

UNKNOWN: Resource = {
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
}
UCUM = "http://unitsofmeasure.org"
ICD = "http://hl7.org/fhir/sid/icd-10"
ICD_RU = "urn:oid:1.2.643.5.1.13.13.11.1005"
_CODE = re.compile(r"\S+(?: \S+)*")
_NUMBER = re.compile(r"([<>]=?)?(?!-0$)(-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?)")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?)?)?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT.+")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def filled(**fields: Any) -> Resource:
    """The fields that hold something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def codeable(words: str | None, code: str | None = None, system: str | None = None) -> Resource:
    """A CodeableConcept; a diagnosis of the Russian МКБ-10 has its international code beside it."""
    valid = code if code and _CODE.fullmatch(code) else None
    address = system if system and not re.search(r"\s", system) else None
    codings = [filled(system=address, code=valid, display=words)] if valid else []
    if valid and address == ICD_RU:
        codings.append({"system": ICD, "code": valid})
    return filled(coding=codings, text=words or (None if valid else code))


def codeable_or_unknown(words: str | None, code: str | None = None, system: str | None = None) -> Resource:
    """The same where R4 cannot do without."""
    return codeable(words, code, system) or UNKNOWN


def coded(system: str, code: str) -> Resource:
    """A CodeableConcept of one code."""
    return {"coding": [{"system": system, "code": code}]}


def coded_among(pattern: re.Pattern[str], system: str, *stated: str | None) -> Resource | None:
    """The first of the record's words that is a code of R4, as a CodeableConcept."""
    return next((coded(system, word) for word in stated if word and pattern.fullmatch(word)), None)


def code_among(pattern: re.Pattern[str], code: str | None, other: str) -> str:
    """The document's own code where R4 knows the word."""
    return code if code and pattern.fullmatch(code) else other


def quantity(value: str | None, unit: str | None = None, code: str | None = None) -> Resource | None:
    """A Quantity whose digits stay as they were written; None for what is no plain number."""
    number = _NUMBER.fullmatch(value or "")
    if not number:
        return None
    valid = code if code and not re.search(r"\s", code) else None
    return filled(value=Decimal(number[2]), comparator=number[1], unit=unit, system=valid and UCUM, code=valid)


def quantity_of(words: str | None) -> Resource | None:
    """`500 mg` as a Quantity."""
    number, _blank, unit = (words or "").partition(" ")
    return quantity(number, unit)


def fhir_date(date: str | None) -> str | None:
    """A date that is one to FHIR too."""
    return date if date and _DATE.fullmatch(date) and span(date) else None


def instant(date: str | None) -> str | None:
    """A date that is a moment to FHIR."""
    return date if fhir_date(date) and _INSTANT.fullmatch(str(date)) else None


def dated(name: str, date: str | None, words: str | None = None) -> Resource:
    """The element `name` with a date, and how the source wrote it; what is no date to FHIR stands as words alone."""
    valid = fhir_date(date)
    written = words or (None if valid else date)
    return filled(**{name: valid, f"_{name}": as_written(written) if written else None})


def as_written(words: str) -> Resource:
    """The extension of an element that keeps the source's own words."""
    return {"extension": [{"url": ORIGINAL_TEXT, "valueString": words}]}


def notes(*texts: str | None) -> list[Resource]:
    """Annotations."""
    return [{"text": words} for words in texts if words]


def generated_narrative(*paragraphs: str | None) -> Resource | None:
    """A Narrative for people to read."""
    from html import escape

    readable = [escape(words) for part in paragraphs if part and (words := _NO_XML.sub("", part).strip())]
    inside = "".join(f"<p>{words}</p>".replace("\n", "<br/>") for words in readable)
    if not inside:
        return None
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inside}</div>'}
