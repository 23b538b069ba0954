"""The mock's session: its file when it is there, else the keyring, else the file; it opens nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from emkcli import errors
from emkcli.locale import _
from emkcli.models import Tokens
from emkcli.security.sessions.keyring_item import KeyringStore
from emkcli.security.sessions.plain_file import PlainStore


@dataclass
class MockStore:
    """A keyring that cannot be used is no error here."""

    file: PlainStore
    keyring: KeyringStore | None
    notice: Callable[[str], None]

    @property
    def source(self) -> str:
        return "plain_file" if self.keyring is None or self.file.path.exists() else "keyring"

    def load(self) -> Tokens | None:
        return self.file.load() or self._from_keyring()

    def save(self, tokens: Tokens) -> None:
        if self.keyring and not self.file.path.exists():
            try:
                self.keyring.save(tokens)
                return
            except errors.NoSecretStorage:
                self.keyring = None
        if not self.file.path.exists():
            self.notice(_("No keyring: the demo session is kept in a file only you can read; it opens nothing."))
        self.file.save(tokens)

    def clear(self) -> None:
        """Both places: a keyring that was there at login may be away now, and the other way round."""
        self.file.clear()
        if self.keyring:
            with suppress(errors.NoSecretStorage):
                self.keyring.clear()

    def probe(self) -> None:
        self.file.probe()

    def _from_keyring(self) -> Tokens | None:
        with suppress(errors.NoSecretStorage):
            return self.keyring.load() if self.keyring else None
        return None
