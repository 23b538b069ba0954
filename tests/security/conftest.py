"""The library's keyring as it was before, and the embedded mock."""

import pytest

from tests.contract.conftest import embedded, stages
from tests.security.keyrings import vault

__all__ = ["embedded", "stages"]


@pytest.fixture(autouse=True)
def keyring_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    vault.forgotten(monkeypatch)
