"""The list of licences: complete, allowed, and what the packages themselves say."""

from __future__ import annotations

import re
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tools import licences


def test_every_package_has_a_licence_that_is_allowed() -> None:
    assert list(licences.problems()) == []


def test_installed_packages_say_what_the_list_says() -> None:
    listed = licences.known()
    stated = {}
    for package in distributions():
        name = re.sub(r"[-_.]+", "-", package.metadata["Name"]).lower()
        if (name, package.version) in listed:
            fields: dict[str, Any] = package.metadata.json
            stated[name, package.version] = licences.licence(name, fields)
    assert len(stated) > 50
    assert stated == {package: listed[package] for package in stated}


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"license_expression": "MIT OR Apache-2.0", "license": "whatever"}, "MIT OR Apache-2.0"),
        ({"license": "mit"}, "MIT"),
        ({"license": "BSD 2-Clause License", "classifier": ["License :: OSI Approved :: BSD License"]}, "BSD-2-Clause"),
        ({"classifier": ["Typing :: Typed", "License :: OSI Approved :: MIT License"]}, "MIT"),
    ],
)
def test_metadata_old_and_new(fields: dict[str, Any], licence: str) -> None:
    assert licences.licence("sample", fields) == licence


@pytest.mark.parametrize(
    "fields", [{}, {"license": "see LICENSE"}, {"classifier": ["License :: OSI Approved :: BSD License"]}]
)
def test_what_names_no_licence_must_be_read(fields: dict[str, Any]) -> None:
    with pytest.raises(licences.Unknown, match="sample"):
        licences.licence("sample", fields)


def test_what_is_wrong_with_the_list_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = licences.FILE.read_text(encoding="utf-8").splitlines()
    (httpx,) = (line for line in lines if line.startswith("httpx=="))
    changed = [line.replace(" MIT", " AGPL-3.0-only") if line.startswith("anyio==") else line for line in lines]
    changed.remove(httpx)
    monkeypatch.setattr(licences, "FILE", tmp_path / "licences.txt")
    licences.FILE.write_text("\n".join([*changed, "gone==1.0 MIT"]) + "\n")
    version = httpx.split()[0].removeprefix("httpx==")
    assert sorted(licences.problems()) == [
        "anyio: AGPL-3.0-only is not allowed",
        "gone 1.0 is pinned no more; run make locks",
        f"httpx {version} has no line; run make locks",
    ]
    assert licences.main(["--check"]) == 1


def test_every_font_is_listed_and_has_its_licence_beside_it() -> None:
    folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "emkcli").rglob("*.[to]tf")}
    assert folders == {font.folder for font in licences.FONTS}
    for font in licences.FONTS:
        assert "Bitstream Vera" in (ROOT / font.folder / "LICENSE").read_text(encoding="utf-8")
        assert licences.refused(font.licence) == set()
        assert font.files(ROOT)
