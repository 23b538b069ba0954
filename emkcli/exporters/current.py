"""What of a card stands now: diagnoses, allergies, medicines, the last result of each analyte, vaccinations."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from emkcli.api.models import LabResult, Prescription
from emkcli.exporters.export_job import ExportJob

_SMALL = ("diagnoses", "allergies", "prescriptions", "vaccinations")
_GONE = frozenset({"entered-in-error", "cancelled"})
_NO_LONGER = frozenset({"inactive", "resolved", "remission", "refuted"})


class Current:
    """The lists it is made of are read once and kept; results are remembered only as the newest of each analyte."""

    def __init__(self, job: ExportJob) -> None:
        self._job = job
        self._kept = {name: list(job.records(name)) for name in _SMALL if name in job.names}
        self._last: dict[Hashable, LabResult] = {}

    def records(self, category: str) -> Iterable[Any]:
        return self._kept[category] if category in self._kept else self._job.records(category)

    def labs(self) -> Iterator[LabResult]:
        """The results as they come; the newest of each analyte is remembered."""
        for record in self._job.records("labs"):
            if (record.status or "") not in _GONE and record.value is not None:
                self._last.setdefault(_analyte(record), record)
            yield record

    @property
    def last(self) -> list[LabResult]:
        """The newest result of each analyte, once `labs` has come to its end."""
        return list(self._last.values())

    def chosen(self) -> dict[str, tuple[str, list[Any]]]:
        """The headings of a summary, and for each the list it comes from and the records of it that stand."""
        return {
            "diagnoses": ("diagnoses", self._diagnoses()),
            "allergies": ("allergies", self._those("allergies")),
            "medicines": ("prescriptions", [one for one in self.medicines() if one.status]),
            "labs_out_of_range": ("labs", [one for one in self.last if one.abnormal]),
            "vaccinations": ("vaccinations", self._those("vaccinations")),
        }

    def medicines(self) -> list[Prescription]:
        """The active ones, then those whose source states no status and which have not run out."""
        today = str(self._job.envelope.get("fetched_at") or "")[:10]
        known = self._those("prescriptions")
        open_ = [one for one in known if one.status is None and (one.expires_on or today)[:10] >= today]
        return [*(one for one in known if one.status == "active"), *open_]

    def _diagnoses(self) -> list[Any]:
        """Each once, as its newest record has it."""
        found: dict[str, Any] = {}
        for one in self._those("diagnoses", _GONE | _NO_LONGER):
            found.setdefault(one.code or one.display or one.id, one)
        return list(found.values())

    def _those(self, category: str, without: frozenset[str] = _GONE) -> list[Any]:
        return [one for one in self._kept.get(category, ()) if (one.status or "") not in without]


def _analyte(one: LabResult) -> Hashable:
    """Glucose of the blood is not glucose of the urine: without a code the specimen tells them apart."""
    return (one.code_system, one.code) if one.code else (one.analyte or one.id, one.specimen)
