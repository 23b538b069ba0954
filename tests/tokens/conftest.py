"""The library's keyring as it was before, and a passphrase that is cheap to try."""

import keyring.core
import pytest
from keyring.backends import Windows

from emkcli.tokens import encrypted
from tests.tokens.places import CHEAP


@pytest.fixture(autouse=True)
def keyring_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Windows, "win32cred", None, raising=False)
    monkeypatch.setattr(Windows, "pywintypes", None, raising=False)
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    monkeypatch.setattr(encrypted, "COST", CHEAP)
