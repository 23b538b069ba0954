"""What the three ports share: documents as models, ids as parts of an address, lists page by page."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from emkcli import errors, models
from emkcli.api.documents import Document, about
from emkcli.api.page_walk import PageWalk, forgotten
from emkcli.api.ports import Items
from emkcli.api.wire import Wire
from emkcli.locale import _

M = TypeVar("M", bound=models.Model)
V1 = "/api/v1"


def quoted(identifier: str) -> str:
    """An id as one path segment, whatever a person typed; what would name the folder itself names nothing."""
    try:
        segment = quote(identifier, safe="")
    except UnicodeEncodeError:  # bytes of a line that are no UTF-8
        segment = ""
    if segment in {"", ".", ".."}:
        raise errors.NotFound(_("There is nothing with the id “{id}”.").format(id=identifier))
    return segment


def without_none(**params: str | None) -> dict[str, str]:
    return {name: value for name, value in params.items() if value is not None}


class _Page(msgspec.Struct):
    """One page of a list."""

    items: list[Any]
    person: models.Named | None = None
    total: int | None = None
    next: str | None = None


class Rest:
    """The base of the three ports: one document in, one model out, and lists page by page."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def _get(self, model: type[M], path: str, **params: str | None) -> M:
        return self._wire.document("GET", V1 + path, params=without_none(**params)).as_struct(model)

    def _change(self, model: type[M], method: str, path: str, body: Any = None, **params: str | None) -> M:
        return self._changed(method, path, body, **params).as_struct(model)

    def _changed(self, method: str, path: str, body: Any = None, **params: str | None) -> Document:
        return self._wire.document(
            method, V1 + path, json=body, params=without_none(**params), idempotency_key=secrets.token_hex(16)
        )

    def _list(self, model: type[M], path: str, **params: str | None) -> Items[M]:
        """The first page at once (so that errors come before any output), the others while they are read."""
        document = self._document(path, params, None)
        page = document.as_struct(_Page)
        return Items(self._stream(model, path, params, document), page.person, page.total)

    def _stream(self, model: type[M], path: str, params: dict[str, str | None], document: Document) -> Iterator[M]:
        walk = PageWalk()
        while True:
            page = document.as_struct(_Page)
            with about(document.request_id):
                walk.note(map(msgspec.json.encode, page.items), page.next or None)
            yield from (Document(item, document.request_id).as_struct(model) for item in page.items)
            if not page.next:
                return
            document = self._later(path, params, page.next)

    def _later(self, path: str, params: dict[str, str | None], cursor: str) -> Document:
        """A page after the first; that it is not found says nothing of what the list is about."""
        try:
            return self._document(path, params, cursor)
        except errors.NotFound as gone:
            raise forgotten(gone.request_id) from None

    def _document(self, path: str, params: dict[str, str | None], cursor: str | None) -> Document:
        return self._wire.document("GET", V1 + path, params=without_none(**params, cursor=cursor))
