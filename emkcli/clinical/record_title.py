"""What a record of any kind is called: the one field that says what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TITLES = ("title", "analyte", "medicine", "vaccine", "display", "reason", "type", "kind")


def title(record: Mapping[str, Any]) -> str:
    """In the source's words; of one that only has diagnoses the first of them, and empty where nothing is said."""
    for name in _TITLES:
        if isinstance(record.get(name), str) and record[name].strip():
            return str(record[name])
    diagnoses = record.get("diagnoses") or []
    return str(diagnoses[0].get("display") or diagnoses[0].get("code") or "") if diagnoses else ""
