"""The cards a profile keeps on this machine: imported documents, and the synced copy of each server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from emkcli import errors, localcard
from emkcli.config.private_files import held
from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.api.client import Client
    from emkcli.config.places import Places
    from emkcli.config.settings import Settings
    from emkcli.localcard.imported_card import LocalCard
    from emkcli.localcard.merged_card import MergedCard
    from emkcli.localcard.synced_card import Mirror
    from emkcli.security.credentials import Credentials
    from emkcli.security.keyrings import Secrets


SYNC_WAITS = 5.0


@dataclass
class LocalCards:
    """`settings` are asked for when needed, as options may still come; `on_close` takes what ends with the run."""

    places: Places
    settings: Callable[[], Settings]
    credentials: Callable[[], Credentials]
    on_close: Callable[[Callable[[], None]], None]

    @property
    def directory(self) -> Path:
        """Where this profile's cards lie."""
        return self.places.state / "cards" / self.settings().profile

    @property
    def mirror_file(self) -> Path:
        """The synced copy of the backend address in force."""
        settings = self.settings()
        address = settings.url.rstrip("/") if settings.url else ""
        return localcard.mirror_file(self.directory, f"{settings.backend} {address}")

    def has_imports(self) -> bool:
        return localcard.has_card(self.directory)

    def has_mirror(self) -> bool:
        return self.mirror_file.exists()

    def secrets(self) -> Secrets | None:
        """The keyring, for the key of the cards; None with EMK_KEYRING=off."""
        from emkcli.security.keyrings import Secrets

        return (
            None if self.settings().keyring == "off" else Secrets(self.credentials().keyring, self.credentials().learn)
        )

    def open_imports(self, *, make: bool = False) -> LocalCard:
        """The imported documents; where there are none, a card is made or `NotFound`."""
        card = localcard.open_card(
            self.directory,
            self.secrets(),
            self.credentials().passphrase,
            insecure=self.credentials().insecure,
            make=make,
        )
        self.credentials().learn("secret", card.store.key)
        self.on_close(card.close)
        return card

    def open_mirror(self, path: Path | None = None, *, make: bool = False) -> Mirror:
        """The synced copy; where there is none, it is made or `NotFound`."""
        mirror = localcard.open_mirror(
            path or self.mirror_file,
            self.secrets(),
            self.credentials().passphrase,
            insecure=self.credentials().insecure,
            make=make,
        )
        self.credentials().learn("secret", mirror.store.key)
        self.on_close(mirror.close)
        return mirror

    def unlock(self) -> None:
        """Find the key, or a place for one, before anything is asked of a server."""
        key = localcard.unlock(
            self.directory, self.secrets(), self.credentials().passphrase, insecure=self.credentials().insecure
        )
        self.credentials().learn("secret", key)

    @contextmanager
    def syncing(self) -> Iterator[Mirror]:
        """The synced copy for one writer; another waits a little, then `Busy`."""
        with held(self.mirror_file.with_suffix(".lock"), SYNC_WAITS, _("Another emk is syncing this card.")):
            yield self.open_mirror(make=True)

    def offline(self) -> Client:
        """The synced copy of the backend in force with the imported documents, and no network. `NotFound` before a sync."""
        if not self.has_mirror():
            raise errors.NotFound(_("This card was not synced yet."), hint="emk card sync")
        mirror = self.open_mirror()
        return _client(self._merged(mirror) if self.has_imports() else mirror, mirror)

    def local(self) -> Client:
        """The documents, with the last synced copy of a real server; nothing invented is ever among them."""
        mirror = self._real_mirror()
        if not self.has_imports():
            if mirror is None:
                raise errors.NotFound(_("There is no local card yet."), hint="emk card import FILE")
            return _client(mirror, mirror)
        if mirror is None:
            return _client_of_imports(self.open_imports)
        return _client(self._merged(mirror, imports_first=True), mirror)

    def forget(self) -> bool:
        """Remove every card and their key; False when there was none."""
        return localcard.forget(self.directory, self.secrets())

    def forget_empty(self, card: LocalCard) -> None:
        """Close an imported card in which nothing was stored and remove it."""
        localcard.forget_empty(card, self.secrets())

    def _merged(self, mirror: Mirror, *, imports_first: bool = False) -> MergedCard:
        from emkcli.localcard.merged_card import MergedCard

        return MergedCard(mirror, self.open_imports(), imports_first=imports_first)

    def _real_mirror(self) -> Mirror | None:
        opened = [self.open_mirror(path) for path in localcard.mirrors(self.directory)]
        real = [mirror for mirror in opened if not mirror.demo and mirror.latest()]
        return max(real, key=lambda mirror: mirror.latest(), default=None)


def _client(card: Mirror | MergedCard, mirror: Mirror) -> Client:
    from emkcli.api.client import Client
    from emkcli.localcard.kept_portal import KeptPortal

    return Client(make_card=lambda: card, portal=KeptPortal(lambda: card, mirror), demo=mirror.demo, kept=mirror)


def _client_of_imports(open_imports: Callable[[], LocalCard]) -> Client:
    from emkcli.api.client import Client
    from emkcli.localcard.kept_portal import KeptPortal

    card = cache(open_imports)
    return Client(make_card=card, portal=KeptPortal(card))
