"""What prevention plans next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emkcli.api.models import Prevention

_WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
_SETTLED = frozenset({"complete", "immune", "contraindicated"})
"""FHIR immunization-recommendation-status of a vaccination that nobody has to come for."""


def planned(newest_first: Iterable[Prevention]) -> Iterator[Prevention]:
    """Those that set a date: of each kind, an examination or a vaccination, the newest record decides."""
    seen: set[str | None] = set()
    for record in newest_first:
        if record.status in _WITHDRAWN or record.type in seen:
            continue
        seen.add(record.type)
        if record.next_due and record.status not in _SETTLED:
            yield record
