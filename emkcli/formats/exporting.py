"""A card into files: the format's writer, a safe place, and a manifest that tells what is there and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from emkcli import errors
from emkcli.api.mapping import CATEGORIES
from emkcli.api.models import ExportResult, WrittenFile
from emkcli.api.ports import Card, CardQuery
from emkcli.formats import place
from emkcli.formats.job import Job
from emkcli.formats.manifest import manifest
from emkcli.locale import _

WRITERS = {
    "fhir": "emkcli.formats.fhir_writer",
    "json": "emkcli.formats.json_writer",
    "csv": "emkcli.formats.csv_writer",
    "ndjson": "emkcli.formats.ndjson_writer",
    "ips": "emkcli.formats.ips",
    "ics": "emkcli.formats.ics_writer",
    "html": "emkcli.formats.html",
    "sqlite": "emkcli.formats.sqlite_writer",
    "parquet": "emkcli.formats.parquet_writer",
}
"""Name → module with `write(job, output)`; a format of several files has `write_files(job, opened)` too, where
`opened(name)` begins a file; what that answers becomes part of the manifest."""


def export(
    card: Card,
    query: CardQuery,
    format: str,
    to: str,
    *,
    categories: Sequence[str] = (),
    force: bool = False,
    dialect: str = "rfc4180",
    stdout: BinaryIO | None = None,
    envelope: Mapping[str, Any] | None = None,
) -> ExportResult:
    """Write the card as `format` to a path or, with `-`, to `stdout`.

    `complete` is False when a part could not be read; `missing` and the manifest name it. Raises `Exists` without
    `force`, `Storage` when the place cannot be written (and then nothing is left there), and what reading raises when
    nothing could be read at all.
    """
    writer = _writer(format)
    job = Job(card, query, _known(categories), dialect, envelope or {})
    card.person(query.person)  # who may not read the card gets no empty file
    if to == "-":
        return _stream(writer, job, format, stdout)
    if hasattr(writer, "write_files"):
        return _directory(writer, job, format, Path(to), force=force)
    return _file(writer, job, format, Path(to), force=force)


def _writer(name: str) -> Any:
    if name not in WRITERS:
        raise errors.Usage(
            _("There is no format {name}.").format(name=name),
            hint=_("one of: {names}").format(names=", ".join(WRITERS)),
        )
    return import_module(WRITERS[name])


def _known(categories: Sequence[str]) -> tuple[str, ...]:
    for name in categories:
        if name not in CATEGORIES:
            told = _("There is no list {name}.").format(name=name)
            raise errors.Usage(told, hint=_("one of: {names}").format(names=", ".join(CATEGORIES)))
    return tuple(dict.fromkeys(categories))


def _stream(writer: Any, job: Job, name: str, stdout: BinaryIO | None) -> ExportResult:
    if stdout is None:
        raise errors.Usage(_("There is no standard output to write to."))
    writer.write(job, stdout)
    stdout.flush()
    job.finish()
    return _result(job, name, [], None)


def _file(writer: Any, job: Job, name: str, target: Path, *, force: bool) -> ExportResult:
    beside = target.with_name(f"{target.name}.manifest.json")
    place.check_free(beside, force=force)
    with place.new_file(target, force=force) as output:
        writer.write(job, output)
        job.finish()
    file = output.written(str(target))
    with place.new_file(beside, force=force) as note:
        note.write(manifest(job, name, [output.written(target.name)]))
    return _result(job, name, [file], str(beside))


def _directory(writer: Any, job: Job, name: str, target: Path, *, force: bool) -> ExportResult:
    with place.new_directory(target, force=force) as directory:
        files: dict[str, place.Output] = {}
        with ExitStack() as opened:

            def begin(name: str) -> place.Output:
                files[name] = opened.enter_context(place.new_file(directory / name, force=force))
                return files[name]

            more = writer.write_files(job, begin)
            job.finish()
        written = [output.written(path) for path, output in files.items()]
        with place.new_file(directory / "manifest.json", force=force) as note:
            note.write(manifest(job, name, written, more))
    found = [file.model_copy(update={"path": str(target / file.path)}) for file in written]
    return _result(job, name, found, str(target / "manifest.json"))


def _result(job: Job, name: str, files: list[WrittenFile], beside: str | None) -> ExportResult:
    return ExportResult(
        format=name,
        files=files,
        records=dict(job.counts),
        complete=job.complete,
        missing=job.missing,
        manifest=beside,
    )
