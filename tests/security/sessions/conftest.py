"""A passphrase that is cheap to try."""

import pytest

from emkcli.security.sessions import encrypted_file
from tests.security.sessions.places import CHEAP


@pytest.fixture(autouse=True)
def cheap_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encrypted_file, "COST", CHEAP)
