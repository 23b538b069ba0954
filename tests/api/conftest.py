"""One organisation and one ESIA."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.esia_world import World


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    return lambda **settings: World(tmp_path, **settings)
