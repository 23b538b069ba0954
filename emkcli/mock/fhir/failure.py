"""How a FHIR server says no: an error with its status, and the OperationOutcome that goes out."""

from __future__ import annotations

from typing import Any


class FhirError(Exception):
    """A refused interaction; `code` is an issue type of FHIR (`not-found`, `invalid`, `not-supported`, …)."""

    def __init__(self, status: int, code: str, diagnostics: str) -> None:
        super().__init__(diagnostics)
        self.status, self.code, self.diagnostics = status, code, diagnostics

    def outcome(self) -> dict[str, Any]:
        return outcome(self.code, self.diagnostics)


def outcome(code: str, diagnostics: str, severity: str = "error") -> dict[str, Any]:
    """An OperationOutcome with one issue."""
    issue = {"severity": severity, "code": code, "diagnostics": diagnostics}
    return {"resourceType": "OperationOutcome", "issue": [issue]}
