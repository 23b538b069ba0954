"""What of a card stands now, as a page or a document shows it; the rules themselves are those of `clinical`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from emkcli.clinical import current, latest, medicines
from emkcli.clinical.dates import day, local
from emkcli.clinical.out_of_range import is_abnormal
from emkcli.exporters.export_job import ExportJob
from emkcli.models import LabResult, Prescription

_SMALL = ("diagnoses", "allergies", "prescriptions", "vaccinations")


def today(job: ExportJob) -> date:
    """The day in Moscow on which the card was read."""
    return day(str(job.envelope.get("fetched_at") or "")) or local(datetime.now(UTC)).date()


class Current:
    """The lists it is made of are read once and kept; results are remembered only as the newest of each analyte."""

    def __init__(self, job: ExportJob) -> None:
        self._job = job
        self._kept = {name: list(job.records(name)) for name in _SMALL if name in job.names}
        self._results = latest.results()

    def records(self, category: str) -> Iterable[Any]:
        return self._kept[category] if category in self._kept else self._job.records(category)

    def labs(self) -> Iterator[LabResult]:
        """The results as they come; the newest of each analyte is remembered."""
        for result in self._job.records("labs"):
            self._results.add(result)
            yield result

    @property
    def last(self) -> list[LabResult]:
        """The newest result of each analyte, once `labs` has come to its end."""
        return self._results.records

    def chosen(self) -> dict[str, tuple[str, list[Any]]]:
        """The headings of a summary, and for each the list it comes from and the records of it that stand."""
        return {
            "diagnoses": ("diagnoses", current.diagnoses(self._of("diagnoses"))),
            "allergies": ("allergies", current.allergies(self._of("allergies"))),
            "medicines": ("prescriptions", self.medicines()),
            "labs_out_of_range": ("labs", list(filter(is_abnormal, self.last))),
            "vaccinations": ("vaccinations", current.vaccinations(self._of("vaccinations"))),
        }

    def medicines(self) -> list[Prescription]:
        return medicines.current(self._of("prescriptions"), today(self._job))

    def _of(self, category: str) -> list[Any]:
        return self._kept.get(category, [])
