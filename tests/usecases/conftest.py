"""A local card of invented resources, taken in and read through the real entry point."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Emk, Result
from tests.invented import PATIENT, Resource, bundle, encoded

Card = Callable[..., Result]
"""`card(*resources)("summary")` is what the command says of a card of these resources."""


@pytest.fixture
def card(emk: Emk, tmp_path: Path) -> Callable[..., Card]:
    def of(*resources: Resource) -> Card:
        file = tmp_path / "card.json"
        file.write_bytes(encoded(bundle(PATIENT, *resources)))
        assert emk("card", "import", str(file), "--insecure-storage").code == 0
        return lambda *line: emk("card", *line, "--backend", "local", "--json")

    return of
