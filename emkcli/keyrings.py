"""The OS keyring with a deadline on every call; what it cannot do safely is `NoSecretStorage`, with the ways out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from emkcli import errors
from emkcli.locale import _

T = TypeVar("T")
SECURE = tuple(f"keyring.backends.{name}" for name in ("macOS", "SecretService", "libsecret", "kwallet", "Windows"))


class Keyring:
    """The OS keyring with a deadline on every call; only backends of the operating system count."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout

    def get(self, service: str, user: str) -> str | None:
        secret: str | None = self._call(lambda backend: backend.get_password(service, user))
        return secret

    def set(self, service: str, user: str, secret: str) -> None:
        """Write and read back; a keyring that forgets is no keyring."""
        self._call(lambda backend: backend.set_password(service, user, secret))
        if self.get(service, user) != secret:
            raise _no_storage(_("the keyring did not give back what was written"))

    def delete(self, service: str, user: str) -> None:
        if self.get(service, user) is not None:
            self._call(lambda backend: backend.delete_password(service, user))

    def _call(self, action: Callable[[Any], T]) -> T:
        """Run in a thread that may be left behind: an unlock dialog nobody sees must not hang a script."""
        outcome: list[T] = []
        failure: list[BaseException] = []

        def work() -> None:
            try:
                outcome.append(action(_secure_backend()))
            except BaseException as cause:
                failure.append(cause)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(self._timeout)
        if thread.is_alive():
            raise _no_storage(_("the keyring did not answer; it is probably locked"))
        if failure:
            cause = failure[0]
            raise cause if isinstance(cause, errors.EmkError) else _no_storage(type(cause).__name__)
        return outcome[0]


@dataclass
class Secrets:
    """Named secrets other than a session, such as the key of the local card."""

    keyring: Keyring
    service: str = "emk:secrets"

    def get(self, name: str) -> str | None:
        return self.keyring.get(self.service, name)

    def set(self, name: str, value: str) -> None:
        self.keyring.set(self.service, name, value)

    def delete(self, name: str) -> None:
        self.keyring.delete(self.service, name)


class NoKeyring(Keyring):
    """`EMK_KEYRING=off` on a backend that accepts nothing else: said when a secret is asked for, not before."""

    def __init__(self) -> None:
        super().__init__(0)

    def _call(self, action: Callable[[Any], T]) -> T:
        raise _no_storage("EMK_KEYRING=off")


def _secure_backend() -> Any:
    import keyring
    from keyring.backends import chainer

    backend = keyring.get_keyring()
    candidates = list(backend.backends) if isinstance(backend, chainer.ChainerBackend) else [backend]
    for candidate in candidates:
        if type(candidate).__module__.startswith(SECURE):
            return candidate
    raise _no_storage(
        _("no keyring of the operating system ({backend})").format(
            backend=f"{type(backend).__module__}.{type(backend).__name__}"
        )
    )


def _no_storage(reason: str) -> errors.NoSecretStorage:
    return errors.NoSecretStorage(
        _("There is no safe place for a secret: {reason}.").format(reason=reason),
        hint=_(
            "unlock or install a keyring; or give a token by EMK_TOKEN_FILE; or accept a plain file with --insecure-storage"
        ),
    )
