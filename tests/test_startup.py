"""What a start imports: the answers that need nothing load nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"typer", "httpx", "pydantic", "keyring", "rich", "sqlite3", "apsw", "emkcli.api.models"}
NETWORK_AND_STORES = {"httpx", "keyring", "sqlite3", "apsw", "emkcli.api.models"}

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


@pytest.mark.parametrize(
    ("arguments", "begins", "avoided"),
    [
        (["--version"], "emk ", HEAVY),
        (["completion", "bash"], "# bash completion", HEAVY),
        (["completion", "zsh"], "#compdef emk", HEAVY),
        (["completion", "fish"], "# fish completion", HEAVY),
        (["completion", "powershell"], "# PowerShell completion", HEAVY),
        (["--help"], "Usage: emk", NETWORK_AND_STORES),
        (["--lang", "ru", "--help"], "Вызов: emk", NETWORK_AND_STORES),
        (["card", "labs", "--help"], "Usage: emk card labs", {"httpx", "keyring", "sqlite3", "apsw"}),
    ],
    ids=" ".join,
)
def test_only_what_is_needed_is_imported(tmp_path: Path, arguments: list[str], begins: str, avoided: set[str]) -> None:
    code, modules, stdout = started(arguments, tmp_path)
    assert code == 0
    assert stdout.startswith(begins)
    assert modules & avoided == set()
