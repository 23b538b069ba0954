"""The card on paper: A4 with its own letters; all of it, or the page or two that a physician asks for."""

from __future__ import annotations

from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.pdf_writer import doctor_visit, whole_card
from emkcli.exporters.targets import Writable


def write(job: ExportJob, output: Writable) -> None:
    """No markup is ever read: every text is drawn letter by letter."""
    output.write((doctor_visit if job.request.preset else whole_card).paper(job).finish())
