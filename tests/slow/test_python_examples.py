"""The examples of the Python reference run as they are printed, and say what the command line says."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from tests.conftest import ROOT

EXAMPLES = ROOT / "docs" / "python" / "examples"
EMK = [sys.executable, "-m", "emkcli"]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """That of somebody invented whose card is open, logged in on the embedded mock."""
    folder = tmp_path_factory.mktemp("examples")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EMK_", "XDG_", "JUPYTER_R"))}
    environ = kept | {
        "EMK_HOME": str(folder / "home"),
        "EMK_KEYRING": "off",
        "HOME": str(folder),
        "IPYTHONDIR": str(folder / "ipython"),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
    }
    phone = item(environ, "mock", "seed")["phone"]
    login = folder / "login.toml"
    login.write_text(f'phone = "{phone}"\n', encoding="utf-8")
    code = f"{sys.executable} -m emkcli mock inbox --code"
    item(environ, "login", "--from", str(login), "--code-command", code)
    return environ


def printed(environment: dict[str, str], *line: str) -> Any:
    done = subprocess.run([*EMK, *line, "--json"], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def item(environment: dict[str, str], *line: str) -> Any:
    return printed(environment, *line)["item"]


def test_the_table_of_pandas_has_what_the_command_has(environment: dict[str, str], tmp_path: Path) -> None:
    program = [sys.executable, str(EXAMPLES / "results_with_pandas.py")]
    done = subprocess.run(program, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    rows = sorted(csv.DictReader(io.StringIO(done.stdout)), key=lambda row: row["collected_at"])
    times = Counter[str]()
    for row in rows:
        times[row["analyte"]] += int(row["times"])
    newest = {row["analyte"]: (row["value"], row["unit"], row["collected_at"]) for row in rows}
    analytes = printed(environment, "card", "trend")["items"]
    assert len(newest) > 10
    assert times == {one["analyte"]: one["count"] for one in analytes}
    assert newest == {one["analyte"]: (one["value"], one["unit"] or "", one["at"]) for one in analytes}


def notebook() -> Any:
    return nbformat.read(EXAMPLES / "card.ipynb", as_version=4)


def test_the_notebook_keeps_no_answers() -> None:
    """They would be somebody's, and of some day."""
    nbformat.validate(notebook())
    cells = [cell for cell in notebook().cells if cell.cell_type == "code"]
    assert len(cells) > 4
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


def test_the_notebook_runs(environment: dict[str, str], tmp_path: Path) -> None:
    ran = notebook()
    client = nbclient.NotebookClient(
        ran, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute(env=environment)
    shown = [
        output.data["text/plain"] if "data" in output else str(output)
        for cell in ran.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    ]
    person, head, series, record, refusal = shown
    assert person.strip("'") == item(environment, "whoami")["name"]
    newest = printed(environment, "card", "labs", "--all")["items"][0]
    assert newest["collected_at"] in head
    assert "value_number" in series
    assert repr(newest["value"]) in record
    assert "last spring" in refusal
