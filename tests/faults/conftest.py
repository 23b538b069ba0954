"""The same two doors as in the contract tests, and attempts that do not wait."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from tests.contract.conftest import embedded, served, server, stages, world

__all__ = ["embedded", "served", "server", "stages", "world"]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between attempts, noted instead of made."""
    made: list[float] = []
    monkeypatch.setattr("emkcli.api.wire.time", SimpleNamespace(sleep=made.append, monotonic=time.monotonic))
    return made
