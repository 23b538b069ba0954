"""When a condition began or ended, in one text: the forms of `onset[x]` and `abatement[x]`."""

from __future__ import annotations

from emkcli.fhir.building import fhir_date
from emkcli.fhir.dosage import between
from emkcli.fhir.elements import Resource, amount, element, joined, text


def from_fhir(resource: Resource, name: str) -> str | None:
    """A date, `from/until`, an age (`40 a`), a span of ages, or words; that there was one at all (STU3) as `true`."""
    period = element(resource, f"{name}Period")
    return (
        text(resource, f"{name}DateTime")
        or amount(element(resource, f"{name}Age"))
        or joined((text(period, "start") or ("…" if period else None), text(period, "end")), "/")
        or between(element(resource, f"{name}Range"))
        or text(resource, f"{name}String")
        or text(resource, f"{name}Boolean")
    )


def to_fhir(name: str, written: str | None) -> Resource:
    """A date, or words."""
    if not written:
        return {}
    return {f"{name}DateTime": written} if fhir_date(written) else {f"{name}String": written}
