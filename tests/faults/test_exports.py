"""Exports through the command line while the server breaks: exit 12, and the manifest says what is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.world import World
from tests.faults.test_faults import LASTING, add

EVERYTHING = "/fhir/R4/Patient/"


@pytest.mark.parametrize("kind", sorted(LASTING))
@pytest.mark.parametrize("form", ["fhir", "ndjson", "ips"])
def test_a_later_page_that_fails(embedded: World, pauses: list[float], tmp_path: Path, form: str, kind: str) -> None:
    add(embedded.at("activated"), kind, EVERYTHING, times=0, after=3)
    done = embedded("card", "export", "--format", form, "--to", str(tmp_path / "x"), "--json")
    assert (done.code, done.item["complete"]) == (12, False), done.err
    note = json.loads(Path(done.item["manifest"]).read_bytes())
    assert (note["complete"], note["missing"]) == (False, done.item["missing"])
    assert note["missing"][0]["why"]
    embedded.ok("mock", "fault", "clear")
    again = embedded.ok("card", "export", "--format", form, "--to", str(tmp_path / "x"), "--force").item
    assert again["complete"]
    assert sum(again["records"].values()) > sum(done.item["records"].values())


@pytest.mark.parametrize("kind", sorted(LASTING))
def test_a_first_page_that_fails_leaves_nothing(
    embedded: World, pauses: list[float], tmp_path: Path, kind: str
) -> None:
    add(embedded.at("activated"), kind, "/fhir/R4/", times=0)
    code, slug = LASTING[kind]
    for form in ("fhir", "ndjson", "ips"):
        embedded.fails(code, slug, "card", "export", "--format", form, "--to", str(tmp_path / "out" / form))
    assert not (tmp_path / "out").exists()


LIMITED = """
import resource, signal, sys
sys.dont_write_bytecode = True  # CPython before 3.14 leaves half a .pyc where the disk ends
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
from emkcli.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("form", ["ndjson", "csv", "parquet", "sqlite", "xlsx", "pdf", "json"])
def test_a_disk_that_is_full(served: World, tmp_path: Path, form: str) -> None:
    """No file may grow beyond 8 KiB; nothing is left, and the message names what the person named."""
    served.at("activated")
    target = tmp_path / "place" / "out"
    line = [sys.executable, "-c", LIMITED, "card", "export", "--format", form, "--to", str(target)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 13, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert ".part" not in done.stderr
    assert list(target.parent.iterdir()) == []
