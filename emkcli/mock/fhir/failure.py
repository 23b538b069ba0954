"""How a FHIR server says no."""

from __future__ import annotations


class FhirError(Exception):
    """A refused interaction; `code` is an issue type of FHIR (`not-found`, `invalid`, `not-supported`, …)."""

    def __init__(self, status: int, code: str, diagnostics: str) -> None:
        super().__init__(diagnostics)
        self.status, self.code, self.diagnostics = status, code, diagnostics
