"""Resources that came together, as columns: what is said of each by Python alone costs more than reading it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import compress, islice
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.fhir.placement import placements_by
from emkcli.models.content_account import Holdings

if TYPE_CHECKING:
    from emkcli.models import Raw

_SIZE = 200


@dataclass(slots=True)
class Batch:
    """Row by row: the bytes as sent, the type, the list it belongs to (empty for none), the date."""

    contents: list[bytes] = field(default_factory=list, repr=False)
    kinds: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    dates: list[str | None] = field(default_factory=list)

    def where(self, wanted: list[bool]) -> Batch:
        """The rows that are wanted."""
        if all(wanted):
            return self
        columns = (self.contents, self.kinds, self.categories, self.dates)
        return Batch(*(list(compress(column, wanted)) for column in columns))  # type: ignore[arg-type]


def count(holdings: Holdings, batch: Batch) -> None:
    """Add where everything in it is."""
    for row in zip(batch.kinds, batch.categories, batch.contents, strict=True):
        holdings.add(placements_by(*row))


def batched(resources: Iterator[Raw]) -> Iterator[Batch]:
    """Resources that come one by one; what was read before an error is not lost."""
    while True:
        batch = Batch()
        try:
            for raw in islice(resources, _SIZE):
                data = raw.data
                batch.contents.append(raw.content)
                batch.kinds.append(str(data.get("type") or raw.id.partition("/")[0]))
                batch.categories.append(str(data.get("category") or ""))
                batch.dates.append(data.get("date"))
        except errors.EmkError:
            yield batch
            raise
        if not batch.contents:
            return
        yield batch
