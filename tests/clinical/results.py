"""Invented laboratory results."""

from __future__ import annotations

from typing import Any

from emkcli.models import LabResult, Reference

FSLI, LOINC = "urn:oid:1.2.643.5.1.13.13.11.1080", "http://loinc.org"
NORMAL = Reference(low="3.9", high="6.1")


def result(ident: str, value: str | None, year: int | None = None, **more: Any) -> LabResult:
    try:
        number: float | None = float(value or "")
    except ValueError:
        number = None
    fields = {
        "id": ident,
        "analyte": "Глюкоза",
        "collected_at": f"{year}-01-01" if year else None,
        "value": value,
        "value_number": number,
        "unit": "ммоль/л",
        "unit_code": "mmol/l",
        "reference": NORMAL,
        "specimen": "Сыворотка крови",
        "status": "final",
    }
    return LabResult(**fields | more)
