"""The elements of FHIR by names that people read."""

from __future__ import annotations

import re

from emkcli.locale import _

_TYPE = re.compile(
    r"(?<=[a-z])(?:CodeableConcept|Reference|Coding|DateTime|Date|Time|Instant|Period|Timing|Quantity|Money|Range|Ratio|Age"
    r"|Duration|String|Boolean|Integer|PositiveInt|UnsignedInt|Decimal|Uri|Url|Canonical|Code|Attachment)$"
)
"""What FHIR adds to the name of an element that has one of several types."""
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|-")


def in_words(path: str) -> str:
    """`stage.summary` as «stage, summary»; a type of FHIR before it goes, and what is a question already stays."""
    if " " in path:
        return path
    return ", ".join(_(english(name)) for name in path.split("."))


def english(name: str) -> str:
    """`statusReason` and `statusReasonCodeableConcept` as «status reason»."""
    return _HUMP.sub(" ", _TYPE.sub("", name)).lower()
