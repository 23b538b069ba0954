"""schemathesis against a mock on a socket, each part of the document on a tenant of its own; what is off is in its settings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.mock.person import Person

SETTINGS = Path(__file__).parent / "peers" / "schemathesis.toml"
EXAMPLES = "20"
PROGRAMS = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    line = [sys.executable, "-m", "emkcli", "mock", "serve"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
        process.terminate()


@pytest.mark.parametrize("part", ["server", "identity", "portal", "card"])
def test_nothing_is_found(url: str, part: str, tmp_path: Path) -> None:
    find_nothing(url, part, tmp_path)


def test_nothing_is_found_behind_the_scenes(url: str, tmp_path: Path) -> None:
    """Longer than the others together: cards of the largest size are made."""
    find_nothing(url, "mock", tmp_path)


def find_nothing(url: str, part: str, tmp_path: Path) -> None:
    someone = Person(httpx.HTTPTransport(), f"{url}/t/{part}")
    someone.http._transport = httpx.HTTPTransport()
    someone.seeded()
    shutil.copy(SETTINGS, tmp_path)
    line = [
        shutil.which("schemathesis", path=PROGRAMS) or "schemathesis",
        "run",
        f"{url}/t/{part}/openapi.json",
        "--include-tag",
        part,
    ]
    line += ["-n", EXAMPLES, "--generation-deterministic", "--no-color", "--continue-on-failure", "--warnings", "off"]
    environ = os.environ | {"TOKEN": someone.tokens["access_token"]}
    someone.close()
    ran = subprocess.run(line, cwd=tmp_path, env=environ, text=True, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-1000:]
    assert "No issues found" in ran.stdout
