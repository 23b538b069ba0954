"""What the resources of a card refer to on their own server, found in their bytes: an export decodes none of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from emkcli.api.fhir.referenced import FILE, NAMED, key_of
from emkcli.api.fhir.tally import Tally

_REFERENCE = re.compile(rb'"reference"\s*:\s*"([^"]*)"')
_ADDRESS = re.compile(rb'"url"\s*:\s*"([^"]*Binary\\?/[^"]*)"')
_NOT_ASKED_FOR = frozenset({"Patient", "Group"})
"""Whose card it is was read to begin with, and another person is no part of it."""


class References:
    """Is told of the resources of one card page by page; `servers` are the addresses that it calls itself by."""

    def __init__(self, *servers: str) -> None:
        self._servers = {f"{server.rstrip('/')}/" for server in servers}
        self._keys: set[str] = set()

    def note(self, contents: Iterable[bytes], server: str | None = None) -> None:
        """What these refer to; `server` is where they said to be from."""
        self._servers.update({f"{server}/"} if server else ())
        for content in contents:
            self._keys.update(self._keys_in(content))

    def taken(self, tally: Tally) -> list[str]:
        """What is referred to and was on no page, as `Type/id`: names before everything else, and files, which are large,
        at the end. Each is given once."""
        keys, self._keys = self._keys, set()
        lacking = (key for key in keys if tally.lacks(tuple(key.split("/"))))
        return sorted(lacking, key=lambda key: (_kind(key) == FILE, _kind(key) not in NAMED, key))

    def _keys_in(self, content: bytes) -> Iterator[str]:
        # most resources have no file, and to look for its name is cheaper
        files = _ADDRESS.findall(content) if b"Binary" in content else ()
        for written in (*_REFERENCE.findall(content), *files):
            address = written.decode("utf-8", "replace").replace("\\/", "/")
            server = next(filter(address.startswith, self._servers), "")
            key = key_of(address, server)
            if key and _kind(key) not in _NOT_ASKED_FOR:
                yield key


def _kind(key: str) -> str:
    return key.partition("/")[0]
