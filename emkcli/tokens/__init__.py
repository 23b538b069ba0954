"""Where a session's tokens live, one file per kind of place; one session per profile and backend address.

An explicit choice (`--storage`, `--insecure-storage`, `EMK_STORAGE`, the profile) decides; without one a session stays
where it lies, and a new one goes to the keyring. A real backend without a keyring fails closed before anything is spent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from emkcli.config import Places, Settings
from emkcli.keyrings import Keyring
from emkcli.passphrases import Passphrase
from emkcli.tokens.encrypted import EncryptedStore
from emkcli.tokens.given import GivenToken, given_token
from emkcli.tokens.kept import Kept
from emkcli.tokens.mock import MockStore
from emkcli.tokens.place import Place
from emkcli.tokens.plain import PlainStore
from emkcli.tokens.ring import KeyringStore

Store = Kept | GivenToken
WAIT_BEYOND_A_REQUEST = 5.0


def store_for(
    settings: Settings,
    places: Places,
    environ: Mapping[str, str],
    address: str,
    *,
    demo: bool,
    keyring: Keyring,
    passphrase: Passphrase,
    notice: Callable[[str], None],
) -> Store:
    """The place for this profile's session at `address`: `EMK_TOKEN_FILE` > `EMK_TOKEN` > the stored session."""
    if given := given_token(settings, environ):
        return given
    slot = hashlib.sha256(address.encode()).hexdigest()[:12]
    name = places.state / "sessions" / f"{settings.profile}-{slot}"
    plain = PlainStore(name.with_name(f"{name.name}.json"))
    encrypted = EncryptedStore(name.with_name(f"{name.name}.sealed"), passphrase, f"{settings.profile} {address}")
    ring = KeyringStore(keyring, f"emk:{address}", settings.profile)
    chosen = _chosen(settings, plain, encrypted)
    if chosen is None:
        mocked = demo and settings.keyring != "required"
        chosen = MockStore(plain, None if settings.keyring == "off" else ring, notice) if mocked else ring
    others: tuple[Place, ...] = (plain, encrypted, replace(ring, keyring=keyring.without_dialogs()))
    lock_file = name.with_name(f"{name.name}.lock")
    return Kept(chosen, others, lock_file, settings.timeout + WAIT_BEYOND_A_REQUEST)


def _chosen(settings: Settings, plain: PlainStore, encrypted: EncryptedStore) -> Place | None:
    """The file asked for, or without a choice the one that is there; None for the keyring."""
    explicit = settings.origin("storage") != "default"
    for storage, place in (("plain-file", plain), ("encrypted-file", encrypted)):
        if settings.storage == storage if explicit else place.path.exists():
            return place
    return None
