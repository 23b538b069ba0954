"""Pages as they were put together, kept as long as no record changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import sha256
from threading import Lock
from typing import NamedTuple

MOST = 16 * 1024 * 1024
"""Bytes of bodies that are kept; the page asked for longest ago goes first."""


class Page(NamedTuple):
    """A body, and what tells it from any other."""

    body: bytes
    tag: str


def digest(body: bytes) -> str:
    """The tag of what has no version of its own: the same for the same bytes only."""
    return sha256(body).hexdigest()[:24]


class Pages:
    """Shared between threads, and between states: no two have a version in common."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, Page] = OrderedDict()
        self._bytes = 0

    def page(self, key: Hashable, make: Callable[[], bytes]) -> Page:
        """The page of that key, made when there is none."""
        with self._lock:
            if page := self._kept.get(key):
                self._kept.move_to_end(key)
                return page
        body = make()
        page = Page(body, digest(body))
        with self._lock:
            self._keep(key, page)
        return page

    def _keep(self, key: Hashable, page: Page) -> None:
        if key not in self._kept:
            self._kept[key] = page
            self._bytes += len(page.body)
        while self._bytes > MOST:
            self._bytes -= len(self._kept.popitem(last=False)[1].body)
