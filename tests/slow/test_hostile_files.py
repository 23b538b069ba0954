"""Every kind of hostile file within 300 MB and 60 s of the processor; a document beside it is taken all the same.

Counted from a small process of its own: a child starts with its parent's peak.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.importers import semd_invented as semd
from tests.slow import hostile_files

MB, SECONDS = 300, 60
COUNTED = """
import json, os, subprocess, sys
process = subprocess.Popen([sys.executable, "-m", "emkcli", *sys.argv[1:]], stdout=subprocess.PIPE)
output = process.stdout.read()
_pid, status, usage = os.wait4(process.pid, 0)
counted = [os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime]
sys.stdout.write(json.dumps([*counted, output.decode()]))
"""
EXPORTS = ("html", "pdf", "xlsx", "json", "csv", "fhir", "ips", "sqlite", "ndjson", "ics")


@dataclass(frozen=True)
class Home:
    place: Path

    def run(self, *arguments: str) -> str:
        """The output of a command that stays within the bounds and is no error of ours."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EMK_")}
        environment = kept | {"EMK_HOME": str(self.place / "home"), "EMK_KEYRING": "off", "EMK_BACKEND": "local"}
        run = subprocess.run(
            [sys.executable, "-c", COUNTED, *arguments], env=environment, capture_output=True, text=True, check=True
        )
        code, memory, seconds, output = json.loads(run.stdout)
        sys.stdout.write(f"{' '.join(arguments[:4])[:70]:70} {memory:4.0f} MB {seconds:5.1f} s  exit {code}\n")
        assert code in (0, 12), run.stderr[-1000:]
        assert memory < MB
        assert seconds < SECONDS
        return str(output)

    def imported(self, *paths: Path) -> list[dict[str, Any]]:
        output = self.run("card", "import", *map(str, paths), "--insecure-storage", "-o", "json")
        items: list[dict[str, Any]] = json.loads(output)["items"]
        return items


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def files(name: str, place: Path) -> tuple[Path, Path]:
    hostile, good = place / "hostile", place / "good.xml"
    hostile.write_bytes(hostile_files.KINDS[name]())
    good.write_bytes(semd.document(ident="good", series="good"))
    return hostile, good


@pytest.mark.parametrize("name", [*hostile_files.ARCHIVES, *hostile_files.XML, *hostile_files.FHIR])
def test_a_hostile_file_is_bounded(name: str, home: Home) -> None:
    *results, last = home.imported(*files(name, home.place))
    assert last["status"] == "added"
    assert results
    for result in results:
        assert result["status"] in {"added", "duplicate", "failed", "unsupported"}
        assert result["status"] == "added" or result["reason"]


@pytest.mark.parametrize("name", hostile_files.TAKEN)
def test_the_largest_that_is_taken_is_listed_searched_and_exported(name: str, home: Home) -> None:
    results = home.imported(*files(name, home.place))
    assert {result["status"] for result in results} == {"added"}
    lists = [name for name, count in results[0]["records"].items() if count]
    for records in lists:
        items = json.loads(home.run("card", records, "-o", "json"))["items"]
        assert items
        home.run("card", "show", items[0]["id"])
    for command in (["summary"], ["search", "слово"], ["search", "я" * 6000]):
        home.run("card", *command)
    for form in EXPORTS:
        home.run("card", "export", "--format", form, "--to", str(home.place / f"card.{form}"))
