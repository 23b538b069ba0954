"""Hyperlinks (OSC 8): files and pages on a terminal with colours, and bare text everywhere else."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emkcli import models
from emkcli.presentation.render import render
from emkcli.results import Item, Listing
from emkcli.views import addresses
from tests.presentation.render.samples import printed, terminal_context

LINK = re.compile(r"\x1b\]8;;([^\x1b]+)\x1b\\(.*?)\x1b\]8;;\x1b\\")
STYLE = re.compile(r"\x1b\[\d+m")


def shown(value: Any, width: int = 120, **changes: Any) -> str:
    spoken = replace(terminal_context(width), **{"output": None, "is_tty": True, "colour": True} | changes)
    render(value, spoken)
    return printed(spoken)


def links(text: str) -> dict[str, str]:
    return {STYLE.sub("", name): address for address, name in LINK.findall(text)}


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> models.ExportResult:
    monkeypatch.chdir(tmp_path)
    for name in ("моя карта.html", "моя карта.html.manifest.json"):
        (tmp_path / name).touch()
    written = models.WrittenFile(path="моя карта.html", bytes=7, sha256="0" * 64)
    return models.ExportResult(format="html", files=[written], manifest="моя карта.html.manifest.json")


def test_written_files_are_links(export: models.ExportResult, tmp_path: Path) -> None:
    assert links(shown(export)) == {
        "моя карта.html": (tmp_path / "моя карта.html").as_uri(),
        "моя карта.html.manifest.json": (tmp_path / "моя карта.html.manifest.json").as_uri(),
    }


@pytest.mark.parametrize("changes", [{"is_tty": False}, {"colour": False}, {"output": "plain"}, {"output": "json"}])
def test_nothing_but_a_terminal_with_colours_is_shown_links(
    export: models.ExportResult, changes: dict[str, Any]
) -> None:
    text = shown(export, **changes)
    assert "моя карта.html" in text
    assert "\x1b]" not in text


def test_many_files_lead_to_their_directory(tmp_path: Path) -> None:
    files = [models.WrittenFile(path=f"{tmp_path}/{name}.csv", bytes=1, sha256="0" * 64) for name in "abcd"]
    result = models.ExportResult(format="csv", files=files, manifest=f"{tmp_path}/manifest.json")
    assert links(shown(result)) == {str(tmp_path): tmp_path.as_uri()}


def test_imported_files_are_links_that_keep_the_columns(tmp_path: Path) -> None:
    (tmp_path / "a.xml").touch()
    results = [models.ImportResult(file=str(tmp_path / name), status="added") for name in ("a.xml", "gone.xml")]
    text = shown(Listing(results, models.ImportResult))
    assert links(text) == {"a.xml": (tmp_path / "a.xml").as_uri()}
    bare = STYLE.sub("", LINK.sub(lambda link: link[2], text))
    assert [line.index("added") for line in bare.splitlines()[2:]] == [bare.index("Status")] * 2


def test_a_page_is_a_link_and_stays_the_text() -> None:
    page = "https://example.test/a?b=c"
    assert links(shown(Item("demo", {"url": page}))) == {page: page}


@pytest.mark.parametrize(
    "value",
    ["javascript:alert(1)", "https://example.test/\x1b]8;;", "https://example.test/ мама", "see https://a.test"],
)
def test_what_is_no_plain_address_stays_text(value: str) -> None:
    assert addresses.of("url", value) is None
    assert links(shown(Item("demo", {"url": value}))) == {}


@pytest.mark.parametrize("path", ["", "-", "s3://bucket/card.json", "archive.zip/a.xml", "a\0b", "x" * 5000])
def test_what_is_no_file_here_leads_nowhere(path: str) -> None:
    assert addresses.of("file", path) is None
