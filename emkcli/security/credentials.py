"""Where one run keeps its secrets: one keyring, one passphrase, and the place of each session, built on first touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from emkcli.config.places import Places
    from emkcli.config.settings import Settings
    from emkcli.security.keyrings import Keyring
    from emkcli.security.passphrases import Passphrase
    from emkcli.security.redact import Learn
    from emkcli.security.sessions import Store


@dataclass
class Credentials:
    """`ask` puts a hidden question, None where nobody may be asked; `insecure` allows a plain file for a new secret."""

    settings: Settings
    places: Places
    environ: Mapping[str, str]
    stdin: Callable[[], BinaryIO | None]
    ask: Callable[[str], str] | None
    notice: Callable[[str], None]
    learn: Learn
    insecure: bool = False

    @cached_property
    def keyring(self) -> Keyring:
        """One for the whole run: what did not answer once is not waited for again."""
        from emkcli.security.keyrings import Keyring, NoKeyring

        if self.settings.keyring == "off":
            return NoKeyring()
        return Keyring(self.settings.keyring_timeout, asks=self.ask is not None)

    @cached_property
    def passphrase(self) -> Passphrase:
        """One for the whole run: it is asked for once."""
        from emkcli.security.passphrases import Passphrase

        chosen = self.settings.storage == "encrypted-file"
        return Passphrase(
            self.settings.passphrase_file, stdin=self.stdin, ask=self.ask, chosen=chosen, learn=self.learn
        )

    def store(self, address: str, demo: bool) -> Store:
        """The place for the profile's session at that address."""
        from emkcli.security.sessions import store_for

        return store_for(
            self.settings,
            self.places,
            self.environ,
            address,
            demo=demo,
            insecure=self.insecure,
            keyring=self.keyring,
            passphrase=self.passphrase,
            notice=self.notice,
        )
