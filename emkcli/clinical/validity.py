"""Until when a certificate or a referral is good."""

from __future__ import annotations

from datetime import date

from emkcli.clinical.dates import day
from emkcli.clinical.status import is_withdrawn
from emkcli.models import Document, Referral


def ends_within(record: Document | Referral, first: date, last: date) -> bool:
    """Whether it states a last day, and that is one of these; a month lasts to its end."""
    ends = day(record.expires_on, last=True)
    return ends is not None and first <= ends <= last and not is_withdrawn(record)
