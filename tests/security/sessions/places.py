"""Every kind of place for a session, made the way the program makes it, and what other processes do to it."""

from __future__ import annotations

import os
import tempfile
from contextlib import closing
from pathlib import Path

from keyring.backends import SecretService

from emkcli.config.places import Places
from emkcli.config.settings import resolve_settings
from emkcli.models import Tokens
from emkcli.security.keyrings import Keyring, NoKeyring
from emkcli.security.passphrases import Passphrase
from emkcli.security.sessions import StoredSession, encrypted_file, store_for
from tests.security.keyrings import vault

REAL = "secret_service"
PLACES = (
    (REAL,)
    if "REAL_KEYRING" in os.environ
    else ("keyring", "encrypted_file", "plain_file", "mock_file", "mock_keyring")
)
"""With REAL_KEYRING the daemon on this D-Bus session, as tests/slow/test_keyring.py starts it."""
SETTINGS = {
    "keyring": {"storage": "keyring"},
    REAL: {"storage": "keyring"},
    "encrypted_file": {"storage": "encrypted-file"},
    "plain_file": {},
    "mock_file": {"keyring": "off"},
    "mock_keyring": {},
}
SOURCES = {REAL: "keyring", "mock_file": "plain_file", "mock_keyring": "keyring"}
COST = encrypted_file.COST
CHEAP = COST | {"n": 2**4, "p": 1}


def address(folder: Path) -> str:
    """One for each test: a real keyring outlives it."""
    return f"https://карта.example{folder}"


def place(kind: str, folder: Path, *, profile: str = "дом", writes: int | None = None) -> StoredSession:
    """As a process that has just started sees it; `writes` ends the process after so many to the vault."""
    if kind != REAL:
        vault.install(folder / "vault", writes)
    elif writes is not None:
        _die_after(writes)
    settings = resolve_settings({"profile": profile, **SETTINGS[kind]}, {}, {})
    secret = _passphrase_file(folder)
    made = store_for(
        settings,
        Places(folder, folder / "state", folder),
        {},
        address(folder),
        demo=kind.startswith("mock"),
        insecure=kind == "plain_file",
        keyring=NoKeyring() if settings.keyring == "off" else Keyring(settings.keyring_timeout),
        passphrase=Passphrase(str(secret)),
        notice=lambda _text: None,
    )
    assert isinstance(made, StoredSession)
    return made


def _passphrase_file(folder: Path) -> Path:
    """Private from the moment it is there: writers in threads and processes make it at once."""
    file = folder / "passphrase"
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as private:
        private.write("верная лошадь\n".encode())
    return Path(private.name).replace(file)


def _die_after(writes: int) -> None:
    """The same for the real daemon: the library is cut off after so many items."""
    write = SecretService.Keyring.set_password
    left = iter(range(writes))

    def counted(*arguments: str) -> None:
        if next(left, None) is None:
            os._exit(9)
        write(*arguments)  # type: ignore[arg-type]

    SecretService.Keyring.set_password = counted  # type: ignore[method-assign,assignment]


def items(kind: str, folder: Path) -> list[str]:
    """Names of what lies in the keyring."""
    if kind != REAL:
        return [*vault.Vault(folder / "vault").items()]
    import secretstorage

    with closing(secretstorage.dbus_init()) as bus:
        found = secretstorage.search_items(bus, {"service": f"emk:{address(folder)}"})
        return [item.get_label() for item in found]


def tokens(mark: str, length: int = 0) -> Tokens:
    return Tokens(access_token=mark * max(1, length // len(mark)), refresh_token=f"r-{mark}", patient=f"пациент {mark}")


def write_often(kind: str, folder: Path, mark: str, times: int, length: int) -> None:
    """A process that writes its own session again and again, and sees nothing but whole ones."""
    encrypted_file.COST = CHEAP
    one = place(kind, folder)
    for _time in range(times):
        one.save(tokens(mark, length))
        seen = one.load()
        assert seen is not None
        assert seen == tokens(seen.access_token[0], length), "a session of two halves"


def write_and_die(kind: str, folder: Path, mark: str, length: int, after: int) -> None:
    """A process that is killed in the middle of a write: after so many items, or before the file is moved in."""
    encrypted_file.COST = CHEAP
    one = place(kind, folder, writes=after)
    if kind not in {"keyring", "mock_keyring", REAL}:
        os.fsync = lambda _handle: os._exit(9)  # type: ignore[assignment]
    one.save(tokens(mark, length))
