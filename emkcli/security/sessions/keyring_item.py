"""The session in the OS keyring: one item per profile and backend address while it fits."""

from __future__ import annotations

from dataclasses import dataclass

from emkcli.models import Tokens
from emkcli.security.keyrings import Keyring
from emkcli.security.keyrings.long_secrets import InParts
from emkcli.security.sessions.stored_session import parsed


@dataclass
class KeyringStore:
    keyring: Keyring
    service: str
    profile: str
    source: str = "keyring"

    @property
    def _secret(self) -> InParts:
        return InParts(self.keyring, self.service, self.profile)

    def load(self) -> Tokens | None:
        return parsed(self._secret.get())

    def save(self, tokens: Tokens) -> None:
        self._secret.set(tokens.to_json().decode())

    def clear(self) -> None:
        self._secret.delete()

    def probe(self) -> None:
        name = f"{self.profile}#probe"
        self.keyring.set(self.service, name, "probe")
        self.keyring.delete(self.service, name)
