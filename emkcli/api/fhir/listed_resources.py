"""Which resources the lists of a card gave records of: what is counted and was in no list is in no file of lists either."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from emkcli import errors
from emkcli.api.batches import Batch
from emkcli.fhir import Graph, Scene, contained, text
from emkcli.fhir.elements import decode
from emkcli.fhir.placement import inner_records, placements_by
from emkcli.locale import _
from emkcli.models import CATEGORY_OF, Missing, Model
from emkcli.models.content_account import Holdings, Placed, Placements

M = TypeVar("M", bound=Model)


class _Named(msgspec.Struct, gc=False):
    id: msgspec.Raw = msgspec.Raw(b"null")


_NAMED = msgspec.json.Decoder(_Named)


class ListedResources:
    """Is told of the lists of one card while they are read."""

    def __init__(self) -> None:
        # hashes alone: a hundred thousand of them take a few megabytes
        self._keys: dict[str, set[int]] = {}

    def noted(self, category: str, records: Iterable[M]) -> Iterator[M]:
        """The records of a list; their resources are remembered once it came to its end."""
        keys: set[int] = set()
        for record in records:
            keys.add(hash(contained.key_of_record(str(getattr(record, "id", "")))))
            yield record
        self._keys[category] = keys

    def counted_in(self, batches: Iterable[Batch]) -> Holdings:
        """Where everything in them is; what is of a list that was read, and was not in it, is unread."""
        holdings = Holdings()
        try:
            self._count(batches, holdings)
        except errors.EmkError as cause:
            parts = cause.details.get("missing") or [{"what": "card", "why": cause.message}]
            holdings.missing += [Missing(**part) for part in parts]
        return holdings

    def _count(self, batches: Iterable[Batch], holdings: Holdings) -> None:
        for batch in batches:
            for kind, category, content in zip(batch.kinds, batch.categories, batch.contents, strict=True):
                placements = placements_by(kind, category, content)
                if category in self._keys and not self._has(kind, content):
                    holdings.add(_unread(placements), _("the server has it, and no search found it"))
                elif lacking := self._lacking(content):
                    holdings.add(_without(placements, lacking), _("it stands inside another resource"))
                else:
                    holdings.add(placements)

    def _lacking(self, content: bytes) -> Counter[str]:
        """What stands inside a resource, is of a list that was read, and was not in it: how much of each type."""
        graph = Graph()
        node = graph.add(content) if self._keys else None
        inner = inner_records(node, Scene(graph, is_page=True)) if node else ()
        keys = {contained.key_of_record(record.id) for record in inner if CATEGORY_OF[type(record)] in self._keys}
        return Counter(key.partition("#")[2].partition("-")[0] for key in keys if not self._is_listed(key))

    def _has(self, kind: str, content: bytes) -> bool:
        """What has no id of its own cannot be looked for, and is taken to be there."""
        ident = text(decode(_NAMED.decode(content).id))
        return ident is None or self._is_listed(f"{kind}/{ident}")

    def _is_listed(self, key: str) -> bool:
        return any(hash(key) in keys for keys in self._keys.values())


def _unread(placements: Placements) -> Placements:
    moved: Counter[Placed] = Counter()
    for (what, place), count in placements.items():
        moved[Placed(what, "unread" if place in ("records", "other") else place)] += count
    return moved


def _without(placements: Placements, lacking: Counter[str]) -> Placements:
    """The same with so many of each type unread."""
    moved = Counter(placements)
    for (what, place), count in placements.items():
        if place in ("records", "other"):
            absent = min(count, lacking[what])
            lacking = lacking - Counter({what: absent})
            moved.update({Placed(what, place): -absent, Placed(what, "unread"): absent})
    return +moved
