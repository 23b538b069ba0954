"""Tenants: below `/t/NAME` a mock of its own, with a state, a clock and an inbox that nobody else's requests touch."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from emkcli.mock import control, problems, schema, state
from emkcli.mock.application import Mock, StartResponse, sent
from emkcli.mock.exchange import Reply, Request
from emkcli.mock.problems import Problem

PREFIX = "/t/"
MOST = 64
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
"""Lower case, as names of files are one on some systems; no dot and no slash, so that none leads out of the directory."""


class Tenants:
    """The mock at the root, and beside it at most `most` tenants, made on first use; the one idle longest goes first.

    A new one has the root's scenario and faults of that moment. `opened` makes the mock of a place: a file beside the root's
    state, or `:memory:`. Shared between threads.
    """

    def __init__(self, root: Mock, opened: Callable[[str | Path], Mock], most: int = MOST) -> None:
        self._root, self._opened, self._most = root, opened, most
        self._directory = None if root.state.place == state.MEMORY else Path(f"{root.state.place}.tenants")
        self._lock = Lock()
        self._mocks: OrderedDict[str, Mock | None] = OrderedDict((name, None) for name in self._kept())
        self._files: dict[str, tuple[int, int] | None] = {}
        self._busy: dict[str, int] = {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return self._root(environ | {"emk.tenants": ""}, start_response)
        name, slash, rest = path.removeprefix(PREFIX).partition("/")
        inside = environ | {"SCRIPT_NAME": f"{environ.get('SCRIPT_NAME', '')}{PREFIX}{name}", "PATH_INFO": slash + rest}
        inside["emk.tenants"] = f"{PREFIX}{name}"
        try:
            if not NAME.fullmatch(name):
                raise Problem("not_found", "tenant_name")
            if rest or slash:
                with self.in_use(name) as mock:
                    return mock(inside, start_response)
            reply = self._managed(Request(environ), name)
        except Problem as problem:
            reply = problems.render(problem, PREFIX, Request(environ).language, "")
        return sent(reply, start_response, with_body=environ["REQUEST_METHOD"] != "HEAD")

    def close(self) -> None:
        for mock in filter(None, self._mocks.values()):
            mock.close()
        self._root.close()

    def _managed(self, request: Request, name: str) -> Reply:
        """`DELETE /t/NAME` removes a tenant; only for who may use `/mock/*` too."""
        if request.method != "DELETE":
            raise Problem("not_found")
        control.check_control(request)
        with self._lock:
            if self._busy.get(name):
                raise Problem("conflict", "tenant_in_use")
            if name not in self._mocks:
                raise Problem("not_found", "no_tenant")
            self._remove(name)
        return Reply(204)

    @contextmanager
    def in_use(self, name: str) -> Iterator[Mock]:
        """The tenant's mock, which is not removed as long as a request is in it."""
        with self._lock:
            mock = self._found(name)
            self._busy[name] = self._busy.get(name, 0) + 1
        try:
            yield mock
        finally:
            with self._lock:
                self._busy[name] -= 1

    def _found(self, name: str) -> Mock:
        self._forget_moved(name)
        mock = self._mocks.get(name)
        if mock is None:
            place = self._place(name)
            is_new = name not in self._mocks and not (isinstance(place, Path) and place.exists())
            if name not in self._mocks:
                self._make_room()
            mock = self._mocks[name] = self._opened(place)
            self._files[name] = _file(place)
            if is_new:
                with mock.state.transaction() as db, self._root.state.transaction() as parent:
                    schema.inherit(db, parent)
        self._mocks.move_to_end(name)
        return mock

    def _forget_moved(self, name: str) -> None:
        """Another server on the same state may have removed a tenant: what is written into its old file is lost."""
        mock = self._mocks.get(name)
        if mock is None or self._files[name] == _file(self._place(name)):
            return
        if self._busy.get(name):
            raise Problem("busy", "tenant_in_use", status=503, headers={"Retry-After": "1"})
        mock.close()
        del self._mocks[name]

    def _make_room(self) -> None:
        while len(self._mocks) >= self._most:
            idle = next((name for name in self._mocks if not self._busy.get(name)), None)
            if idle is None:
                raise Problem("busy", "tenants_in_use", status=503)
            self._remove(idle)

    def _remove(self, name: str) -> None:
        if mock := self._mocks.pop(name):
            mock.close()
        self._busy.pop(name, None)
        if self._directory:
            for suffix in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    (self._directory / f"{name}.sqlite3{suffix}").unlink()

    def _place(self, name: str) -> str | Path:
        return self._directory / f"{name}.sqlite3" if self._directory else state.MEMORY

    def _kept(self) -> list[str]:
        """Tenants of a run before, the one idle longest first."""
        if self._directory is None or not self._directory.is_dir():
            return []
        files = [file for file in self._directory.glob("*.sqlite3") if NAME.fullmatch(file.stem)]
        return [file.stem for file in sorted(files, key=lambda file: file.stat().st_mtime)]


def _file(place: str | Path) -> tuple[int, int] | None:
    """Which file stands there; none in memory, or where there is none."""
    if not isinstance(place, Path):
        return None
    try:
        found = place.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
