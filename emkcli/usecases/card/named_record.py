"""A record by its id, or by the short one that a terminal shows, as long as it is the only one that may be meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from emkcli import errors, models
from emkcli.locale import _
from emkcli.models import CATEGORIES, short_ids

if TYPE_CHECKING:
    from emkcli.api.ports import Card

_SHORT = re.compile(r"[A-Za-z0-9.-]{4,64}(#[A-Za-z0-9-]+)?")


@runtime_checkable
class KnowsIds(Protocol):
    """A card on this machine, which need not make records to tell their ids."""

    def ids(self, person: str | None = None) -> Iterable[str]: ...


def named(card: Card, written: str, person: str | None) -> models.Model:
    """The record; `NotFound`, or `Usage` where several may be meant."""
    if not written.strip():
        raise errors.Usage(_("The id of a record is empty."))
    try:
        return card.record(written, person)
    except errors.NotFound:
        meant = _meant(card, written, person) if _SHORT.fullmatch(written) else []
        if not meant:
            raise
    if len(meant) > 1:
        raise short_ids.ambiguous(meant)
    return card.record(meant[0], person)


def _meant(card: Card, written: str, person: str | None) -> list[str]:
    ids = card.ids(person) if isinstance(card, KnowsIds) else _listed(card, person)
    return list(dict.fromkeys(ident for ident in ids if short_ids.is_meant(ident, written)))


def _listed(card: Any, person: str | None) -> Iterator[str]:
    """The ids of every list that the card has."""
    from emkcli.api.ports import CardQuery

    for category in CATEGORIES:
        try:
            for record in getattr(card, category)(CardQuery(person=person)):
                yield record.id
        except (errors.Unsupported, errors.NotFound):
            continue
