"""Bearer tokens as an auth flow: read late, refreshed once on a 401, never sent to another origin."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import httpx
from msgspec.structs import fields, replace

from emkcli import errors, interruption
from emkcli.locale import _
from emkcli.models import Tokens
from emkcli.security.redact import Learn, ignore


class TokenStore(Protocol):
    """Where a session's tokens live: what `connect(store=…)` takes from a script that keeps its own.

    Tokens without an access token (`Tokens(access_token="", refresh_token="…")`) are renewed before the first request. Every
    method but `lock` may raise `NoSecretStorage` (4) for a place that is locked or gone, and `Storage` (13).
    """

    writable: bool
    """False for a token that somebody else renews, such as a mounted file."""

    @property
    def source(self) -> str:
        """The kind of place, such as keyring; shown by `emk auth status`."""
        ...

    def load(self) -> Tokens | None:
        """The tokens, or None where nobody is logged in."""
        ...

    def begin(self, tokens: Tokens) -> None:
        """Keep the session of a login; what lies elsewhere is removed, or it would come back one day."""
        ...

    def save(self, tokens: Tokens) -> None:
        """Keep what a refresh brought, where the session lies."""
        ...

    def clear(self) -> None:
        """Forget the session, wherever it lies; nothing there is no error."""
        ...

    def lock(self) -> AbstractContextManager[object]:
        """Held while a refresh runs, so that parallel processes refresh once."""
        ...

    def probe(self) -> None:
        """Try the place out; raises before anything is spent on a secret that could not be kept."""
        ...


class InMemory:
    """A session that lives as long as the process; what `emkcli.api.connect` uses."""

    writable = True
    source = "memory"

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens = tokens
        self._lock = threading.RLock()

    def load(self) -> Tokens | None:
        return self._tokens

    def begin(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def save(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def clear(self) -> None:
        self._tokens = None

    def lock(self) -> AbstractContextManager[object]:
        return self._lock

    def probe(self) -> None:
        """Memory is always there."""


class Session:
    """The tokens of one profile: loaded on first use, refreshed under the store's lock.

    :param store: where they are kept.
    :param refresh: `Identity.refresh` of the backend.
    :param learn: is told every token, so that none is ever said.
    """

    def __init__(self, store: TokenStore, refresh: Callable[[str], Tokens], learn: Learn = ignore) -> None:
        self.store = store
        self._refresh = refresh
        self._learn = learn
        self._tokens: Tokens | None = None

    def begin(self, tokens: Tokens) -> None:
        """Keep the tokens of a login."""
        self._learn("", tokens.to_builtins())
        self.store.begin(tokens)
        self._tokens = tokens

    def tokens(self) -> Tokens:
        """The tokens in force.

        :raises LoginRequired: there are none (4).
        :raises SessionLost: there is only a refresh token, which is no longer good (4).
        :raises NoSecretStorage: the place they are in cannot be read (4).
        """
        self._tokens = self._tokens or self.stored()
        if self._tokens is None:
            raise errors.LoginRequired(_("Nobody is logged in."), hint="emk login")
        if not self._tokens.access_token:  # a refresh token alone
            self.renew("")
        return self._tokens

    def stored(self) -> Tokens | None:
        """The tokens as the store has them now, None where nobody is logged in."""
        tokens = self.store.load()
        self._learn("", tokens.to_builtins() if tokens else None)
        return tokens

    def patient(self) -> str | None:
        """Whose session it is: the person's id, when the server told."""
        return self.tokens().patient

    def renew(self, stale: str) -> str:
        """A fresh access token in place of `stale`; another process may have fetched it already.

        :param stale: the access token that the server refused.
        :raises SessionLost: the session has ended, or its tokens are renewed by somebody else (4).
        """
        with self.store.lock():
            current = self.stored()
            if current is None:
                raise self._lost()
            # while this process waited for the lock, another may have renewed; a refresh token is good once
            if current.access_token == stale:
                current = self._refreshed(current)
            self._tokens = current
            return current.access_token

    def forget(self) -> None:
        """Drop what is remembered, so that the next request reads the store again."""
        self._tokens = None

    def _refreshed(self, current: Tokens) -> Tokens:
        if current.refresh_token is None or not self.store.writable:
            raise self._lost()
        # into the same place once more: a full disk or a locked keyring is noticed before the refresh token is spent
        self.store.save(current)
        with interruption.deferred():  # once it is spent, the new one must be kept
            return self._spent(current, current.refresh_token)

    def _spent(self, current: Tokens, refresh_token: str) -> Tokens:
        try:
            fresh = self._refresh(refresh_token)
        except errors.SessionLost:
            # only what was refused goes: a login may have put a new session there meanwhile
            if self.store.load() == current:
                self.store.clear()
            raise self._lost() from None
        self._learn("", fresh.to_builtins())
        # what an answer leaves out stays in force: a refresh token that is not rotated, the patient, the scope
        merged = replace(current, **{"expires_in": None, "expires_at": None, **_non_defaults(fresh)})
        self.store.save(merged)
        return merged

    def _lost(self) -> errors.SessionLost:
        hint = "emk login" if self.store.writable else _("put a fresh token where this one came from")
        return errors.SessionLost(_("The session has ended."), hint=hint)


def _non_defaults(tokens: Tokens) -> dict[str, Any]:
    """What an answer named: every field that is not as it is by default."""
    values = ((field, getattr(tokens, field.name)) for field in fields(tokens))
    return {field.name: value for field, value in values if value != field.default}


class BearerAuth(httpx.Auth):
    """`Authorization: Bearer …`. With `optional` the request goes out without one where there is no session; only a
    server that asks for one then makes a keyring that cannot be read an error."""

    def __init__(self, session: Session, *, optional: bool = False) -> None:
        self._session = session
        self._optional = optional

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        try:
            access = self._session.tokens().access_token
        except (errors.LoginRequired, errors.NoSecretStorage) as missing:
            if not self._optional:
                raise
            response = yield request
            if response.status_code == 401 and isinstance(missing, errors.NoSecretStorage):
                raise
            return
        request.headers["Authorization"] = f"Bearer {access}"
        response = yield request
        if response.status_code == 401:
            # once: a server that refuses a fresh token too would have us renew for ever
            request.headers["Authorization"] = f"Bearer {self._session.renew(access)}"
            yield request
