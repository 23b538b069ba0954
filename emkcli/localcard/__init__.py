"""The local card: what was imported and what was synced, encrypted on disk, read like a server's card."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emkcli.api.changes import Changes
    from emkcli.importers.source_document import Parsed
    from emkcli.localcard.directory import CardDirectory
    from emkcli.localcard.imported_card import LocalCard
    from emkcli.localcard.key import Secrets
    from emkcli.localcard.synced_card import Mirror
    from emkcli.models import ImportResult, Person, Profile, SyncResult
    from emkcli.security.passphrases import Passphrase

CARD_FILE = "card.sqlite3"


def has_card(directory: Path) -> bool:
    """Whether documents were imported, without opening anything."""
    return (directory / CARD_FILE).exists()


def mirror_file(directory: Path, address: str) -> Path:
    """Where the copy of the cards of a backend address lies; the name does not tell the address."""
    return directory / f"{sha256(address.encode()).hexdigest()[:16]}.sqlite3"


def mirrors(directory: Path) -> list[Path]:
    """Every synced copy, whatever its address."""
    return sorted(path for path in directory.glob("*.sqlite3") if path.name != CARD_FILE)


def open_card(
    directory: Path,
    secrets: Secrets | None,
    passphrase: Passphrase | None = None,
    *,
    insecure: bool = False,
    make: bool = True,
) -> LocalCard:
    """The local card; made when there is none, or `NotFound` without `make`.

    `NoSecretStorage` without a place for its key, `Storage` when it cannot be read.
    """
    from emkcli.localcard.imported_card import LocalCard

    return LocalCard(_directory(directory, secrets, passphrase, insecure=insecure).open(CARD_FILE, make=make))


def open_mirror(
    path: Path,
    secrets: Secrets | None,
    passphrase: Passphrase | None = None,
    *,
    insecure: bool = False,
    make: bool = True,
) -> Mirror:
    """The synced copy in that file; made when there is none, or `NotFound` without `make`.

    Its key is the one of the local card beside it.
    """
    from emkcli.localcard.synced_card import Mirror

    return Mirror(_directory(path.parent, secrets, passphrase, insecure=insecure).open(path.name, make=make))


def unlock(
    directory: Path, secrets: Secrets | None, passphrase: Passphrase | None = None, *, insecure: bool = False
) -> bytes:
    """The 32 bytes of the cards' key; made, and put where it will be found again, when there is no card yet."""
    return _directory(directory, secrets, passphrase, insecure=insecure).key().content


def ingest(card: LocalCard, documents: Iterable[Parsed], person: str | None = None) -> Iterator[ImportResult]:
    """Take documents into the card, one transaction each; `person` is an id, `new`, `auto` or None (the owner)."""
    from emkcli.localcard.importer import Intake

    return Intake(card.store, person).take(documents)


def sync(
    mirror: Mirror,
    changes: Changes,
    person: Person,
    profile: Profile | None,
    *,
    full: bool = False,
    tell: Callable[[str], None] = lambda kind: None,
) -> SyncResult:
    """Bring the copy of one person's card up to date; `full` asks for everything anew, `tell` hears what is read.

    The account is of the whole card as the copy has it after the run, also of what did not change since the last one, each
    resource once however often it was sent; resources of other people are those that this run met. An OperationOutcome
    beside results is no part of a card: what it says stands in `missing` or in a warning.
    """
    from emkcli import models
    from emkcli.clinical.contradictions import told
    from emkcli.fhir.patient import identity_of
    from emkcli.fhir.placement import why_unread
    from emkcli.localcard.syncing import sync_run

    mirror.admit(person, identity_of(changes.patient.resource) if changes.patient else None, profile)
    run, missing, holdings, warnings = sync_run.sync(mirror.store, person.id, changes, full=full, tell=tell)
    account, counts = holdings.account(), run.counts()
    return models.SyncResult(
        person=models.Named(id=person.id, name=person.name),
        added=counts["added"],
        changed=counts["changed"],
        removed=counts["removed"],
        unchanged=counts["unchanged"],
        complete=not missing and not account.unread,
        missing=missing,
        synced_at=mirror.fetched_at(person.id),
        account=account,
        unread=holdings.unread(why_unread),
        warnings=told(warnings),
    )


def forget_empty(card: LocalCard, secrets: Secrets | None) -> None:
    """Close a card in which nothing was stored and remove it, with the key when no synced copy needs it."""
    path, key = card.store.path, card.store.key
    card.close()
    _directory(path.parent, secrets).remove_if_empty(
        path.name, key, lambda store: store.row("SELECT 1 FROM document") is None
    )


def forget(directory: Path, secrets: Secrets | None) -> bool:
    """Remove every card here and their key; False when there was none."""
    return _directory(directory, secrets).remove()


def _directory(
    directory: Path, secrets: Secrets | None, passphrase: Passphrase | None = None, *, insecure: bool = False
) -> CardDirectory:
    from emkcli.localcard.directory import CardDirectory
    from emkcli.localcard.key import Keys

    return CardDirectory(Keys(directory, secrets, passphrase, insecure))
