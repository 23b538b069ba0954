"""A package of somebody else's that uses the client passes `mypy --strict`, and what is wrong in it is found."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from emkcli.models import LISTS
from tests.conftest import ROOT

CONSUMER = ROOT / "tests" / "fixtures" / "consumer"
FOUND = re.compile(r"^wrong\.py:(\d+): error: .*\[([a-z-]+)\]$", re.MULTILINE)
MARKED = re.compile(r"# wrong: ([a-z-]+)$")


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One run over all of it, with no settings but the strict ones."""
    options = ["--strict", "--config-file=", "--no-color-output", "--cache-dir", str(tmp_path_factory.mktemp("mypy"))]
    return subprocess.run(
        [sys.executable, "-m", "mypy", *options, "consumer", "wrong.py"],
        cwd=CONSUMER,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_right_passes_and_what_is_wrong_is_found(checked: Any) -> None:
    lines = (CONSUMER / "wrong.py").read_text(encoding="utf-8").splitlines()
    wrong = {(str(number), found[1]) for number, line in enumerate(lines, 1) if (found := MARKED.search(line))}
    assert len(wrong) > 5
    assert set(FOUND.findall(checked.stdout)) == wrong, checked.stdout + checked.stderr
    assert "consumer/" not in checked.stdout, checked.stdout


def test_the_package_says_that_it_is_typed() -> None:
    assert files("emkcli").joinpath("py.typed").is_file()


def test_each_kind_of_record_has_its_overload() -> None:
    source = (ROOT / "emkcli" / "api" / "ports" / "card.py").read_text(encoding="utf-8")
    overloads = {
        (found["kind"], found["model"])
        for found in re.finditer(
            r'@overload\s+def record\([^)]*?kind: Literal\["(?P<kind>\w+)"\]\s*\) -> models\.(?P<model>\w+): \.\.\.',
            source,
        )
    }
    assert overloads == {(row.model.kind, row.model.__name__) for row in LISTS}
    asserted = ast.unparse(ast.parse((CONSUMER / "consumer" / "one_record.py").read_text(encoding="utf-8")))
    for kind, model in overloads:
        assert f"assert_type(record(ident, kind='{kind}'), models.{model})" in asserted


def test_a_consumer_imports_only_what_is_public() -> None:
    taken = {
        line.split()[1]
        for path in sorted(Path(CONSUMER).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("from emkcli")
    }
    assert taken == {"emkcli", "emkcli.api", "emkcli.api.wire", "emkcli.models"}
