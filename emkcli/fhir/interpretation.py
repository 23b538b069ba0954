"""Observation.interpretation ↔ the flag of a result or a sign, and its words."""

from __future__ import annotations

import re

from emkcli import models
from emkcli.fhir.building import coded, filled
from emkcli.fhir.elements import Resource, concept, elements, joined, text

_FLAGS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_FLAGS_OF_R4 = re.compile("N|AA?|HH?|HU|LL?|LU|R|S|I|NEG|POS|IND|DET|ND|[<>]|B|D|U|WR?|RR|NR|E")
_FLAG_IN_WORDS = re.compile(r"[A-Z<>+-]{1,4}")


def flag(part: Resource) -> str | None:
    """The first interpretation's code; words in its place only when they are a code themselves."""
    for interpretation in elements(part, "interpretation"):
        if code := text(interpretation, "coding", "code"):
            return code
        if (written := text(interpretation, "text")) and _FLAG_IN_WORDS.fullmatch(written):
            return written
    return text(part, "interpretation") if isinstance(part.get("interpretation"), str) else None


def words(part: Resource) -> str | None:
    """Every interpretation that was sent in words, and the codes of all but the first; a flag in their place is none."""
    names = (concept(interpretation) for interpretation in elements(part, "interpretation"))
    return joined(dict.fromkeys(name for name in names if name and name != flag(part)))


def to_fhir(record: models.LabResult | models.Vital) -> list[Resource]:
    """A flag that R4 does not know stands in the place of words, the words then apart from it."""
    known = coded(_FLAGS, record.flag) if record.flag and _FLAGS_OF_R4.fullmatch(record.flag) else {}
    coding = filled(**known, text=record.interpretation)
    unknown = {"text": record.flag} if record.flag and not known else {}
    return [concept for concept in (unknown, coding) if concept]
