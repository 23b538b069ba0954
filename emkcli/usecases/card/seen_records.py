"""What `--new` leaves out: the records whose content this profile has seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from emkcli import models

_LATER = frozenset(
    {
        "sources",
        "details",
        "interpretation",
        "clinical_status",
        "verification_status",
        "intent",
        "ends_on",
        "status_reason",
    }
)
"""Where a record was found, and fields that came after the first release: what was seen without them is not news."""
_LATER_OF = {
    "prescription": {"course", "dosage", "note", "reason", "refills"},
    "vaccination": {"dose"},
    "document": {
        *("confidentiality", "edition", "encounter", "expires_on", "language", "orders", "participants", "services"),
        *("template", "facts", "addresses", "contacts", "documents", "ids", "sex"),
    },
    "diagnosis": {"abatement", "note", "onset", "severity"},
    "allergy": {"category", "criticality", "note", "reactions"},
    "vital": {"flag", "note", "reference"},
    "referral": {"expires_on", "planned_for", "reason"},
}
"""The same of one list, also of what stands inside its records."""


class Unseen:
    """The items without those seen before; those within the limit are remembered by a digest of what they say."""

    def __init__(self, items: Iterable[Any], before: set[str], limit: int | None) -> None:
        self._items = items
        self._before = before
        self._limit = limit
        self.seen: set[str] = set()

    def __iter__(self) -> Iterator[Any]:
        for item in self._items:
            seen = digest(item)
            if seen in self._before:
                continue
            if self._limit is None or len(self.seen) < self._limit:
                self.seen.add(seen)
            yield item


def digest(item: models.Model) -> str:
    """An amended record is new again; one that is found in a second place, or of which a newer emk reads more, is not."""
    import hashlib

    document = item.to_builtins()
    if isinstance(item, models.LabResult):
        document["panel"] = next(reversed(item.panel), None)  # as it was when a result had one
    told = _told(document, _LATER | _LATER_OF.get(item.kind, set()))
    return hashlib.blake2b(msgspec.json.encode(told), digest_size=9).hexdigest()


def _told(value: Any, later: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _told(inner, later) for name, inner in value.items() if inner is not None and name not in later}
    return [_told(inner, later) for inner in value] if isinstance(value, list) else value
