"""Requests to a provider: one wire per origin, and never a bearer token on any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from emkcli import errors
from emkcli.api.wire import LOOPBACK, Wire, decoded
from emkcli.locale import _


class Reach:
    """`make` builds the wire to an origin; a provider may keep its endpoints on several."""

    def __init__(self, make: Callable[[str], Wire]) -> None:
        self._make = make
        self._wires: dict[str, Wire] = {}

    def wire(self, url: str) -> Wire:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._wires:
            self._wires[origin] = self._make(origin)
        return self._wires[origin]

    def document(self, url: str) -> dict[str, Any] | None:
        """The JSON object at an address; None when nothing is there."""
        try:
            answer = decoded(self.wire(url).send("GET", url, headers={"Accept": "application/json"}))
        except (errors.NotFound, errors.InvalidInput, errors.LoginRequired, errors.Forbidden):
            return None
        if not isinstance(answer, dict):
            raise errors.BadResponse(_("The answer does not fit its contract ({where}).").format(where="."))
        return answer

    def close(self) -> None:
        for wire in self._wires.values():
            wire.close()


def is_local(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK


def checked(name: str, url: object, *, local: bool) -> str:
    """An address a provider names: https, or plain http on this machine when the provider itself is there."""
    if isinstance(url, str) and url.isascii() and url.isprintable() and " " not in url:
        parts = _parts(url)
        plain = parts and parts.scheme == "http" and local and parts.hostname in LOOPBACK
        if parts and parts.hostname and not parts.fragment and (parts.scheme == "https" or plain):
            return url
    raise errors.BadResponse(_("The provider names an unsafe address ({name}).").format(name=name))


def _parts(url: str) -> Any:
    try:
        parts = urlsplit(url)
        return parts if parts.port is not None or parts.hostname else None
    except ValueError:
        return None


def with_query(url: str, query: Mapping[str, str]) -> str:
    from urllib.parse import urlencode

    return url + ("&" if urlsplit(url).query else "?") + urlencode(query)
