"""The OS keyring with a deadline on every call; what it cannot do safely is `NoSecretStorage`, with the ways out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from emkcli import errors
from emkcli.locale import _
from emkcli.security.redact import Learn, ignore

T = TypeVar("T")
Refusal = Callable[[str], errors.NoSecretStorage]


class Keyring:
    """The OS keyring; `asks` says whether it may open a dialog. One that did not answer once is not asked again."""

    def __init__(self, timeout: float, *, asks: bool = True) -> None:
        self._timeout = timeout
        self._asks = asks
        self._silent = False

    def without_dialogs(self) -> Keyring:
        """The same for something that is not worth a question."""
        return Keyring(self._timeout, asks=False)

    def get(self, service: str, user: str) -> str | None:
        secret: str | None = self._call(lambda backend: backend.get_password(service, user), closed)
        return secret

    def set(self, service: str, user: str, secret: str) -> None:
        """Write and read back; a keyring that forgets is no keyring."""
        self._call(lambda backend: backend.set_password(service, user, secret), no_storage)
        if self.get(service, user) != secret:
            raise no_storage(_("the keyring did not give back what was written"))

    def delete(self, service: str, user: str) -> None:
        # the backends differ in what they raise for something that is not there
        if self.get(service, user) is not None:
            self._call(lambda backend: backend.delete_password(service, user), closed)

    def is_absent(self) -> bool:
        """Whether there is none at all here, rather than one that is locked, silent or broken."""
        from emkcli.security.keyrings import allowed_backends

        try:
            return not self._silent and not allowed_backends.secure()
        except allowed_backends.Unusable:
            return True

    def _call(self, action: Callable[[Any], T], refused: Refusal) -> T:
        """Run in a thread that may be left behind: an unlock dialog nobody sees must not hang a script."""
        outcome: list[T] = []
        failure: list[Exception] = []

        def work() -> None:
            try:
                outcome.append(action(self._backend()))
            except Exception as cause:
                failure.append(cause)

        if not self._silent:
            # daemon: a process that ends must not wait for a dialog either
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            thread.join(self._timeout)
            # remembered: each further call would wait as long again
            self._silent = thread.is_alive()
        if self._silent:
            raise refused(self._locked_probably())
        if failure:
            raise refused(_reason(failure[0])) from None
        return outcome[0]

    def _backend(self) -> Any:
        from emkcli.security.keyrings import allowed_backends

        backend = allowed_backends.secure()
        if not self._asks and (obstacle := allowed_backends.obstacle(backend)):
            raise allowed_backends.Unusable(obstacle)
        return backend

    def _locked_probably(self) -> str:
        message = _("the keyring did not answer within {seconds:g} s (EMK_KEYRING_TIMEOUT); it is probably locked")
        return message.format(seconds=self._timeout)


@dataclass
class Secrets:
    """Named secrets other than a session, such as the key of the local card."""

    keyring: Keyring
    learn: Learn = ignore
    service: str = "emk:secrets"

    def get(self, name: str) -> str | None:
        secret = self.keyring.get(self.service, name)
        self.learn("secret", secret)
        return secret

    def set(self, name: str, value: str) -> None:
        self.learn("secret", value)
        self.keyring.set(self.service, name, value)

    def delete(self, name: str) -> None:
        self.keyring.delete(self.service, name)


class NoKeyring(Keyring):
    """`EMK_KEYRING=off`: nothing is there, and nothing can be put there."""

    def __init__(self) -> None:
        super().__init__(0)

    def without_dialogs(self) -> Keyring:
        return self

    def get(self, service: str, user: str) -> str | None:
        return None

    def set(self, service: str, user: str, secret: str) -> None:
        raise no_storage("EMK_KEYRING=off")


def no_storage(reason: str) -> errors.NoSecretStorage:
    """A secret that is to be kept has no place."""
    return _refused(_("There is no safe place for a secret: {reason}.").format(reason=reason))


def closed(reason: str) -> errors.NoSecretStorage:
    """What may be in the keyring cannot be had."""
    return _refused(_("The keyring cannot be looked into: {reason}.").format(reason=reason))


def _refused(message: str) -> errors.NoSecretStorage:
    from emkcli.security.keyrings.surroundings import ways_out

    return errors.NoSecretStorage(message, hint=ways_out())


def _reason(cause: Exception) -> str:
    """Why a keyring failed, by the kind of error: its words may hold what was to be kept."""
    from emkcli.security.keyrings.allowed_backends import Unusable

    if isinstance(cause, Unusable):
        return str(cause)
    if type(cause).__name__ == "KeyringLocked":
        return _("the keyring is locked")
    return _("the keyring failed ({kind})").format(kind=type(cause).__name__)
