"""What a start imports: the answers that need nothing load nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HEAVY = {"typer", "httpx", "pydantic", "keyring", "rich", "sqlite3", "apsw", "emkcli.models"}
NETWORK_AND_STORES = {"httpx", "keyring", "sqlite3", "apsw", "emkcli.models"}

PROGRAM = """
import json, sys
from emkcli.__main__ import main
before = sys.argv.pop()
code = main()
json.dump([code, sorted(sys.modules)], open(before, "w"))
"""


def started(arguments: list[str], folder: Path) -> tuple[int, set[str], str]:
    """Exit code, modules and standard output of `emk` in a process of its own, undisturbed by coverage."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "EMK_LANG"))}
    record = folder / "modules.json"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments, str(record)],
        env=environment, cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    code, modules = json.loads(record.read_text(encoding="utf-8"))
    return code, set(modules), done.stdout


NOTHING_HEAVY = {
    "--version": "emk ",
    "completion bash": "# bash completion",
    "completion zsh": "#compdef emk",
    "completion fish": "# fish completion",
    "completion powershell": "# PowerShell completion",
}
NO_NETWORK_AND_NO_STORES = {"--help": "Usage: emk", "--lang ru --help": "Вызов: emk"}
WHAT_READS_AND_SHOWS = {
    "emkcli.api",
    "emkcli.clinical.out_of_range",
    "emkcli.fhir",
    "emkcli.presentation.render",
    "emkcli.views",
    "hashlib",
    "httpx",
    "sqlite3",
    "tomllib",
}


@pytest.mark.parametrize("line", NOTHING_HEAVY)
def test_what_needs_nothing_imports_nothing_heavy(tmp_path: Path, line: str) -> None:
    code, modules, stdout = started(line.split(), tmp_path)
    assert (code, modules & HEAVY) == (0, set())
    assert stdout.startswith(NOTHING_HEAVY[line])


FIRST_NEEDED_BY_WHAT_IS_ASKED = {
    "pydantic",
    "keyring",
    "rich",
    "apsw",
    "lxml",
    "PIL",
    "reportlab",
    "emkcli.api.fhir.resources",
    "emkcli.api.oidc.provider",
    "emkcli.api.problems",
    "emkcli.commands.card_files",
    "emkcli.commands.card_local",
    "emkcli.commands.card_search",
    "emkcli.exporters",
    "emkcli.exporters.export",
    "emkcli.importers",
    "emkcli.usecases.card.save_evidence",
}


@pytest.mark.parametrize(
    ("line", "also", "never"),
    [
        ("card labs -o json", {"emkcli.models", "emkcli.views", "emkcli.mock.fhir"}, {"tomllib"}),
        ("status -o json", {"emkcli.models", "emkcli.mock.applications"}, {"emkcli.fhir", "emkcli.views", "tomllib"}),
    ],
)
def test_reading_imports_what_reads_and_no_more(
    tmp_path: Path, seeded: Callable[[], None], line: str, also: set[str], never: set[str]
) -> None:
    seeded()
    code, modules, stdout = started(line.split(), tmp_path)
    assert code == 0
    assert json.loads(stdout)["backend"] == "mock"
    assert modules >= {"httpx", "msgspec", "sqlite3", "typer"} | also
    assert modules & (FIRST_NEEDED_BY_WHAT_IS_ASKED | never) == set()


@pytest.mark.parametrize("line", NO_NETWORK_AND_NO_STORES)
def test_help_imports_no_network_and_no_stores(tmp_path: Path, line: str) -> None:
    code, modules, stdout = started(line.split(), tmp_path)
    assert (code, modules & NETWORK_AND_STORES) == (0, set())
    assert stdout.startswith(NO_NETWORK_AND_NO_STORES[line])


@pytest.mark.parametrize("line", ["--help", "card --help"])
def test_help_imports_nothing_that_reads_and_shows(tmp_path: Path, line: str) -> None:
    code, modules, stdout = started(line.split(), tmp_path)
    assert (code, modules & WHAT_READS_AND_SHOWS) == (0, set())
    assert stdout.startswith("Usage: emk")
