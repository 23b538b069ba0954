"""The JSON document around items: who is asked, whose data it is, when it was fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emkcli.models import Named
    from emkcli.presentation.render.context import Context
    from emkcli.presentation.render.flow import Flow
    from emkcli.presentation.render.shape import ItemDict

SCHEMA_VERSION = 1


def head(kind: str, context: Context, person: Named | None = None) -> dict[str, Any]:
    """The keys before the items."""
    person = person or context.person
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": kind,
        "backend": context.backend,
        "demo": context.demo,
        "profile": context.profile,
        "person": {"id": person.id, "name": person.name} if person else None,
    }


def tail(context: Context) -> dict[str, Any]:
    """The keys after the items; warnings are read as late as this."""
    return {"fetched_at": context.fetched_at, "warnings": list(context.warnings)}


def counts(flow: Flow) -> dict[str, Any]:
    return {"total": flow.total, "truncated": flow.truncated}


def single(kind: str, item: ItemDict, context: Context, *, dry_run: bool = False) -> dict[str, Any]:
    plan = {"dry_run": True} if dry_run else {}
    return head(kind, context) | {"item": item} | plan | tail(context)


def listing(kind: str, flow: Flow, context: Context) -> dict[str, Any]:
    """The whole document of a list in memory, for `--query`."""
    above = head(kind, context, flow.person)
    items = list(flow)
    return above | {"items": items} | counts(flow) | tail(context)
