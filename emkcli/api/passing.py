"""Resources on their way through: each is read as far as its list and its date need, the rest stays the server's bytes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from emkcli import errors
from emkcli.api import mapping, models
from emkcli.api.bundles import Answer, Page, check, page_of
from emkcli.api.filters import CATEGORY_OF, DATES, kept, limited
from emkcli.api.filters import raw as looked_at
from emkcli.api.mapping import Scene, decode, text
from emkcli.api.ports import CardQuery
from emkcli.locale import _

_FIELDS = [("resourceType", Any, None), ("id", Any, None), ("category", msgspec.Raw, msgspec.Raw(b""))]
_HEAD: Any = msgspec.defstruct("_Head", [*_FIELDS, *((name, Any, None) for name in DATES)], gc=False)
_DECODER = msgspec.json.Decoder(_HEAD)


def passing(answer: Answer, query: CardQuery, media_type: str, fetched_at: str) -> Iterator[models.Raw]:
    """What the query asks for of one page, in its order. Most types say their list by their name or their category; what
    does not is looked at in full, with the rest of the page around it."""
    _check_encoding(answer.response.content)
    whole: Page | None = None
    made, everything, place = models.Raw, not limited(query), -1
    for entry in answer.bundle.entry or ():
        content = bytes(entry.resource)
        head = _head(content)
        kind = head.resourceType if type(head.resourceType) is str else text(head.resourceType)
        if kind is None or kind == "OperationOutcome":
            check(decode(content)) if kind else None
            continue
        place += 1
        category = _of_observation(bytes(head.category)) if kind == "Observation" else _of_type(kind)
        if category is None:
            whole = whole or page_of(answer, None)
            if found := looked_at(whole.matches[place], Scene(whole.graph), query, media_type, fetched_at):
                yield found
            continue
        date = _date(head)
        if everything or kept(kind, category or None, date, query):
            full_url = entry.fullUrl if type(entry.fullUrl) is str else None
            told = {"category": category or None, "type": kind, "full_url": full_url, "date": date}
            yield made(_key(kind, head.id, full_url, place), media_type, content, fetched_at, told)


def _check_encoding(content: bytes) -> None:
    """The decoder looks at the structure of what it cuts out, not at its letters."""
    try:
        content.decode()
    except UnicodeDecodeError:
        raise _unreadable() from None


def _unreadable() -> errors.BadResponse:
    return errors.BadResponse(_("The server sent a resource that cannot be read."))


def _head(content: bytes) -> Any:
    try:
        return _DECODER.decode(content)
    except (ValueError, RecursionError):
        raise _unreadable() from None


def _key(kind: str, given: Any, full_url: str | None, place: int) -> str:
    ident = given if type(given) is str and not given.isspace() else text(given)
    return f"{kind}/{ident}" if ident else full_url or f"{kind}/_{place + 1}"


def _date(head: Any) -> str | None:
    first = head.effectiveDateTime
    if type(first) is str and first and not first.isspace():
        return str(first)
    return mapping.when({name: getattr(head, name) for name in DATES}, *DATES)


@lru_cache(maxsize=256)
def _of_type(kind: str) -> str | None:
    """The list a type belongs to, empty for what is no record; None where the name alone does not tell."""
    if kind in mapping.LOOKED_AT:
        return None
    found = mapping.PLAIN.get(kind)
    return CATEGORY_OF[found] if found else ""


@lru_cache(maxsize=256)
def _of_observation(category: bytes) -> str | None:
    """The same for an Observation, by the category it states."""
    decided, found = mapping.stated_kind(decode(category)) if category else (False, None)
    if not decided:
        return None
    return CATEGORY_OF[found] if found else ""
