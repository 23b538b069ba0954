"""What stands around a record while it is written: the document it was read from, and whom its records name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from emkcli import models
from emkcli.fhir.elements import Resource
from emkcli.fhir.parties import Parties


@dataclass(frozen=True)
class SourceDocument:
    """A document with the records read from it; `as_of` is how old it says it is, else when it came."""

    content: bytes = field(repr=False)
    media_type: str
    as_of: str | None
    records: Sequence[Any]

    @property
    def title(self) -> str | None:
        """What the document itself is called."""
        return next((record.title for record in self.records if isinstance(record, models.Document)), None)

    @cached_property
    def diagnoses(self) -> dict[tuple[str | None, ...], models.Diagnosis]:
        """Its diagnoses by what they say; of several that say the same the first."""
        diagnoses = (record for record in self.records if isinstance(record, models.Diagnosis))
        return {
            (diagnosis.code, diagnosis.system, diagnosis.display): diagnosis for diagnosis in reversed(list(diagnoses))
        }


@dataclass(frozen=True)
class WriteContext:
    """`parties` are shared by all documents of a person."""

    document: SourceDocument
    parties: Parties

    @property
    def subject(self) -> Resource:
        """A Reference to the patient."""
        return self.parties.subject
