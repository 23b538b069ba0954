"""A card into files: the format's writer, a safe place, and a manifest that tells what is there and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any, BinaryIO, TypeAlias

from emkcli import errors
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.export_request import ExportRequest
from emkcli.exporters.file_formats import FILE_FORMATS, PRESETS
from emkcli.exporters.manifest import NAME, manifest, public
from emkcli.exporters.targets import Output, Target, Writable, address
from emkcli.exporters.targets.age_encryption import encrypted
from emkcli.locale import _
from emkcli.models import CATEGORIES, ExportResult, WrittenFile

Write: TypeAlias = Callable[[ExportJob, Writable], object]


def export_card(job: ExportJob, stdout: BinaryIO | None = None) -> ExportResult:
    """Write the card to where the request says; `-` is `stdout`.

    `complete` is False when a part could not be read; `missing` and the manifest name it. Raises what `check` raises,
    `Exists` without `force`, `Storage` when the place cannot be written (and then nothing is left there), and what
    reading raises when nothing could be read at all.
    """
    writer, target = check(job.request)
    job.owner  # noqa: B018 -- who may not read the card gets no empty file
    if target is None:
        return _stream(writer, job, stdout)
    if not hasattr(writer, "write_files"):
        return _file(writer.write, job, target)
    return _file(_as_tar(writer), job, target) if job.encryption else _directory(writer, job, target)


def check(request: ExportRequest) -> tuple[Any, Target | None]:
    """The writer, and the target unless it is standard output. `Usage` for a format, a preset or a list there is not,
    for a library that is not installed and for a strange address; before anything is asked for."""
    writer = _writer(request.format, request.preset)
    for name in request.categories:
        if name not in CATEGORIES:
            raise errors.Usage(_("There is no list {name}.").format(name=name), hint=_one_of(CATEGORIES))
    return writer, None if request.to_stdout else address.target(request.to)


def _writer(name: str, preset: str | None) -> Any:
    if name not in FILE_FORMATS:
        raise errors.Usage(_("There is no format {name}.").format(name=name), hint=_one_of(FILE_FORMATS))
    if preset and PRESETS.get(preset) != name:
        raise errors.Usage(
            _("There is no preset {preset} of the format {name}.").format(preset=preset, name=name),
            hint=f"--format {PRESETS[preset]}" if preset in PRESETS else _one_of(PRESETS),
        )
    return FILE_FORMATS[name].writer()


def _one_of(names: Iterable[str]) -> str:
    return _("one of: {names}").format(names=", ".join(names))


def _stream(writer: Any, job: ExportJob, stdout: BinaryIO | None) -> ExportResult:
    if stdout is None:
        raise errors.Usage(_("There is no standard output to write to."))
    with encrypted(stdout, job.encryption) as output:
        writer.write(job, output)
        job.finish()
    stdout.flush()
    return _result(job, [], None)


def _file(write: Write, job: ExportJob, target: Target) -> ExportResult:
    force = job.request.force
    sidecar = target.with_name(f"{target.name}.{NAME}")
    sidecar.check_free(force=force)
    with target.new_file(force=force) as output, encrypted(output, job.encryption) as plain:
        write(job, plain)
        job.finish()
    describe = public if job.encryption else manifest
    with sidecar.new_file(force=force) as note:
        note.write(describe(job, [output.written(target.name)]))
    return _result(job, [output.written(str(target))], str(sidecar))


def _directory(writer: Any, job: ExportJob, target: Target) -> ExportResult:
    force = job.request.force
    with target.new_directory(force=force) as directory:
        outputs: dict[str, Output] = {}
        with ExitStack() as opened:

            def begin(name: str) -> Output:
                outputs[name] = opened.enter_context((directory / name).new_file(force=force))
                return outputs[name]

            more = writer.write_files(job, begin)
            job.finish()
            directory.retire(outputs)
        with (directory / NAME).new_file(force=force) as note:
            note.write(manifest(job, [output.written(name) for name, output in outputs.items()], more))
    return _result(job, [output.written(str(target / name)) for name, output in outputs.items()], str(target / NAME))


def _as_tar(writer: Any) -> Write:
    """The files of a directory, and its manifest, as one stream."""
    from emkcli.exporters.targets.tar_stream import TarStream

    def write(job: ExportJob, output: Writable) -> None:
        tar = TarStream()
        more = writer.write_files(job, tar.begin)
        written = [member.written(name) for name, member in tar.outputs().items()]
        tar.begin(NAME).write(manifest(job, written, more))
        tar.write(output)

    return write


def _result(job: ExportJob, files: list[WrittenFile], manifest_path: str | None) -> ExportResult:
    return ExportResult(
        format=job.request.format,
        files=files,
        records=dict(job.counts),
        complete=job.complete,
        missing=job.missing,
        manifest=manifest_path,
        account=job.holdings.account(),
        unread=job.unread,
    )
