"""The key of the local card: in the keyring, derived from a passphrase, or in a plain file when asked for.

A key is proposed first, under a name of its own, and becomes the card's key in one rename (`directory` holds the lock for it); a key
that is given up is renamed back. Such a file names what it has in the keyring before that is put there, and is locked as long as
whoever made it lives: what a killed process left is removed by the next one.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets as random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import scrypt, sha256
from pathlib import Path
from typing import IO, Any, Protocol

from emkcli import errors
from emkcli.config.atomic_files import write_private
from emkcli.config.private_files import new_private, open_private, read_private
from emkcli.locale import _
from emkcli.security.passphrases import Passphrase

NOTE = "card.key.json"
"""Where the key is, never the key itself (unless `kind` is `file`)."""
PLAIN_ALLOWED = "card.key.plain"
"""Which plain key `--insecure-storage` was said for. A note that somebody put there has none, and opens nothing."""
COST = {"n": 2**15, "r": 8, "p": 1}

Note = dict[str, Any]


class Secrets(Protocol):
    """A keyring; each call may raise `NoSecretStorage`."""

    def get(self, name: str) -> str | None: ...

    def set(self, name: str, value: str) -> None: ...

    def delete(self, name: str) -> None: ...


@dataclass(frozen=True)
class Key:
    """32 bytes, and the id of the note that leads to them; another id means that the card was removed meanwhile."""

    ident: str
    content: bytes


class Missing(errors.NoSecretStorage):
    """The keyring answers, and does not have the key."""


@dataclass(frozen=True)
class Keys:
    """Where the keys of the cards in `directory` may be. `passphrase` is asked for only when it is needed."""

    directory: Path
    secrets: Secrets | None
    passphrase: Passphrase | None = None
    insecure: bool = False

    @property
    def note(self) -> Note | None:
        """What the directory says of its key; None when it has none. `Storage` when that is damaged."""
        return _read(self.directory / NOTE)

    def find(self, note: Note) -> Key:
        """The key the note leads to. May ask for the passphrase. `NoSecretStorage` when it cannot be had, else `Missing`."""
        if note["kind"] == "passphrase":
            return Key(note["id"], _derived(note, (self.passphrase or Passphrase()).known()))
        plain = note["kind"] == "file"
        stored = note.get("key") if plain else self._from_keyring(note)
        try:
            key = Key(note["id"], bytes.fromhex(stored or ""))
        except (ValueError, TypeError):
            raise errors.Storage(_("The key of the local card is damaged.")) from None
        if plain:
            self._check_allowed(key)
        return key

    @contextmanager
    def proposed(self) -> Iterator[Path]:
        """A new key at the safest place there is; the file of its note, not in force yet. May ask for a passphrase.

        What was not accepted is removed when the `with` ends.
        """
        path, handle = self._new_file()
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            try:
                self._fill(file)
                yield path
            finally:
                self._drop(path)

    def accept(self, proposal: Path) -> None:
        """Put a proposed key in force."""
        proposal.replace(self.directory / NOTE)
        sync_directory(self.directory)

    def give_up(self) -> None:
        """Put the key in force out of force: a note in force always leads to a key. `sweep` removes it."""
        with suppress(FileNotFoundError):
            (self.directory / NOTE).replace(self._beside())
            (self.directory / PLAIN_ALLOWED).unlink(missing_ok=True)
            sync_directory(self.directory)

    def sweep(self) -> None:
        """Remove every key that is not in force and that nobody is about to put there, and its secret in the keyring."""
        for path in filter(Path.is_file, self.directory.glob(f"{NOTE}.*")):  # opening a pipe would wait
            with suppress(FileNotFoundError), path.open("rb") as file:
                if _lock(file.fileno()):
                    self._drop(path)

    def _from_keyring(self, note: Note) -> str:
        message = _("The key of the local card is in a keyring that does not give it.")
        if self.secrets is None:
            raise errors.NoSecretStorage(message, hint=_("unlock the keyring it was made with"))
        secret = self.secrets.get(_name(note))
        if secret is None:
            raise Missing(
                message, hint=_("unlock the keyring it was made with; if it is lost, so is the card: emk card forget")
            )
        return secret

    def _beside(self) -> Path:
        return self.directory / f"{NOTE}.{random.token_hex(8)}"

    def _new_file(self) -> tuple[Path, int]:
        """An empty file that nobody sweeps before its handle is closed."""
        while True:
            path = self._beside()
            handle = new_private(path)
            if _lock(handle):
                return path, handle
            os.close(handle)  # it was swept in this very moment

    def _fill(self, file: IO[str]) -> None:
        """Make the key at the safest place and write down where that is."""
        note: Note = {"id": random.token_hex(8)}
        reason = _("no keyring") if self.passphrase and self.passphrase.chosen else self._into_keyring(file, note)
        if reason is None:
            return
        if self.passphrase and self.passphrase.offered:
            note |= {"kind": "passphrase", "salt": random.token_hex(16), "cost": COST}
            self.passphrase.new()
        elif self.insecure:
            note |= {"kind": "file", "key": random.token_hex(32)}
        else:
            raise errors.NoSecretStorage(
                _("There is no safe place for the key of the local card: {reason}").format(reason=reason),
                hint=_(
                    "unlock a keyring; or keep the key under a passphrase: --storage encrypted-file, or name its file"
                    " with EMK_PASSPHRASE_FILE; or accept a plain file: --insecure-storage"
                ),
            )
        _write(file, note)

    def _check_allowed(self, key: Key) -> None:
        """A plain key is used where `--insecure-storage` is said, and from then on. `NoSecretStorage` anywhere else."""
        allowed = self.directory / PLAIN_ALLOWED
        digest = sha256(f"{key.ident} {key.content.hex()}".encode()).hexdigest().encode()
        if read_private(allowed) == digest:
            return
        if not self.insecure:
            raise errors.NoSecretStorage(
                _("The key of the local card lies in a plain file, and --insecure-storage was never said for it here."),
                hint=_("if it is yours, say it once with emk card import or emk card sync; if not: emk card forget"),
            )
        write_private(allowed, digest)

    def _into_keyring(self, file: IO[str], note: Note) -> str | None:
        """Write the note, put a key there and read it back; None when it is there, else why not."""
        if self.secrets is None:
            return _("no keyring")
        key = random.token_hex(32)
        _write(file, note | {"kind": "keyring"})
        try:
            self.secrets.set(_name(note), key)
            # a keyring may take a secret without keeping it
            if self.secrets.get(_name(note)) == key:
                return None
            return _("the keyring did not give back what was written")
        except errors.NoSecretStorage as cause:
            return cause.message

    def _drop(self, path: Path) -> None:
        """A note and the secret it leads to. A damaged one leads nowhere, and must not keep anybody from removing it."""
        with suppress(errors.Storage, errors.NoSecretStorage):
            note = _read(path)
            if note and note["kind"] == "keyring" and self.secrets:
                self.secrets.delete(_name(note))
        path.unlink(missing_ok=True)


def sync_directory(directory: Path) -> None:
    """A name that was given or taken in it outlives a power cut."""
    if os.name == "nt":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def stores(directory: Path) -> Iterator[Path]:
    """Every card in the directory, imported or synced."""
    return directory.glob("*.sqlite3")


def _derived(note: Note, passphrase: bytes) -> bytes:
    return scrypt(passphrase, salt=bytes.fromhex(note["salt"]), maxmem=2**27, dklen=32, **COST)


def _name(note: Note) -> str:
    """Two homes on one machine share a keyring."""
    return f"local-card-{note['id']}"


def _read(path: Path) -> Note | None:
    try:
        with os.fdopen(open_private(path), "rb") as file:
            note: Note = json.loads(file.read())
        kind, _ident = note["kind"], note["id"]
        if kind == "passphrase":
            bytes.fromhex(note["salt"])
            # a note that somebody changed must neither weaken the key nor take all memory
            if note["cost"] != COST:
                raise ValueError("an unknown cost")
    except FileNotFoundError:
        return None
    except OSError as cause:
        raise errors.Storage(_("The local card cannot be opened: {why}").format(why=cause.strerror)) from cause
    except (ValueError, KeyError, TypeError):
        raise errors.Storage(
            _("The note about the local card's key ({name}) is damaged.").format(name=NOTE),
            hint=_("put it back from a copy; or remove the card that it opened: emk card forget"),
        ) from None
    return note


def _lock(handle: int) -> bool:
    """Whether the file is this process's alone, until the handle is closed."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(handle).st_nlink > 0


def _write(file: IO[str], note: Note) -> None:
    file.seek(0)
    file.truncate()
    json.dump(note, file)
    file.flush()
    # before its name is there: a note lost in a power cut is a card lost
    os.fsync(file.fileno())
