"""The shell steps of the CI examples run as they are printed, one job in one shell."""

from __future__ import annotations

import re
import xml.etree.ElementTree as Xml
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.slow.console_blocks import ROOT, environment, run

INSTALLS = "python -m pip install ."
"""The one step that is not run: what it installs is under test already."""
EXAMPLES = [
    yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "ci.md").read_text(), re.S)
]


def jobs(example: dict[str, Any]) -> Iterator[list[str]]:
    """The shell lines of each job, of GitHub's form or of GitLab's."""
    for job in example.get("jobs", example).values():
        yield job.get("script") or [step["run"] for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("example", EXAMPLES, ids=["github", "gitlab"])
def test_a_job_passes_and_leaves_its_report(example: dict[str, Any], tmp_path: Path) -> None:
    (lines,) = jobs(example)
    assert lines[0] == INSTALLS
    ran = run(lines[1:], tmp_path, environment(tmp_path / "home"))
    assert ran.code == 0, ran.printed[-4000:]
    suite = Xml.parse(tmp_path / "smoke.xml").getroot()
    assert int(suite.get("tests", "0")) > 20
    assert (suite.get("failures"), suite.get("skipped")) == ("0", None)
