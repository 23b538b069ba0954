"""What the three ports share: documents as models, ids as parts of an address, lists page by page."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from msgspec.structs import fields

from emkcli import errors, models
from emkcli.api.page_walk import PageWalk
from emkcli.api.ports import Items
from emkcli.api.wire import Wire
from emkcli.locale import _

M = TypeVar("M", bound=models.Model)
V1 = "/api/v1"


def parsed(model: type[M], document: Any) -> M:
    """A document as its model; `BadResponse` names the fields that do not fit, never their values."""
    try:
        return model.from_builtins(document)
    except msgspec.ValidationError:
        where = ", ".join(sorted(_misfits(model, document)))
        raise errors.BadResponse(
            _("The answer does not fit its contract ({where}).").format(where=where), hint=_("retry later")
        ) from None


def _misfits(model: type[models.Model], document: Any) -> Iterator[str]:
    """Every field of a document that does not fit, where msgspec would name the first."""
    if not isinstance(document, dict):
        yield "."
        return
    for field in fields(model):
        if field.encode_name not in document:
            if field.required:
                yield field.encode_name
            continue
        try:
            msgspec.convert(document[field.encode_name], field.type, strict=False)
        except msgspec.ValidationError as cause:
            yield f"{field.encode_name}{_below(str(cause))}"


def _below(message: str) -> str:
    """Where inside a field, dotted; msgspec says: … missing required field `id` - at `$[0].clinic`."""
    missing, place = re.search(r"required field `([^`]+)`", message), re.search(r"at `\$([^`]*)`", message)
    inside = re.sub(r"\[(\d+)\]", r".\1", place[1]) if place else ""
    return f"{inside}.{missing[1]}" if missing else inside


def quoted(identifier: str) -> str:
    """An id as one path segment, whatever a person typed; what would name the folder itself names nothing."""
    if identifier in {"", ".", ".."}:
        raise errors.NotFound(_("There is nothing with the id “{id}”.").format(id=identifier))
    return quote(identifier, safe="")


def without_none(**params: str | None) -> dict[str, str]:
    return {name: value for name, value in params.items() if value is not None}


class Rest:
    """The base of the three ports: one document in, one model out, and lists page by page."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def _get(self, model: type[M], path: str, **params: str | None) -> M:
        return parsed(model, self._wire.json("GET", V1 + path, params=without_none(**params)))

    def _change(self, model: type[M], method: str, path: str, body: Any = None, **params: str | None) -> M:
        document = self._wire.json(
            method, V1 + path, json=body, params=without_none(**params), idempotency_key=secrets.token_hex(16)
        )
        return parsed(model, document)

    def _list(self, model: type[M], path: str, **params: str | None) -> Items[M]:
        """The first page at once (so that errors come before any output), the others while they are read."""
        first = self._page(path, params, None)
        person = first.get("person")
        return Items(
            stream=self._stream(model, path, params, first),
            person=parsed(models.Named, person) if person else None,
            total=first.get("total"),
        )

    def _stream(self, model: type[M], path: str, params: dict[str, str | None], page: dict[str, Any]) -> Iterator[M]:
        walk = PageWalk()
        while True:
            cursor = page.get("next") or None
            walk.note(map(msgspec.json.encode, page["items"]), cursor)
            yield from (parsed(model, item) for item in page["items"])
            if cursor is None:
                return
            page = self._page(path, params, cursor)

    def _page(self, path: str, params: dict[str, str | None], cursor: str | None) -> dict[str, Any]:
        document = self._wire.json("GET", V1 + path, params=without_none(**params, cursor=cursor))
        if not isinstance(document, dict) or not isinstance(document.get("items"), list):
            raise errors.BadResponse(_("The answer does not fit its contract ({where}).").format(where="items"))
        return document
