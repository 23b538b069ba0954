"""Many runs of `emk smoke` at once against one server, each as a process of its own: none of them meets another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

RUNS = 16
EMK = [sys.executable, "-m", "emkcli"]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [*EMK, "mock", "serve", "--state", str(tmp_path / "mock.sqlite3")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())["url"]
    process.terminate()
    assert process.wait(60) == 0
    process.stdout.close()


def test_sixteen_at_once_pass_and_leave_nothing(url: str, tmp_path: Path) -> None:
    def smoke(number: int) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "EMK_HOME": str(tmp_path / f"home{number}"), "EMK_KEYRING": "off"}
        line = [*EMK, "smoke", "--url", url, "--timeout", "300"]
        return subprocess.run(line, env=environ, text=True, capture_output=True, check=False)

    with ThreadPoolExecutor(RUNS) as pool:
        done = list(pool.map(smoke, range(RUNS)))
    assert [run.stdout for run in done if run.returncode] == []
    assert {run.stdout.count("# SKIP") for run in done} == {0}
    assert not list((tmp_path / "mock.sqlite3.tenants").iterdir())
