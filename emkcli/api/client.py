"""The client: four ports, the session they share, and the wire under them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from emkcli.api.ports import Accounts, Card, Identity, Portal

if TYPE_CHECKING:
    from emkcli.api.auth import Session
    from emkcli.api.wire import Wire


class Kept(Protocol):
    """A copy of a server's card: the clock it goes by, and when it was made."""

    def now(self) -> datetime: ...

    def fetched_at(self, person: str | None = None) -> str | None: ...

    def gaps(self, person: str | None = None) -> str | None:
        """What the copy is known to lack, in words."""
        ...


@dataclass
class Client:
    """One implementation per port; a port the backend lacks is the abstract one, which raises `Unsupported`.

    `demo` is true for a mock: its data is invented and its tokens open nothing. `ready` raises when the backend lacks
    what it needs for anything at all, such as an organisation's credentials. `kept` is the copy that is read instead of
    a server.
    """

    accounts: Accounts = field(default_factory=Accounts)
    identity: Identity = field(default_factory=Identity)
    portal: Portal = field(default_factory=Portal)
    make_card: Callable[[], Card] = Card
    session: Session | None = None
    wire: Wire | None = None
    demo: bool = False
    ready: Callable[[], None] = lambda: None
    kept: Kept | None = None
    _closers: list[Callable[[], None]] = field(default_factory=list)

    @cached_property
    def card(self) -> Card:
        """Built when touched: most commands have nothing to do with the record."""
        return self.make_card()

    def can(self, operation: str) -> bool:
        """Whether this backend implements `port.operation`, such as `portal.attach`."""
        port_name, _, method = operation.partition(".")
        port = type(getattr(self, port_name))
        abstract = next(base for base in (Accounts, Identity, Portal, Card) if issubclass(port, base))
        return getattr(port, method) is not getattr(abstract, method)

    def on_close(self, closer: Callable[[], None]) -> None:
        self._closers.append(closer)

    def close(self) -> None:
        while self._closers:
            self._closers.pop()()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
