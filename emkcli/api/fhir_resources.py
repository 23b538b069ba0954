"""Every resource of a card as the bytes the server sent: `$everything`, or type by type where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from emkcli import errors
from emkcli.api import models
from emkcli.api.batches import Batch, batched
from emkcli.api.bundles import REFUSED, Page, Sender, answers, pages
from emkcli.api.fhir_searches import BY_TYPE, EVERYTHING, PAGE_SIZE, Search
from emkcli.api.filters import raw
from emkcli.api.mapping import Node, Scene
from emkcli.api.passing import Passing
from emkcli.api.ports import CardQuery
from emkcli.locale import _

MEDIA_TYPE = "application/fhir+json"


@dataclass(frozen=True)
class Whole:
    """The card of one patient; `patient_bytes` is the Patient itself."""

    wire: Sender
    base: str
    patient: str
    patient_bytes: bytes
    fetched_at: str

    def resources(self, query: CardQuery) -> Iterator[models.Raw]:
        """Everything once, in the server's order; what could not be read raises after the rest was yielded."""
        found = self._everything(query)
        if found is None:
            return self._by_type(query)
        return chain.from_iterable(page.raws(MEDIA_TYPE, self.fetched_at) for page in found)

    def batches(self, query: CardQuery) -> Iterator[Batch]:
        """The same, a page at a time."""
        found = self._everything(query)
        return batched(self._by_type(query)) if found is None else (page.batch() for page in found)

    def _everything(self, query: CardQuery) -> Iterator[Passing] | None:
        """The pages of `$everything`; None where the server has none."""
        path = f"{self.base}/Patient/{self.patient}/$everything"
        operation = answers(self.wire, path, [[("_count", PAGE_SIZE)], []])
        try:
            first = next(operation, None)
        except (*REFUSED, errors.ServerError) as cause:
            if cause.slug not in ("server_error", *(kind.slug for kind in REFUSED)):
                raise
            return None
        return (Passing(answer, query) for answer in (chain([first], operation) if first else ()))

    def _by_type(self, query: CardQuery) -> Iterator[models.Raw]:
        seen: set[str] = set()
        missing: list[dict[str, str]] = []
        for kind in EVERYTHING:
            try:
                yield from self._type(kind, query, seen)
            except (errors.LoginRequired, errors.Unreachable):
                raise
            except errors.EmkError as cause:
                missing.append({"what": kind, "why": cause.message})
        if missing:
            names = ", ".join(one["what"] for one in missing)
            raise errors.ServerError(
                _("Parts of the card could not be read: {names}.").format(names=names), details={"missing": missing}
            )

    def _type(self, kind: str, query: CardQuery, seen: set[str]) -> Iterator[models.Raw]:
        search = BY_TYPE.get(kind, Search(kind))
        found = pages(self.wire, f"{self.base}/{kind}", search.params(self.patient, []), kind, [self.patient_bytes])
        try:
            first = next(found, None)
        except REFUSED:
            return  # the server does not keep this type
        for page in chain([first] if first else [], found):
            for node in page.graph.nodes:
                if node.key not in seen and (one := self._raw(page, node, query)):
                    seen.add(node.key)
                    yield one

    def _raw(self, page: Page, node: Node, query: CardQuery) -> models.Raw | None:
        return raw(node, Scene(page.graph), query, MEDIA_TYPE, self.fetched_at)
