"""The mock on a free port of loopback, in threads of this process; each tenant is a mock of its own."""

from __future__ import annotations

import socket
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any

from emkcli.mock import schema
from emkcli.mock.application import open_mock
from emkcli.mock.patience import LIMITS, Patience
from emkcli.mock.serve import on_socket
from emkcli.mock.state import MEMORY
from emkcli.mock.tenants import PREFIX, Tenants

if TYPE_CHECKING:
    from types import TracebackType

MOST_TENANTS = 10_000
"""None is put out while a test has it."""


class MockServer:
    """`with MockServer() as server: server.url`; nothing of it is on the disk, and no other machine reaches it."""

    def __init__(self) -> None:
        import httpx
        from waitress.server import create_server  # type: ignore[import-untyped]

        opened = partial(open_mock, seed=1)
        self._tenants = Tenants(opened(MEMORY), opened, MOST_TENANTS)
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server: Any = create_server(
            on_socket(self._tenants), sockets=[self._socket], threads=4, ident="emk-mock", **LIMITS
        )
        Patience(self._server)
        self.http = httpx.Client(trust_env=False, timeout=30)
        """What the fixtures ask it with; one for all, since to begin one reads every authority of the system."""
        self._thread = Thread(target=self._server.run, name="emk-mock", daemon=True)
        self._thread.start()

    def address(self, tenant: str) -> str:
        """Where a tenant is; it begins to be with the first request."""
        return f"{self.url}{PREFIX}{tenant}"

    def keep_records(self, tenant: str, labs: int | None) -> None:
        """How many laboratory results a card has that is activated from now on; None for as many as the mock likes."""
        with self._tenants.in_use(tenant) as mock, mock.state.transaction() as db:
            if labs is None:
                db.execute("DELETE FROM settings WHERE name = 'records'")
            else:
                schema.put_setting(db, "records", labs)

    def close(self) -> None:
        """Closed by the thread that serves, since nobody else may touch what it waits for; no thread is left."""
        if not self._thread.is_alive():
            return
        self.http.close()
        self._server.trigger.pull_trigger(self._end)
        self._thread.join()
        self._tenants.close()

    def _end(self) -> None:
        from waitress import wasyncore  # type: ignore[import-untyped]

        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._server._map)

    def __enter__(self) -> MockServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
