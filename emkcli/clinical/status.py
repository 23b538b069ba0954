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
NOT_CARRIED_OUT = frozenset({"not-done", "preparation"})
"""A procedure that was refused or has not begun (FHIR event-status)."""
PLANNED = frozenset({"planned", "preparation", "registered", "booked", "pending", "proposed", "waitlist"})
"""What has not happened yet (FHIR encounter-status, event-status, appointmentstatus)."""
NOT_ORDERED = frozenset({"proposal", "plan", "option"})
"""What somebody suggests or intends and nobody ordered (FHIR request-intent)."""
REPLACED = frozenset({"revoked", "superseded"})
"""A referral that was called off, a document that a newer one stands for (FHIR request-status, document-reference-status)."""
SETTLED = frozenset({"complete", "immune", "contraindicated"})
"""A vaccination that nobody has to come for (FHIR immunization-recommendation-status)."""


_STATUSES = ("status", "clinical_status", "verification_status")


class Stated(Protocol):
    @property
    def status(self) -> str | None: ...


def statuses(record: Stated) -> frozenset[str]:
    """Every status a record is sent with: conditions and allergies have two, and all rules know both."""
    return frozenset(status for name in _STATUSES if (status := getattr(record, name, None)))


def decisive(clinical: str | None, verification: str | None) -> str | None:
    """Of the two statuses of a condition or an allergy the one that must not be overlooked."""
    if verification in WITHDRAWN:
        return verification
    if clinical in ENDED:
        return clinical
    return verification if verification and sounds_provisional(verification) else clinical or verification


def is_withdrawn(record: Stated) -> bool:
    return not statuses(record).isdisjoint(WITHDRAWN)


def is_ended(record: Stated) -> bool:
    """A condition that says when it ended, and nothing of how it stands, is over as well."""
    has_end = getattr(record, "abatement", None) and not getattr(record, "clinical_status", None)
    return bool(has_end) or not statuses(record).isdisjoint(ENDED)


def doubt(record: Stated) -> str | None:
    """The status that says a record is not certain."""
    return next(filter(sounds_provisional, sorted(statuses(record))), None)


def sounds_provisional(status: str) -> bool:
    """Also in the words of a СЭМД (directory …11.1076): «Предварительный»."""
    return status in PROVISIONAL or status.casefold().startswith("предварит")
