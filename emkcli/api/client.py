"""The client: four ports, the session they share, and the wire under them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from emkcli import errors
from emkcli.api.ports import Accounts, Card, Identity, Portal
from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.api.auth import Session
    from emkcli.api.wire import Wire


class Kept(Protocol):
    """A copy of a server's card: the clock it goes by, and when it was made."""

    def now(self) -> datetime:
        """The time in Europe/Moscow, by the server's clock as it was at the last sync."""
        ...

    def fetched_at(self, person: str | None = None) -> str | None:
        """When that person's copy was made: ISO 8601 with offset, None for never."""
        ...

    def gaps(self, person: str | None = None) -> str | None:
        """What the copy is known to lack, in words for a person; None when it is whole."""
        ...


class Client:
    """One implementation per port; a port the backend lacks is the abstract one, which raises `Unsupported`.

    A client is for one session, and is closed after use: by `close`, or by a `with`.

    :param make_card: how `card` is built, at its first use.
    :param session: the tokens in force; None where the backend knows no login.
    :param wire: the HTTP connection; None where there is no server.
    """

    def __init__(
        self,
        *,
        accounts: Accounts | None = None,
        identity: Identity | None = None,
        portal: Portal | None = None,
        make_card: Callable[[], Card] = Card,
        session: Session | None = None,
        wire: Wire | None = None,
        demo: bool = False,
        ready: Callable[[], None] = lambda: None,
        kept: Kept | None = None,
    ) -> None:
        self.accounts = accounts or Accounts()
        """Open an account and confirm it."""
        self.identity = identity or Identity()
        """Log in and out. Gives tokens; to keep them is `session`'s work: `client.session.begin(tokens)`."""
        self.portal = portal or Portal()
        """Everything of the portal but the record."""
        self.make_card = make_card
        """How `card` is built, at its first use."""
        self.demo = demo
        """True for a mock: its people are invented, and its tokens open nothing."""
        self.ready = ready
        """Raises when the backend lacks what it needs for anything at all, such as an organisation's credentials."""
        self.kept = kept
        """The copy that is read instead of a server, if it is one."""
        self._session = session
        self._wire = wire
        self._closers: list[Callable[[], None]] = []

    @property
    def has_session(self) -> bool:
        """Whether the backend knows a login at all; whether somebody is logged in, `session.stored` tells."""
        return self._session is not None

    @property
    def session(self) -> Session:
        """The tokens in force.

        :raises Unsupported: the backend knows no login (11).
        """
        if self._session is None:
            raise errors.Unsupported(_("This backend has no session."))
        return self._session

    @property
    def has_wire(self) -> bool:
        """Whether there is a server behind it."""
        return self._wire is not None

    @property
    def wire(self) -> Wire:
        """The HTTP connection, for raw requests.

        :raises Unsupported: nothing is sent to any server here (11).
        """
        if self._wire is None:
            raise errors.Unsupported(_("This backend has no server."))
        return self._wire

    @cached_property
    def card(self) -> Card:
        """The medical record; built when touched, as most commands have nothing to do with it."""
        return self.make_card()

    def can(self, operation: str) -> bool:
        """Whether this backend implements an operation at all; what its server says to it is not asked.

        :param operation: the port and the operation, such as `portal.attach`.
        """
        port_name, _, method = operation.partition(".")
        port = type(getattr(self, port_name))
        abstract = next(base for base in (Accounts, Identity, Portal, Card) if issubclass(port, base))
        return getattr(port, method) is not getattr(abstract, method)

    def on_close(self, closer: Callable[[], None]) -> None:
        """Have something closed with the client; what came last is closed first."""
        self._closers.append(closer)

    def close(self) -> None:
        """Close connections and stores. Closing twice is no error."""
        while self._closers:
            self._closers.pop()()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
