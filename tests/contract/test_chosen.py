"""A choice of lists, from the line to the file: what was not asked for does not leave; and how far it is shows on a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from emkcli.models import CATEGORIES
from tests.contract.world import World

ALONG = {"visits": {"diagnoses"}, "prevention": {"other"}}
"""What a list brings along: a visit names its diagnoses, and when to come again stands in a CarePlan."""


@pytest.mark.parametrize("category", CATEGORIES)
def test_only_what_was_asked_for_leaves(embedded: World, tmp_path: Path, category: str) -> None:
    embedded.at("activated")
    counted = len({one["id"].partition("#")[0] for one in embedded.ok("card", category).items})
    for form in ("fhir", "ndjson"):
        target = tmp_path / form
        line = ("card", "export", "--format", form, "--to", str(target), "--category", category)
        found = embedded.ok(*line).item
        assert set(found["records"]) <= {category} | ALONG.get(category, set())
        if category != "documents":
            assert found["records"].get(category, 0) == counted
    why = {one["why"] for one in json.loads((tmp_path / "fhir.manifest.json").read_bytes())["missing"]}
    assert why <= {"referred to, but outside of what was asked for"}


def test_progress_shows_on_a_terminal_and_leaves_no_trace(embedded: World, tmp_path: Path) -> None:
    embedded.at("activated")
    line = ["-m", "emkcli", "card", "export", "--format", "csv", "--to", str(tmp_path / "x")]
    for more, shown in (([], True), (["--quiet"], False), (["--json"], False)):
        shell = pexpect.spawn(
            sys.executable, [*line, "--force", *more], env=dict(os.environ), timeout=60, encoding="utf-8"
        )
        shell.expect(pexpect.EOF)
        shell.close()
        assert shell.exitstatus == 0
        assert ("reading the card: 200" in shell.before) is shown


@pytest.mark.parametrize("form", ["ndjson", "fhir", "csv", "html"])
def test_a_reader_that_leaves(embedded: World, form: str) -> None:
    embedded.at("activated")
    line = ["-m", "emkcli", "card", "export", "--format", form, "--to", "-", "--category", "labs"]
    with subprocess.Popen([sys.executable, *line], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.read(10)
        process.stdout.close()
        assert (process.stderr.read(), process.wait(60)) == (b"", 141)


def test_an_earlier_export_is_narrowed(embedded: World, tmp_path: Path) -> None:
    embedded.at("activated")
    line = ("card", "export", "--format", "csv", "--to", str(tmp_path / "x"), "--category", "labs", "--force")
    embedded.ok(*line)
    for made, mode in ((tmp_path / "x", 0o777), (tmp_path / "x" / "labs.csv", 0o666)):
        made.chmod(mode)
    embedded.ok(*line)
    modes = [one.stat().st_mode & 0o777 for one in (tmp_path / "x", *sorted((tmp_path / "x").iterdir()))]
    assert modes == [0o700, 0o600, 0o600]
