"""Documents in and the card out: import into the local card, export to files, forget."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from emkcli.api import models

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.results import Value


def good_for(prescription: models.Prescription, now: datetime, expiring: object) -> bool:
    """Active today and, with `expiring`, ending within that time."""
    today = now.date().isoformat()
    ends = (prescription.expires_on or "")[:10]
    if prescription.status != "active" or (ends and ends < today):
        return False
    if not isinstance(expiring, timedelta):
        return True
    return bool(ends) and ends <= (now + expiring).date().isoformat()
