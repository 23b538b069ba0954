"""The records that somebody chooses to open to a clinic, and what the clinic would read there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from emkcli.clinical.record_title import title
from emkcli.models import RecordPreview, RecordRef
from emkcli.usecases.card import named_record
from emkcli.usecases.card.records import Wanted, known, left_out, query

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.models import Model


class Selection(NamedTuple):
    """Each resource once, and each record: a resource may give several."""

    references: list[RecordRef]
    preview: list[RecordPreview]


def selected(app: App, categories: list[str], ids: list[str], since: str | None) -> Selection:
    """The records named and those of whole lists."""
    records = list(_records(app, categories, ids, since))
    references = {reference: RecordRef(id=reference, type=record.kind) for reference, record in records}
    preview = {shown.id: shown for shown in (_preview(record) for _reference, record in records)}
    return Selection(list(references.values()), list(preview.values()))


def _records(app: App, categories: list[str], ids: list[str], since: str | None) -> Iterator[tuple[str, Model]]:
    """Records with the ids that they are passed on by."""
    from emkcli.api.filters import asked_for

    card = app.client.card
    for record_id in ids:
        record = named_record.named(card, record_id, app.settings.person)
        yield str(record.to_builtins()["id"]).partition("#")[0], record
    for category in categories:
        wanted = query(app, Wanted(since=since), known(category))
        # what nobody chose is never opened to a clinic, whatever a backend sends
        for record in asked_for(getattr(card, category)(wanted), wanted, lambda count: app.notice(left_out(count))):
            yield record.id.partition("#")[0], record


def _preview(record: Model) -> RecordPreview:
    item = record.to_builtins()
    measured = " ".join(str(item[name]) for name in ("value", "unit") if item.get(name))
    return RecordPreview(
        id=item["id"],
        type=record.kind,
        date=item.get("date") or item.get("collected_at"),
        title=title(item),
        value=measured or None,
        flag=item.get("flag"),
        status=item.get("status"),
    )
