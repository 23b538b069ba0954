"""Two doors to the same portal: the embedded mock, and a real `emk mock serve` on a socket."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Emk
from tests.contract.world import Server, World


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One process for all tests of this worker; each test puts its own state into it."""
    state = tmp_path_factory.mktemp("served") / "mock.sqlite3"
    process = subprocess.Popen(
        [sys.executable, "-m", "emkcli", "mock", "serve", "--port", "0", "--state", str(state)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield Server(json.loads(process.stdout.readline())["url"], state)
    process.terminate()
    assert process.wait(60) == 0
    process.stdout.close()


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where reached stages are kept, per door."""
    return tmp_path_factory.mktemp("stages")


@pytest.fixture
def embedded(emk: Emk, tmp_path: Path, stages: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The portal behind the embedded mock. Its home has one path for all tests: a session belongs to it."""
    world = World(emk, stages / "embedded", None, tmp_path)
    monkeypatch.setenv("EMK_HOME", str(world.home))
    return world


@pytest.fixture
def served(emk: Emk, tmp_path: Path, stages: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> World:
    """The portal behind a socket."""
    world = World(emk, stages / "socket", server, tmp_path)
    monkeypatch.setenv("EMK_HOME", str(world.home))
    monkeypatch.setenv("EMK_URL", server.url)
    return world


@pytest.fixture(params=["embedded", "served"])
def world(request: pytest.FixtureRequest) -> World:
    """The portal behind each of the two doors."""
    found: World = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody answers, the next attempt follows at once."""
    monkeypatch.setattr("emkcli.api.wire.PAUSES", (0.0, 0.0, 0.0))
