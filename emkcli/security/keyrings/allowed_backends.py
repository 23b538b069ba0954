"""Which of the `keyring` library's backends count as safe, and whether one would open a dialog."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import Any

from emkcli.locale import _

OF_THE_SYSTEM = {"macOS", "SecretService", "libsecret", "kwallet", "Windows"}


class Unusable(Exception):
    """Why there is no keyring to use."""


def secure() -> Any:
    """The backend in use if it is one of the operating system's own; a plain file that calls itself a keyring is not."""
    import keyring
    from keyring.backends import chainer

    backend = keyring.get_keyring()
    # the chainer would ask a backend that is a plain file as well
    candidates = list(backend.backends) if isinstance(backend, chainer.ChainerBackend) else [backend]
    for candidate in candidates:
        if _kind(candidate):
            return candidate
    name = f"{type(backend).__module__}.{type(backend).__name__}"
    raise Unusable(_("no keyring of the operating system ({backend})").format(backend=name))


def obstacle(backend: Any) -> str | None:
    """Why this backend would ask a person before it answers; None when it answers by itself."""
    kind = _kind(backend)
    if kind in {"SecretService", "libsecret"}:
        return _secret_service(getattr(backend, "preferred_collection", None))
    if kind == "kwallet":
        return _kwallet(backend)
    if kind == "macOS":
        _forbid_dialogs_of_macos()
    return None


def _kind(backend: Any) -> str | None:
    # by name: comparing classes would mean importing every backend there is
    package, _dot, name = type(backend).__module__.rpartition(".")
    return name if package == "keyring.backends" and name in OF_THE_SYSTEM else None


def _secret_service(path: str | None) -> str | None:
    """The library unlocks and even makes a collection by itself, so both are looked at before."""
    import secretstorage

    with closing(secretstorage.dbus_init()) as bus:
        try:
            collection = secretstorage.Collection(bus, path) if path else secretstorage.Collection(bus)
            return _locked() if collection.is_locked() else None
        except secretstorage.ItemNotFoundException:
            return _("there is no keyring yet, and making one asks for its password")


def _kwallet(backend: Any) -> str | None:
    # the module that the backend itself imported: it comes from the system and has no types
    dbus: Any = sys.modules[type(backend).__module__].dbus
    wallets = dbus.Interface(dbus.SessionBus().get_object(backend.bus_name, backend.object_path), "org.kde.KWallet")
    return None if wallets.isOpen(wallets.networkWallet()) else _locked()


def _forbid_dialogs_of_macos() -> None:
    """From now on a locked keychain is an error of this process rather than a dialog."""
    from ctypes import CDLL, util

    if security := util.find_library("Security"):
        CDLL(security).SecKeychainSetUserInteractionAllowed(False)


def _locked() -> str:
    return _("the keyring is locked, and nobody may be asked to unlock it")
