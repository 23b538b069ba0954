"""Which components of an Observation are the two of a blood pressure."""

from __future__ import annotations

from emkcli.fhir.elements import Resource, codes

SYSTOLIC = frozenset({"8480-6", "271649006"})
DIASTOLIC = frozenset({"8462-4", "271650006"})


def pressure_of(parts: list[Resource]) -> list[Resource]:
    """The upper and the lower one, as far as they are there."""
    found = (next((part for part in parts if codes(part.get("code")) & known), None) for known in (SYSTOLIC, DIASTOLIC))
    return [part for part in found if part is not None]
