"""ESIA's REST interface: a person and what hangs on them, embedded or as addresses, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeGuard
from urllib.parse import quote

import msgspec

from emkcli import errors
from emkcli.api.documents import Document as Answer
from emkcli.api.documents import about
from emkcli.api.page_walk import PageWalk
from emkcli.api.wire import Wire
from emkcli.locale import _

Document = dict[str, Any]
PAGE = 50
COLLECTIONS = {"contacts": "ctts", "documents": "docs", "addresses": "addrs", "kids": "kids"}


class People:
    """Reads with the session's token; addresses of another origin are refused by the wire."""

    def __init__(self, wire: Wire, oid: Callable[[], str]) -> None:
        self._wire = wire
        self._oid = oid

    @property
    def oid(self) -> str:
        return self._oid()

    def person(self, *embedded: str) -> Document:
        """The person; `embedded` collections come along where the server does that."""
        return self._object(self._path(), _embed(*(f"{name}.elements" for name in embedded)))

    def kid(self, ident: str) -> Document:
        return self._object(f"{self._path()}/kids/{quote(ident, safe='')}")

    def elements(self, name: str, person: Document | None = None) -> Iterator[Document]:
        """Every element of a collection: what the person came with when that is all, else page by page."""
        collection = person.get(name) if person else None
        if _is_whole(collection):
            yield from map(self._resolved, collection["elements"])
        else:
            yield from self._pages(f"{self._path()}/{COLLECTIONS[name]}")

    def _pages(self, path: str) -> Iterator[Document]:
        count, index, walk = 0, 0, PageWalk()
        while True:
            answer = self._answer(path, _embed("elements") | {"pageIndex": str(index), "pageSize": str(PAGE)})
            with about(answer.request_id):
                page = answer.object()
                elements = page.get("elements")
                if not isinstance(elements, list):
                    raise _unfit("elements")
                count, index = count + len(elements), index + 1
                walk.note(map(msgspec.json.encode, elements), str(index))
                yield from map(self._resolved, elements)
                if _is_last(page, count):
                    return
                if not elements:
                    raise errors.BadResponse(
                        _("The server sends fewer elements than it names; the list would be incomplete.")
                    )

    def _resolved(self, element: Any) -> Document:
        """An element, fetched when it is only an address."""
        if isinstance(element, str):
            return self._object(element) | {"_address": element}
        if not isinstance(element, dict):
            raise _unfit("elements")
        return element

    def _object(self, path: str, params: dict[str, str] | None = None) -> Document:
        return self._answer(path, params).object()

    def _answer(self, path: str, params: dict[str, str] | None = None) -> Answer:
        return self._wire.document("GET", path if "://" in path or path.startswith("/") else f"/{path}", params=params)

    def _path(self) -> str:
        return f"/rs/prns/{self.oid}"


def _embed(*names: str) -> dict[str, str]:
    return {"embed": f"({','.join(names)})"} if names else {}


def _is_whole(collection: Any) -> TypeGuard[Document]:
    """Whether nothing is missing of a collection that came along, or odd in it."""
    elements, size = (collection.get(name) if isinstance(collection, dict) else None for name in ("elements", "size"))
    if not isinstance(elements, list) or not all(isinstance(element, str | dict) for element in elements):
        return False
    return not isinstance(size, int) or len(elements) >= size


def _is_last(page: Document, count: int) -> bool:
    facts = page.get("stateFacts")
    facts = facts if isinstance(facts, list) else []
    size = page.get("size")
    if isinstance(size, int) and not isinstance(size, bool):
        return count >= size
    return "LastPage" in facts or "Paginated" not in facts or not page["elements"]


def _unfit(where: str) -> errors.BadResponse:
    return errors.BadResponse(_("The answer does not fit its contract ({where}).").format(where=where))
