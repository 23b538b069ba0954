"""The key of the local card: in the keyring, derived from a passphrase, or in a plain file when asked for."""

from __future__ import annotations

import json
import os
import secrets as random
from contextlib import suppress
from hashlib import scrypt
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from emkcli import errors
from emkcli.locale import _
from emkcli.security.passphrases import Passphrase

NOTE = "card.key.json"
"""Where the key is, never the key itself (unless `kind` is `file`)."""
LEFT = ("*.sqlite3", "*.sqlite3-wal", "*.sqlite3-shm", "*.lock")
COST = {"n": 2**15, "r": 8, "p": 1}
LOCK_SECONDS = 5.0


class Secrets(Protocol):
    """A keyring; each call may raise `NoSecretStorage`."""

    def get(self, name: str) -> str | None: ...

    def set(self, name: str, value: str) -> None: ...

    def delete(self, name: str) -> None: ...


def unlock(directory: Path, secrets: Secrets | None, passphrase: Passphrase | None, *, insecure: bool = False) -> bytes:
    """The 32 bytes of the card's key; made, and put where it will be found again, when there is no card yet."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        # two first imports at once would each make a key, and one card would never open again
        with FileLock(directory / "card.lock", timeout=LOCK_SECONDS, mode=0o600):
            note = _read_note(directory)
            if note is None:
                return _make(directory, secrets, passphrase, insecure)
            return _find(note, secrets, passphrase)
    except Timeout:
        raise errors.Busy(_("Another emk is opening the local card."), hint=_("try again")) from None
    except OSError as cause:
        raise errors.Storage(
            _("The local card's directory cannot be used: {why}").format(why=cause.strerror)
        ) from cause


def discard(directory: Path, secrets: Secrets | None) -> bool:
    """Remove the key and every card it opens; the key first, so that what might remain cannot be read."""
    note = _read_note(directory) if directory.is_dir() else None
    if note and note["kind"] == "keyring" and secrets:
        with suppress(errors.NoSecretStorage):
            secrets.delete(_name(note))
    removed = False
    rest = sorted(path for pattern in LEFT for path in directory.glob(pattern)) if directory.is_dir() else []
    for path in (directory / NOTE, *rest):
        try:
            path.unlink()
            removed = removed or path.suffix == ".sqlite3"
        except FileNotFoundError:
            continue
        except OSError as cause:
            message = _("The local card cannot be removed: {why}").format(why=cause.strerror)
            raise errors.Storage(message) from cause
    return removed


def _make(directory: Path, secrets: Secrets | None, passphrase: Passphrase | None, insecure: bool) -> bytes:
    # a new key would not open what is there, and its note would hide that another one once did
    if any(directory.glob("*.sqlite3")):
        raise errors.Storage(
            _("The note that says where the key of the local card is ({name}) is gone.").format(name=NOTE)
        )
    note: dict[str, Any] = {"id": random.token_hex(8)}
    key = random.token_bytes(32)
    reason = _("no keyring") if passphrase and passphrase.chosen else _in_keyring(note, secrets, key)
    if reason is None:
        note["kind"] = "keyring"
    elif passphrase and passphrase.offered:
        note |= {"kind": "passphrase", "salt": random.token_hex(16), "cost": COST}
        key = _derived(note, passphrase.new())
    elif insecure:
        note |= {"kind": "file", "key": key.hex()}
    else:
        raise errors.NoSecretStorage(
            _("There is no safe place for the key of the local card: {reason}").format(reason=reason),
            hint=_(
                "unlock a keyring; or keep the key under a passphrase: --storage encrypted-file, or name its file with"
                " EMK_PASSPHRASE_FILE; or accept a plain file: --insecure-storage"
            ),
        )
    _write_note(directory, note)
    return key


def _in_keyring(note: dict[str, Any], secrets: Secrets | None, key: bytes) -> str | None:
    """Put the key there and read it back; None when it is there, else why not."""
    if secrets is None:
        return _("no keyring")
    try:
        secrets.set(_name(note), key.hex())
        # a keyring may take a secret without keeping it
        return None if secrets.get(_name(note)) == key.hex() else _("the keyring did not give back what was written")
    except errors.NoSecretStorage as cause:
        return cause.message


def _find(note: dict[str, Any], secrets: Secrets | None, passphrase: Passphrase | None) -> bytes:
    if note["kind"] == "passphrase":
        return _derived(note, (passphrase or Passphrase()).known())
    key_hex = note.get("key") if note["kind"] == "file" else secrets.get(_name(note)) if secrets else None
    if key_hex is None:
        message = _("The key of the local card is in a keyring that does not give it.")
        raise errors.NoSecretStorage(message, hint=_("unlock the keyring it was made with"))
    try:
        return bytes.fromhex(key_hex)
    except ValueError:
        raise errors.Storage(_("The key of the local card is damaged.")) from None


def _derived(note: dict[str, Any], passphrase: bytes) -> bytes:
    return scrypt(passphrase, salt=bytes.fromhex(note["salt"]), maxmem=2**27, dklen=32, **COST)


def _name(note: dict[str, Any]) -> str:
    """Two homes on one machine share a keyring."""
    return f"local-card-{note['id']}"


def _read_note(directory: Path) -> dict[str, Any] | None:
    try:
        note: dict[str, Any] = json.loads((directory / NOTE).read_text(encoding="utf-8"))
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
        raise errors.Storage(_("The note about the local card's key ({name}) is damaged.").format(name=NOTE)) from None
    return note


def _write_note(directory: Path, note: dict[str, Any]) -> None:
    handle = os.open(directory / f"{NOTE}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        json.dump(note, file)
        file.flush()
        # before its name is there: a note lost in a power cut is a card lost
        os.fsync(file.fileno())
    (directory / f"{NOTE}.new").replace(directory / NOTE)
