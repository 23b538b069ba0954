"""The card as an Excel workbook: a sheet a list, typed cells, nothing that a spreadsheet would run or rewrite."""

from __future__ import annotations

import gc
from io import BytesIO
from typing import Any

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


def write(job: ExportJob, output: Writable) -> None:
    """What waits on the disk until the workbook is whole lies in a directory of our own."""
    content = BytesIO()
    with scratch.directory() as place, translated(place.parent):
        failed = _fill(content, job, str(place))
        if failed:
            gc.collect()  # the library forgets an open archive, which must end while there is something to write it to
            raise failed
    output.write(content.getvalue())


def _fill(content: BytesIO, job: ExportJob, place: str) -> OSError | None:
    """The first sheet tells what the file is; it is filled last, when it is known what is missing. The error of the system,
    which xlsxwriter wraps in one of its own, is returned: raised from here it would keep a half-written archive alive."""
    library = need("xlsxwriter", "xlsx")
    try:
        with library.Workbook(content, _options(job, place)) as book:
            book.set_properties(_properties(job))
            formats = styles(book)
            about = About(Cells(book.add_worksheet(_("About this file")), formats), job)
            for category in (name for name in PAGE if name in job.names):
                cells = Cells(book.add_worksheet(_(BY_CATEGORY[category].title)), formats)
                about.holds(category, Sheet(cells, job, category).fill())
            about.fill()
    except library.exceptions.FileCreateError as cause:
        error: OSError = cause.args[0]
        return OSError(error.errno, error.strerror)
    return None


def _options(job: ExportJob, place: str) -> dict[str, Any]:
    """Rows wait in a directory of our own (0700), or in memory where no plain text may touch the disk."""
    kept = {"in_memory": True} if job.encryption else {"constant_memory": True, "tmpdir": place}
    return kept | {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "use_zip64": True,
    }


def _properties(job: ExportJob) -> dict[str, Any]:
    fetched_at = order(str(job.envelope.get("fetched_at")))
    created = {"created": fetched_at.replace(tzinfo=None)} if fetched_at.year > 1 else {}
    return {"title": _("Medical card"), "author": "emk", "comments": _("Not a medical document."), **created}
