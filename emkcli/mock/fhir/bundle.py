"""Searchset Bundles put together from stored bytes, and the cursor that leads to the next page."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlencode

from emkcli.mock.fhir.failure import FhirError

CURSOR = "_cursor"
Params = list[tuple[str, str]]


class Entry(NamedTuple):
    """One stored resource and why it is in the Bundle."""

    kind: str
    id: str
    json: bytes
    mode: str = "match"


class Cursor(NamedTuple):
    """Where the page before ended (sort key, then a unique one) and the total the first page told."""

    key: str | int
    tie: str | int
    total: int

    def text(self) -> str:
        return urlsafe_b64encode(json.dumps(self, separators=(",", ":")).encode()).decode().rstrip("=")


def cursor(text: str) -> Cursor:
    try:
        key, tie, total = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        raise FhirError(400, "invalid", "the page cursor is not one of this server") from None
    if not (isinstance(key, str | int) and isinstance(tie, str | int) and isinstance(total, int)):
        raise FhirError(400, "invalid", "the page cursor is not one of this server")
    return Cursor(key, tie, total)


def bundle(address: str, base_url: str, params: Params, total: int, entries: bytes, after: Cursor | None) -> bytes:
    """The JSON of a searchset of `joined` entries; `address` is the path searched, `after` where the next page starts."""
    plain = [param for param in params if param[0] != CURSOR]
    links = [_link("self", base_url, address, params)]
    if after:
        links.append(_link("next", base_url, address, [*plain, (CURSOR, after.text())]))
    head = {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links}
    start = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()[:-1]
    return b"".join((start, b',"entry":[', entries, b"]}") if entries else (start, b"}"))


def _link(relation: str, base_url: str, address: str, params: Params) -> dict[str, str]:
    query = f"?{urlencode(params)}" if params else ""
    return {"relation": relation, "url": f"{base_url}/{address}{query}"}


def joined(entries: Iterable[Entry], base_url: str) -> bytes:
    """Entries as they stand in a Bundle, of any kinds and for any reason."""
    return b",".join(
        b"".join((opening(base_url, entry.kind), entry.id.encode(), RESOURCE, entry.json, closing(entry.mode)))
        for entry in entries
    )


# What stands around the id and the stored bytes of one resource.
RESOURCE = b'","resource":'


def opening(base_url: str, kind: str) -> bytes:
    return b'{"fullUrl":' + json.dumps(f"{base_url}/{kind}/").encode()[:-1]


def closing(mode: str) -> bytes:
    return b',"search":{"mode":"' + mode.encode() + b'"}}'
