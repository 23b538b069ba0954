"""What prevention plans next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from emkcli.api.dates import MOSCOW, span
from emkcli.models import Prevention

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


def open_on(record: Prevention, today: date) -> bool:
    """Whether it is still to be done: a month or a year lasts to its end, and what is called overdue is not over."""
    found = span(record.next_due or "")
    return record.status == "overdue" or found is None or found[1].astimezone(MOSCOW).date() >= today
