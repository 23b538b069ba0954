"""The library's keyring as it was before."""

import pytest

from tests.security.keyrings import vault


@pytest.fixture(autouse=True)
def keyring_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    vault.forgotten(monkeypatch)
