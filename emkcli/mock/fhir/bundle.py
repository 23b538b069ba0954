"""Searchset Bundles put together from stored bytes, and the cursor that leads to the next page."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from emkcli.mock.fhir.failure import FhirError

CURSOR = "_cursor"
Params = list[tuple[str, str]]


_JSON = ("json", "application/json", "application/fhir+json", "application/json+fhir", "text/json")


def given(params: Params) -> Params:
    """The parameters, each with a value, and none that asks for another format than JSON.

    R4 lets a server pass over one without a value; it is refused here, as a mistake of who asks shows best that way.
    """
    for name, value in params:
        if not value.strip(", "):
            raise FhirError(400, "invalid", f"{name}: the parameter has no value")
        # a client that does not escape the plus sends a space
        if name == "_format" and value.partition(";")[0].strip().lower().replace(" ", "+") not in _JSON:
            raise FhirError(406, "not-supported", f"_format: {value!r} is not served; one of {', '.join(_JSON)}")
    return params


class Entry(NamedTuple):
    """One stored resource and why it is in the Bundle."""

    kind: str
    id: str
    json: bytes
    mode: str = "match"


class Cursor(NamedTuple):
    """The order it belongs to, where the page before ended in it, and the total the first page told (None: it told none)."""

    order: str
    keys: list[str | int]
    total: int | None

    def text(self) -> str:
        return urlsafe_b64encode(json.dumps(self, separators=(",", ":")).encode()).decode().rstrip("=")


def cursor(text: str) -> Cursor:
    try:
        order, keys, total = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (TypeError, ValueError):
        raise _foreign() from None
    if not (
        isinstance(order, str)
        and isinstance(keys, list)
        and all(map(_is_key, keys))
        and (total is None or _is_number(total))
    ):
        raise _foreign()
    return Cursor(order, keys, total)


def _is_key(value: object) -> bool:
    """What a column may hold: SQLite has 64 bits for a number, and an id or a moment has ASCII signs only."""
    return _is_number(value) or (isinstance(value, str) and value.isascii())


def _is_number(value: object) -> bool:
    """A count or a place; `true` is a number to Python only."""
    return type(value) is int and 0 <= value < 2**63


def _foreign() -> FhirError:
    return FhirError(400, "invalid", "the page cursor is not one of this server")


def bundle(
    address: str, base_url: str, params: Params, total: int | None, entries: bytes, after: Cursor | None
) -> bytes:
    """The JSON of a searchset of `joined` entries; `address` is the path searched, `after` where the next page starts.

    A total of None is not told.
    """
    plain = [param for param in params if param[0] != CURSOR]
    links = [_link("self", base_url, address, params)]
    if after:
        links.append(_link("next", base_url, address, [*plain, (CURSOR, after.text())]))
    head: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    head |= {} if total is None else {"total": total}
    start = json.dumps(head | {"link": links}, ensure_ascii=False, separators=(",", ":")).encode()[:-1]
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
