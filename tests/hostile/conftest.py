"""The embedded mock's world, at whose address nobody listens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api import esia_server
from tests.conftest import Emk
from tests.contract import world as contract
from tests.contract.world import World
from tests.hostile.portals import CODE


@pytest.fixture
def url() -> str:
    """Nobody listens there: every connection ends in process."""
    return "http://127.0.0.1:1"


@pytest.fixture
def world(emk: Emk, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> World:
    """One person, whose codes are read from the state of the mock that answers in process."""
    monkeypatch.setattr(contract, "CODE", CODE)
    monkeypatch.setattr(esia_server, "REDIRECT", f"{url}/callback")
    made = World(emk, tmp_path / "world", None, tmp_path)
    monkeypatch.setenv("EMK_HOME", str(made.home))
    monkeypatch.setenv("EMK_URL", url)
    return made
