"""The local card: what was imported, encrypted on disk, read like a server's card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emkcli.api.documents import Parsed
    from emkcli.api.models import ImportResult
    from emkcli.record.card import LocalCard
    from emkcli.record.key import Secrets

CARD_FILE = "card.sqlite3"


def has_card(directory: Path) -> bool:
    """Whether there is a local card, without opening it."""
    return (directory / CARD_FILE).exists()


def open_card(
    directory: Path, secrets: Secrets | None, passphrase_file: Path | None = None, *, insecure: bool = False
) -> LocalCard:
    """The local card, made when there is none.

    `NoSecretStorage` without a place for its key, `Storage` when it cannot be read.
    """
    from emkcli.record.card import LocalCard
    from emkcli.record.key import unlock
    from emkcli.record.store import Store

    return LocalCard(Store(directory / CARD_FILE, unlock(directory, secrets, passphrase_file, insecure=insecure)))


def ingest(card: LocalCard, documents: Iterable[Parsed], person: str | None = None) -> Iterator[ImportResult]:
    """Take documents into the card, one transaction each; `person` is an id, `new`, `auto` or None (the owner)."""
    from emkcli.record.intake import Intake

    return Intake(card.store, person).take(documents)


def forget(directory: Path, secrets: Secrets | None) -> bool:
    """Remove the card and its key; False when there was none."""
    from emkcli.record.key import discard

    return discard(directory, secrets)
