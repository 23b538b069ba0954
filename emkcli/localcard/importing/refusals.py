"""Why a document is not taken, and where everything in it is then."""

from __future__ import annotations

from emkcli.models.content_account import Place

PLACES: dict[str, Place] = {
    "duplicate": "duplicate",
    "superseded": "superseded",
    "other_person": "other_person",
}
"""Status of a document that is not taken → where everything in it is."""


class Refused(Exception):
    """The document is not taken, and why."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Noted(Refused):
    """Nothing in it is taken, but something about it is kept."""
