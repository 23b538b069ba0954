"""A card into files: the format's writer, a safe place, and a manifest that tells what is there and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from emkcli import errors
from emkcli.api.mapping import CATEGORIES
from emkcli.api.models import ExportResult, WrittenFile
from emkcli.api.ports import Card, CardQuery
from emkcli.exporters.already_exported import Fresh
from emkcli.exporters.export_job import Job
from emkcli.exporters.manifest import NAME, manifest, public
from emkcli.exporters.targets import files, fsspec
from emkcli.exporters.targets.age_encryption import Seal, Writable, sealed
from emkcli.exporters.targets.files import Output
from emkcli.exporters.targets.fsspec import Remote
from emkcli.locale import _

Target: TypeAlias = Path | Remote
Write: TypeAlias = Callable[[Job, Writable], object]

WRITERS = {
    "fhir": "emkcli.exporters.fhir_writer",
    "json": "emkcli.exporters.json_writer",
    "csv": "emkcli.exporters.csv_writer",
    "ndjson": "emkcli.exporters.ndjson_writer",
    "ips": "emkcli.exporters.ips_writer",
    "ics": "emkcli.exporters.ics_writer",
    "html": "emkcli.exporters.html_writer",
    "pdf": "emkcli.exporters.pdf_writer",
    "xlsx": "emkcli.exporters.xlsx_writer",
    "sqlite": "emkcli.exporters.sqlite_writer",
    "parquet": "emkcli.exporters.parquet_writer",
}
"""Name → module with `write(job, output)`; a format of several files has `write_files(job, opened)` too, where
`opened(name)` begins a file; what that answers becomes part of the manifest. One that needs an extra has `ready()`."""
PRESETS = {"doctor-visit": ("pdf",)}
"""A choice of what to print → the formats that know it."""


def export_card(
    card: Card,
    query: CardQuery,
    format: str,
    to: str,
    *,
    categories: Sequence[str] = (),
    force: bool = False,
    dialect: str = "rfc4180",
    preset: str | None = None,
    stdout: BinaryIO | None = None,
    seal: Seal | None = None,
    fresh: Fresh | None = None,
    envelope: Mapping[str, Any] | None = None,
    tell: Callable[[int], None] = lambda count: None,
) -> ExportResult:
    """Write the card as `format` to a path, an address that fsspec knows or, with `-`, to `stdout`.

    With a `seal` all of it is encrypted on the way, files of a directory as one tar; `fresh` leaves out what an earlier
    export had; `tell` hears how many records were read. `complete` is False when a part could not be read; `missing` and
    the manifest name it. Raises `Exists` without `force`, `Storage` when the files cannot be written (and then nothing is
    left there), and what reading raises when nothing could be read at all.
    """
    writer = _writer(format, preset)
    job = Job(
        card,
        query,
        _known(categories),
        dialect,
        envelope or {},
        preset,
        sealed=seal is not None,
        fresh=fresh,
        tell=tell,
    )
    target = None if to == "-" else fsspec.target(to)
    job.owner  # noqa: B018 -- who may not read the card gets no empty file
    if target is None:
        return _stream(writer, job, format, stdout, seal)
    if not hasattr(writer, "write_files"):
        return _file(writer.write, job, format, target, seal, force=force)
    if seal:
        return _file(_bundled(writer, format), job, format, target, seal, force=force)
    return _directory(writer, job, format, target, force=force)


def check(format: str, to: str, preset: str | None = None) -> None:
    """`Usage` for a format or a preset there is not, whose library is not installed, or a strange address; before
    anything is asked for."""
    _writer(format, preset)
    if to != "-":
        fsspec.target(to)


def _writer(name: str, preset: str | None) -> Any:
    if name not in WRITERS:
        raise errors.Usage(
            _("There is no format {name}.").format(name=name),
            hint=_("one of: {names}").format(names=", ".join(WRITERS)),
        )
    if preset and name not in (known := PRESETS.get(preset, ())):
        raise errors.Usage(
            _("There is no preset {preset} of the format {name}.").format(preset=preset, name=name),
            hint=f"--format {known[0]}" if known else _("one of: {names}").format(names=", ".join(PRESETS)),
        )
    writer = import_module(WRITERS[name])
    if hasattr(writer, "ready"):
        writer.ready()
    return writer


def _known(categories: Sequence[str]) -> tuple[str, ...]:
    for name in categories:
        if name not in CATEGORIES:
            told = _("There is no list {name}.").format(name=name)
            raise errors.Usage(told, hint=_("one of: {names}").format(names=", ".join(CATEGORIES)))
    return tuple(dict.fromkeys(categories))


def _stream(writer: Any, job: Job, name: str, stdout: BinaryIO | None, seal: Seal | None) -> ExportResult:
    if stdout is None:
        raise errors.Usage(_("There is no standard output to write to."))
    with sealed(stdout, seal) as output:
        writer.write(job, output)
        job.finish()
    stdout.flush()
    return _result(job, name, [], None)


def _file(write: Write, job: Job, name: str, target: Target, seal: Seal | None, *, force: bool) -> ExportResult:
    where = _where(target)
    beside = target.with_name(f"{target.name}.{NAME}")
    where.check_free(beside, force=force)
    with where.new_file(target, force=force) as output, sealed(output, seal) as plain:
        write(job, plain)
        job.finish()
    file = output.written(str(target))
    note = public if seal else manifest
    with where.new_file(beside, force=force) as told:
        told.write(note(job, name, [output.written(target.name)]))
    return _result(job, name, [file], str(beside))


def _directory(writer: Any, job: Job, name: str, target: Target, *, force: bool) -> ExportResult:
    where = _where(target)
    with where.new_directory(target, force=force) as directory:
        files: dict[str, Output] = {}
        with ExitStack() as opened:

            def begin(name: str) -> Output:
                files[name] = opened.enter_context(where.new_file(directory / name, force=force))
                return files[name]

            more = writer.write_files(job, begin)
            job.finish()
            where.retire(directory, files)
        written = [output.written(path) for path, output in files.items()]
        with where.new_file(directory / NAME, force=force) as note:
            note.write(manifest(job, name, written, more))
    found = [file.model_copy(update={"path": str(target / file.path)}) for file in written]
    return _result(job, name, found, str(target / NAME))


def _bundled(writer: Any, name: str) -> Write:
    """The files of a directory, and its manifest, as one tar."""
    from emkcli.exporters.targets.tar_stream import Bundle

    def write(job: Job, output: Writable) -> None:
        bundle = Bundle()
        more = writer.write_files(job, bundle.begin)
        written = [one.written(path) for path, one in bundle.outputs().items()]
        bundle.begin(NAME).write(manifest(job, name, written, more))
        bundle.write(output)

    return write


def _where(target: Target) -> Any:
    return files if isinstance(target, Path) else fsspec


def _result(job: Job, name: str, files: list[WrittenFile], beside: str | None) -> ExportResult:
    return ExportResult(
        format=name,
        files=files,
        records=dict(job.counts),
        complete=job.complete,
        missing=job.missing,
        manifest=beside,
    )
