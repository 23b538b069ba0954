"""What the status of a record says of it. Every set of statuses that a rule asks for stands here and nowhere else."""

from __future__ import annotations

from typing import Protocol

WITHDRAWN = frozenset({"entered-in-error", "nullified", "cancelled", "aborted", "refuted"})
"""Taken back, or found not to be so (FHIR, and HL7 v3 ActStatus): such a record never counts for anything."""
ENDED = frozenset({"inactive", "remission", "resolved"})
"""A condition or an allergy of the past (FHIR condition-clinical, allergyintolerance-clinical)."""
PROVISIONAL = frozenset({"provisional", "differential", "unconfirmed"})
"""Not certain yet (FHIR condition-ver-status): it counts, and whoever shows it says so."""
NOT_IN_FORCE = frozenset(
    {"draft", "new", "prohibited", "dispensed", "completed", "expired", "stopped", "obsolete", "not-taken"}
)
"""A prescription that has not begun, forbids, or is over (the card's words, and those of FHIR and HL7 v3)."""
SETTLED = frozenset({"complete", "immune", "contraindicated"})
"""A vaccination that nobody has to come for (FHIR immunization-recommendation-status)."""


class Stated(Protocol):
    @property
    def status(self) -> str | None: ...


def statuses(record: Stated) -> frozenset[str]:
    """Every status a record is sent with: a second one of its kind is read here, and all rules know it."""
    return frozenset({record.status} if record.status else ())


def is_withdrawn(record: Stated) -> bool:
    return not statuses(record).isdisjoint(WITHDRAWN)


def is_ended(record: Stated) -> bool:
    return not statuses(record).isdisjoint(ENDED)


def is_provisional(record: Stated) -> bool:
    return any(map(sounds_provisional, statuses(record)))


def sounds_provisional(status: str) -> bool:
    """Also in the words of a СЭМД (directory …11.1076): «Предварительный»."""
    return status in PROVISIONAL or status.casefold().startswith("предварит")
