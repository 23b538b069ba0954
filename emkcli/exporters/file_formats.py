"""The file formats: one row each, which the command, its help, the completions, the hints and the pages read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from emkcli.exporters.extras import need
from emkcli.locale import N_, Filled, _


@dataclass(frozen=True)
class FileFormat:
    """The module `<name>_writer` beside this one writes it. A `directory` holds several files; `needs` is a library with
    the extra it comes with; `presets` are choices of what to print, each with what it is. An excerpt leaves out a part of the
    card on purpose, as every preset does."""

    name: str
    about: str
    directory: bool = False
    needs: tuple[str, str] | None = None
    presets: Mapping[str, str] = field(default_factory=dict)
    is_excerpt: bool = False

    def writer(self) -> Any:
        """The module with `write(job, output)`. A format of several files has `write_files(job, opened)` too, where
        `opened(name)` begins a file; what that answers becomes part of the manifest. `Usage` without its library."""
        if self.needs:
            need(*self.needs)
        return import_module(f"emkcli.exporters.{self.name}_writer")


FILE_FORMATS = {
    row.name: row
    for row in (
        FileFormat("fhir", N_("FHIR R4 collection Bundle; the server's resources unchanged")),
        FileFormat(
            "ips",
            N_(
                "International Patient Summary (IPS 2.0.0, FHIR R4 document) for a physician abroad: diagnoses, "
                "allergies, current medicines, vaccinations, the last result of each analyte, studies; its texts "
                "follow --lang"
            ),
            is_excerpt=True,
        ),
        FileFormat(
            "ndjson",
            N_(
                "FHIR bulk-data layout: a directory with one file per resource type, unchanged, streamed; with --to - "
                "one stream of all resources"
            ),
            directory=True,
        ),
        FileFormat("json", N_("all lists in one document")),
        FileFormat(
            "csv",
            N_(
                "a directory with one file per list; --csv-dialect excel-ru for Excel with Russian settings: "
                "semicolons, BOM, decimal commas"
            ),
            directory=True,
        ),
        FileFormat(
            "html",
            N_(
                "one page to read, search and print without a network: summary first, trends of results over their "
                "reference ranges; follows --lang"
            ),
        ),
        FileFormat(
            "ics",
            N_(
                "calendar of what is due: ends of prescriptions, referrals and certificates, next examinations, what is booked"
            ),
            is_excerpt=True,
        ),
        FileFormat(
            "pdf",
            N_("the card on A4 with page numbers, results by analyte"),
            needs=("reportlab", "pdf"),
            presets={
                "doctor-visit": N_(
                    "a page or two for a physician: allergies, diagnoses, medicines, blood pressure and weight, "
                    "the last value of each analyte, the last visits, vaccinations; what has no room is counted there"
                )
            },
        ),
        FileFormat(
            "xlsx",
            N_("a sheet per list, dates and numbers as such, nothing that runs, the first sheet about the file"),
            needs=("xlsxwriter", "xlsx"),
        ),
        FileFormat(
            "sqlite",
            N_(
                "one database: a table per list; the tables about, missing and _columns say whose it is, what is "
                "missing and what every column means"
            ),
        ),
        FileFormat(
            "parquet",
            N_(
                "a dataset for analysis, category=labs/year=2026/part-0.parquet; read by DuckDB, pandas, Spark; without "
                "a date: __HIVE_DEFAULT_PARTITION__ (pandas then needs partitioning=None)"
            ),
            directory=True,
            needs=("pyarrow", "parquet"),
        ),
    )
}
PRESETS = {preset: row.name for row in FILE_FORMATS.values() for preset in row.presets}
"""Preset → the format that knows it."""


def described() -> Iterator[tuple[str, str]]:
    """Each format with what it is, in the language in force; a preset is a row of its own."""
    for row in FILE_FORMATS.values():
        needed = "; " + _("needs emkcli[{extra}]").format(extra=row.needs[1]) if row.needs else ""
        yield row.name, _(row.about) + needed
        for preset, about in row.presets.items():
            yield f"{row.name} --preset {preset}", _(about)


def where() -> Filled:
    """What `--to` takes."""
    *names, last = (row.name for row in FILE_FORMATS.values() if row.directory)
    message = N_("where: a file, for {names} and {last} a directory; also s3://…; - is standard output")
    return Filled(message, names=", ".join(names), last=last)
