"""The shell steps of the CI examples run as they are printed, one job in one shell."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import xml.etree.ElementTree as Xml
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.slow.console_blocks import ROOT, environment, run, sections

INSTALLS = "python -m pip install ."
"""The one step that is not run: what it installs is under test already."""
PAGE = ROOT / "docs" / "ci.md"
*EXAMPLES, CONTAINERS = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.S)]
ADDRESS = "192.0.2.77"
"""Where `mock` is to the job: no address of loopback, in a network that has nothing else."""
APART = f"""
ip link set lo up
ip address add {ADDRESS}/32 dev lo
mount --bind hosts /etc/hosts
mount -t tmpfs tmpfs /run
mkdir /run/secrets
cp token.txt /run/secrets/control
bash mock.sh &
bash job.sh
"""
"""Two containers as far as the steps can tell: a network, host names and secrets of their own."""


def lines_of(service: dict[str, Any]) -> list[str]:
    shell, options, script = service["command"]
    assert (shell, options) == ("bash", "-euc")
    return [line for line in script.splitlines() if line != INSTALLS]


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


def test_a_server_in_one_container_and_a_job_in_another(tmp_path: Path) -> None:
    for program in ("unshare", "ip", "mount"):
        assert shutil.which(program), f"install {program}: this check needs a network of its own"
    ((_heading, (make_token, start)),) = sections(PAGE)
    assert start == "docker compose up --exit-code-from job"
    for name, service in CONTAINERS["services"].items():
        home = {"HOME": str(tmp_path / name), **service.get("environment", {})}
        exports = [f"export {variable}={shlex.quote(value)}" for variable, value in home.items()]
        (tmp_path / f"{name}.sh").write_text("\n".join(["set -eu", *exports, *lines_of(service)]))
        assert service["secrets"] == list(CONTAINERS["secrets"])
    (tmp_path / "hosts").write_text(f"127.0.0.1 localhost\n{ADDRESS} mock\n")
    (tmp_path / "apart.sh").write_text(f"set -eu\n{APART}")
    apart = f"unshare {'' if os.geteuid() == 0 else '--map-root-user '}--mount --net bash apart.sh"
    ran = run([make_token, apart], tmp_path, environment(tmp_path / "programs"))
    assert ran.code == 0, ran.printed[-4000:]
    token = (tmp_path / "token.txt").read_text().strip()
    assert len(token) == 32
    assert token not in ran.printed
    suite = Xml.parse(tmp_path / "smoke.xml").getroot()
    assert int(suite.get("tests", "0")) > 20
    assert (suite.get("failures"), suite.get("skipped")) == ("0", None)
    assert (tmp_path / "snapshot.jsonl").read_text().startswith('{"format": "emk mock state", "version": ')
