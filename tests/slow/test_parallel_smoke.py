"""Runs of `emk smoke` as processes against one server: many at once never meet, and one that is interrupted takes its tenant away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as Xml
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

RUNS = 16
EMK = [sys.executable, "-m", "emkcli"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*EMK, "mock", "serve", "--state", str(tmp_path / "mock.sqlite3")], stdout=subprocess.PIPE, text=True
    )
    yield process
    process.terminate()
    assert process.wait(60) in {0, -signal.SIGKILL}
    assert process.stdout
    process.stdout.close()


@pytest.fixture
def url(server: subprocess.Popen[str]) -> str:
    assert server.stdout
    address: str = json.loads(server.stdout.readline())["url"]
    return address


def begun(url: str, tmp_path: Path, *more: str) -> subprocess.Popen[str]:
    """A run whose tenant is there."""
    environ = {**os.environ, "EMK_HOME": str(tmp_path / "home"), "EMK_KEYRING": "off"}
    run = subprocess.Popen(
        [*EMK, "smoke", "--url", url, *more], env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while not tenants(tmp_path):
        assert run.poll() is None, run.communicate()
        time.sleep(0.002)
    return run


def tenants(tmp_path: Path) -> list[str]:
    return [file.stem for file in (tmp_path / "mock.sqlite3.tenants").glob("smoke-*.sqlite3")]


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_takes_its_tenant_away(url: str, tmp_path: Path, number: signal.Signals) -> None:
    run = begun(url, tmp_path)
    run.send_signal(number)
    out, err = run.communicate(timeout=60)
    assert (run.returncode, out, err) == (128 + number, "", "emk: Interrupted.\n")
    assert tenants(tmp_path) == []


def test_a_server_that_dies_in_the_middle_is_reported_and_the_tenant_named(
    url: str, server: subprocess.Popen[str], tmp_path: Path
) -> None:
    report = tmp_path / "smoke.xml"
    run = begun(url, tmp_path, "--junit", str(report))
    server.kill()
    out, err = run.communicate(timeout=120)
    assert run.returncode == 12, err
    assert out.count("\nnot ok ") == 1
    assert "unreachable: 127.0.0.1 cannot be reached." in out
    assert Xml.parse(report).getroot().get("failures") == "1"
    (left,) = tenants(tmp_path)
    assert err == f"emk: The tenant {url}/t/{left} may be left on the server: 127.0.0.1 cannot be reached.\n"
    assert "Traceback" not in out


def test_a_reader_that_leaves_early_changes_nothing(url: str, tmp_path: Path) -> None:
    run = begun(url, tmp_path)
    assert run.stdout
    assert run.stderr
    run.stdout.close()
    assert run.wait(60) == 141
    assert (run.stderr.read(), tenants(tmp_path)) == ("", [])
    run.stderr.close()
