"""A keyring in memory and an empty local card."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emkcli import errors, localcard
from emkcli.localcard.imported_card import LocalCard


class Keyring:
    def __init__(self, *, works: bool = True) -> None:
        self.kept: dict[str, str] = {}
        self.works = works

    def get(self, name: str) -> str | None:
        self._check()
        return self.kept.get(name)

    def set(self, name: str, value: str) -> None:
        self._check()
        self.kept[name] = value

    def delete(self, name: str) -> None:
        self._check()
        self.kept.pop(name, None)

    def _check(self) -> None:
        if not self.works:
            raise errors.NoSecretStorage("locked")


@pytest.fixture
def keyring() -> Keyring:
    return Keyring()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "record"


@pytest.fixture
def card(home: Path, keyring: Keyring) -> Iterator[LocalCard]:
    opened = localcard.open_card(home, keyring)
    yield opened
    opened.close()
