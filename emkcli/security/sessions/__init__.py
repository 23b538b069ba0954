"""Where a session's tokens live, one file per kind of place; one session per profile and backend address.

A new session goes where `--storage`, `EMK_STORAGE` or the profile says, else where an encrypted one lies, else to the
keyring; to a plain file only by a login with `--insecure-storage`, where it stays until the next login. A real backend
without a keyring fails closed before anything is spent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from emkcli.config.places import Places
from emkcli.config.settings import Settings
from emkcli.security.keyrings import Keyring
from emkcli.security.passphrases import Passphrase
from emkcli.security.sessions.encrypted_file import EncryptedStore
from emkcli.security.sessions.given_token import GivenToken, given_token
from emkcli.security.sessions.keyring_item import KeyringStore
from emkcli.security.sessions.mock_session import MockStore
from emkcli.security.sessions.plain_file import PlainStore
from emkcli.security.sessions.stored_session import Place, StoredSession

Store = StoredSession | GivenToken
WAIT_BEYOND_A_REQUEST = 5.0


def store_for(
    settings: Settings,
    places: Places,
    environ: Mapping[str, str],
    address: str,
    *,
    demo: bool,
    insecure: bool,
    keyring: Keyring,
    passphrase: Passphrase,
    notice: Callable[[str], None],
) -> Store:
    """The place for this profile's session at `address`: `EMK_TOKEN_FILE` > `EMK_TOKEN` > the stored session."""
    if token := given_token(settings, environ):
        return token
    # an address is no file name; its hash keeps the sessions of two servers apart
    slot = hashlib.sha256(address.encode()).hexdigest()[:12]
    name = places.state / "sessions" / f"{settings.profile}-{slot}"
    plain = PlainStore(name.with_name(f"{name.name}.json"))
    encrypted = EncryptedStore(name.with_name(f"{name.name}.sealed"), passphrase, f"{settings.profile} {address}")
    ring = KeyringStore(keyring, f"emk:{address}", settings.profile)
    chosen: Place = ring
    if insecure:
        chosen = plain
    elif _encrypts(settings, encrypted):
        chosen = encrypted
    elif demo and settings.keyring != "required":
        chosen = MockStore(plain, None if settings.keyring == "off" else ring, notice)
    session_places: tuple[Place, ...] = (plain, encrypted, replace(ring, keyring=keyring.without_dialogs()))
    return StoredSession(
        # a session that lies in a plain file is in force there until the next login chooses anew
        plain if plain.path.exists() else chosen,
        session_places,
        name.with_name(f"{name.name}.lock"),
        settings.timeout + WAIT_BEYOND_A_REQUEST,
        chosen=chosen,
    )


def _encrypts(settings: Settings, encrypted: EncryptedStore) -> bool:
    """Whether a new session goes to the encrypted file: it was asked for, or nothing was and the last one is there."""
    if settings.origin("storage") == "default":
        return encrypted.path.exists()
    return settings.storage == "encrypted-file"
