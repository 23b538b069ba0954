"""The embedded mock's world, at whose address nobody listens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api import esia_server
from tests.conftest import Emk
from tests.contract import world as contract
from tests.contract.world import World
from tests.hostile.portals import CALLBACK, CODE, URL


@pytest.fixture
def world(emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """One person, whose codes are read from the state of the mock that answers in process."""
    monkeypatch.setattr(contract, "CODE", CODE)
    monkeypatch.setattr(esia_server, "REDIRECT", CALLBACK)
    made = World(emk, tmp_path / "world", None, tmp_path)
    monkeypatch.setenv("EMK_HOME", str(made.home))
    monkeypatch.setenv("EMK_URL", URL)
    return made
