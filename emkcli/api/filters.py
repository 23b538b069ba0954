"""Which records of a card a query asks for; the same for a server's card and the local one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from emkcli import errors, fhir, models
from emkcli.api.ports import CardQuery
from emkcli.clinical.dates import order, within
from emkcli.fhir import Node, Resource, Scene
from emkcli.fhir.resource_types import DATES
from emkcli.locale import _
from emkcli.models import CATEGORY_OF

R = TypeVar("R")
SUPPORTING = frozenset(
    {"Patient", "Organization", "Practitioner", "PractitionerRole", "Location", "Medication", "RelatedPerson", "Device"}
)
"""Resources that records refer to: they are never left out."""


class ChangesUnknown(errors.Unsupported):
    """The source cannot tell what was changed since a moment (11); everything, or nothing, would be a wrong answer."""

    def __init__(self) -> None:
        message = _("This server does not tell what was changed since a given moment.")
        super().__init__(message, hint=_("export everything, without --since last"))


class ListIncomplete(errors.BadResponse):
    """Raised after the last item: what came is good, and it is not all there is (8; a list that is shown ends with 12)."""

    def __init__(self, gaps: list[str]) -> None:
        super().__init__(_("The list is incomplete: {why}").format(why="; ".join(dict.fromkeys(gaps))))


class NotKept(errors.Unsupported):
    """The server has no resources of a type (11): nothing is lacking."""

    def __init__(self, kind: str) -> None:
        super().__init__(_("This server keeps no such records ({type}).").format(type=kind))


class SearchRefused(errors.Unsupported):
    """The server has a type and does not let it be searched (11): what there is of it is lacking."""

    def __init__(self, kind: str, cause: errors.EmkError) -> None:
        message = _("The server refused the search for {type}: {why}")
        super().__init__(message.format(type=kind, why=cause.message), request_id=cause.request_id)


def changed(resource: Resource, query: CardQuery) -> bool:
    """Whether a resource was written or changed at the moment asked for or later. The server was asked for those only,
    but some take no notice of it."""
    if query.updated_since is None:
        return True
    updated = fhir.text(resource, "meta", "lastUpdated")
    if updated is None:
        raise ChangesUnknown
    return order(updated) >= order(query.updated_since)


def wanted(record: Any, query: CardQuery) -> bool:
    """Whether a record lies in the query's days (Europe/Moscow, both included) and is of its clinic and doctor."""
    return within(record.date, query.since, query.until) and of(record, query)


def asked_for(records: Iterable[R], query: CardQuery, left_out: Callable[[int], None]) -> Iterator[R]:
    """The records of a list that the query asks for. A backend that is a package of somebody else's may take no notice of a
    day; how many came beside is told once the list was read to its end, and not at all where there was none."""
    beside = 0
    for record in records:
        if wanted(record, query):
            yield record
        else:
            beside += 1
    if beside:
        left_out(beside)


def of(record: Any, query: CardQuery) -> bool:
    """Whether a record is of the query's clinic and doctor; one that names none is of no clinic that is asked for."""
    return _is_of(getattr(record, "clinic", None), query.clinic) and _is_of(
        getattr(record, "doctor", None), query.doctor
    )


def _is_of(named: models.Named | None, term: str | None) -> bool:
    """By id, or by a part of the name."""
    if term is None:
        return True
    return named is not None and (named.id == term or term.casefold() in named.name.casefold())


def limited(query: CardQuery) -> bool:
    """Whether a query may leave out any resource of the card."""
    return bool(query.since or query.until or categories(query))


def categories(query: CardQuery) -> frozenset[str]:
    """The lists a query is limited to (`extra["categories"]`, comma separated); empty means all."""
    return frozenset(filter(None, query.extra.get("categories", "").split(",")))


def raw(node: Node, scene: Scene, query: CardQuery, media_type: str, fetched_at: str | None) -> models.Raw | None:
    """A resource as it was sent with the list it belongs to in `data`, or None when the query does not ask for it."""
    resource = scene.graph.resource(node)
    kind = fhir.kind_of(node, scene)
    category = CATEGORY_OF.get(kind) if kind else None
    date = dated(resource)
    if not kept(node.type, category, date, query) or not (node.type in SUPPORTING or changed(resource, query)):
        return None
    return models.Raw(
        id=node.key,
        media_type=media_type,
        content=bytes(node.content),
        fetched_at=fetched_at,
        data={"category": category, "type": node.type, "full_url": node.full_url, "date": date},
    )


_PARTS: dict[str, set[tuple[str, str | None]]] = {
    "labs": {("DiagnosticReport", None), ("Specimen", None)},
    "documents": {("Composition", None), ("Binary", None)},
    "visits": {("Condition", "diagnoses")},
    "prevention": {("CarePlan", "other")},
}
"""List → what completes its records: a type, and the list of its own that it may belong to. A report with a list of its
own, an X-ray, is no part of the laboratory's."""


def dated(resource: Resource) -> str | None:
    """The date of a resource of any type."""
    return fhir.when(resource, *DATES)


def kept(kind: str, category: str | None, date: str | None, query: CardQuery) -> bool:
    """Whether a query asks for a resource; what has no date, and what completes a record of an asked list, stays."""
    if kind in SUPPORTING:
        return True
    requested = categories(query)
    if (
        requested
        and category not in requested
        and not any((kind, category) in _PARTS.get(name, ()) for name in requested)
    ):
        return False
    return date is None or within(date, query.since, query.until)
