"""The library's keyring as it was before, and a passphrase that is cheap to try."""

import pytest

from emkcli.tokens import encrypted
from tests.tokens import vault
from tests.tokens.places import CHEAP


@pytest.fixture(autouse=True)
def keyring_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    vault.forgotten(monkeypatch)
    monkeypatch.setattr(encrypted, "COST", CHEAP)
