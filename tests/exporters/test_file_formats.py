"""The table of file formats: what stands in it is written, and nothing that is written is missing from it."""

from __future__ import annotations

import pkgutil

import pytest

from emkcli import errors, exporters
from emkcli.exporters.export import check
from emkcli.exporters.export_request import ExportRequest
from emkcli.exporters.file_formats import FILE_FORMATS, PRESETS, described, where
from emkcli.presentation import topics


def test_every_writer_has_a_row_and_every_row_a_writer() -> None:
    modules = {module.name for module in pkgutil.iter_modules(exporters.__path__) if module.name.endswith("_writer")}
    assert modules == {f"{name}_writer" for name in FILE_FORMATS}
    for row in FILE_FORMATS.values():
        assert callable(row.writer().write)
        assert hasattr(row.writer(), "write_files") is row.directory


def test_each_is_listed_once_in_its_help() -> None:
    listed = [
        line.split()[0] for line in topics.formats(described()).partition("EXPORT")[2].splitlines() if line[2:3].strip()
    ]
    assert [name for name in listed if name in FILE_FORMATS] == [
        name for name, _about in described() for name in name.split()[:1]
    ]
    directories = {name for name, row in FILE_FORMATS.items() if row.directory}
    named = set(where().partition("for ")[2].partition(" a directory")[0].replace(",", "").split()) - {"and"}
    assert named == directories


def test_what_is_no_format_gets_those_there_are() -> None:
    with pytest.raises(errors.Usage) as told:
        check(ExportRequest("docx", "x"))
    assert told.value.hint == f"one of: {', '.join(FILE_FORMATS)}"
    for preset, name in PRESETS.items():
        with pytest.raises(errors.Usage) as told:
            check(ExportRequest("json", "x", preset=preset))
        assert told.value.hint == f"--format {name}"
