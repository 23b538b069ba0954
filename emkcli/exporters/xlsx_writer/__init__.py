"""The card as an Excel workbook: a sheet a list, typed cells, nothing that a spreadsheet would run or rewrite."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

from emkcli.clinical.dates import order
from emkcli.config import scratch
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.extras import need
from emkcli.exporters.targets import Writable
from emkcli.exporters.targets.files import translated
from emkcli.exporters.xlsx_writer.about import About
from emkcli.exporters.xlsx_writer.sheet import Cells, Sheet, styles
from emkcli.locale import _
from emkcli.models import BY_CATEGORY
from emkcli.views import PAGE

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write(job: ExportJob, output: Writable) -> None:
    """The workbook is whole before any of it is given away."""
    library = need("xlsxwriter", "xlsx")
    content = BytesIO()
    try:
        with translated(scratch.temporary_directory()), ZipFile(content, "w") as archive:
            _fill(archive, job)
    except library.exceptions.FileCreateError as cause:
        raise cause.args[0] from None
    output.write(content.getvalue())


def _fill(archive: ZipFile, job: ExportJob) -> None:
    """The first sheet tells what the file is; it is filled last, when it is known what is missing."""
    from emkcli.exporters.xlsx_writer.archive import Book

    book = Book(archive, OPTIONS)
    book.set_properties(_properties(job))
    formats = styles(book)
    about = About(Cells(book.add_worksheet(_("About this file")), formats), job)
    for category in (name for name in PAGE if name in job.names):
        cells = Cells(book.add_worksheet(_(BY_CATEGORY[category].title)), formats)
        about.holds(category, Sheet(cells, job, category).fill())
    about.fill()
    book.close()


def _properties(job: ExportJob) -> dict[str, Any]:
    fetched_at = order(str(job.envelope.get("fetched_at")))
    created = {"created": fetched_at.replace(tzinfo=None)} if fetched_at.year > 1 else {}
    return {"title": _("Medical card"), "author": "emk", "comments": _("Not a medical document."), **created}
