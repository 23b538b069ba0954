"""Look through the whole card: the index of a local one, or one made in memory of a server's lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from emkcli import errors, models
from emkcli.locale import _
from emkcli.models import CATEGORIES
from emkcli.results import Listing, Outcome
from emkcli.usecases.card import records

if TYPE_CHECKING:
    from emkcli.api.ports import Card
    from emkcli.app import App
    from emkcli.localcard.search import Found, Query
    from emkcli.results import Value
    from emkcli.usecases.card.records import Wanted

    Dates = tuple[str | None, str | None]
    Look = Callable[[Query, str | None, Sequence[str], int, Dates], tuple[int, Iterable[Found]]]


def search(app: App, text: str, categories: Sequence[str], filters: Wanted) -> Value:
    """The best hits; lists of a server that could not be read are named, and then it ends with exit 12."""
    from emkcli.localcard import search

    query, names = search.parse(text), [records.known(name) for name in categories]
    card = records.opened(app)
    missing: list[str] = []
    look = getattr(card, "search", None) or _FetchedCard(app, card, names, missing).search
    total, matches = _hits(app, look, query, names, filters)
    listing = Listing(
        (search.hit(match, query) for match in matches),
        models.SearchHit,
        filters.limit,
        app.owner,
        total,
        exit_when_empty=3 if filters.exit_code else 0,
    )
    return Outcome(listing, 12) if missing else listing


def _hits(app: App, look: Look, query: Query, names: Sequence[str], filters: Wanted) -> tuple[int, Iterable[Found]]:
    """The hits of a clinic or a doctor are looked for among the best of their dates."""
    from emkcli.api.filters import wanted as is_wanted
    from emkcli.localcard.search.index import MOST_RANKED

    if filters.since == "last" and len(names) != 1:
        raise errors.Usage(_("--since last needs one --category: each list remembers its own time."))
    card_query = records.query(app, filters, *names[:1])
    if not (card_query.since or card_query.until or card_query.clinic or card_query.doctor):
        return look(query, app.settings.person, names, (filters.limit or 0) + 1, (None, None))
    total, matches = look(query, app.settings.person, names, MOST_RANKED, (card_query.since, card_query.until))
    if total > MOST_RANKED:
        app.notice(_("Only the best {count} of {total} were looked through.").format(count=MOST_RANKED, total=total))
    selected = [match for match in matches if is_wanted(match.record, card_query)]
    return len(selected), selected


class _FetchedCard:
    """A card that has no index of its own: its lists are read and indexed in memory, and forgotten again."""

    def __init__(self, app: App, card: Card, categories: Sequence[str], missing: list[str]) -> None:
        self._app, self._card, self._missing = app, card, missing
        self._names = categories or tuple(CATEGORIES)

    def search(
        self, query: Query, person: str | None, categories: Sequence[str], limit: int, dates: Dates
    ) -> tuple[int, Iterator[Found]]:
        from emkcli.localcard.search import Found, Index

        with self._app.progress(_("reading the card")) as tick:
            index = Index.in_memory(self._records(tick, person))
        total, rows = index.search(query, limit, dates=dates)
        return total, (Found(CATEGORIES[category].from_json(content), score) for category, content, score in rows)

    def _records(self, tick: Callable[[str], None], person: str | None) -> Iterator[tuple[str, str, str, bytes]]:
        from emkcli.api.filters import SearchRefused
        from emkcli.api.ports import CardQuery
        from emkcli.clinical.dates import sort_key
        from emkcli.views.columns import label

        failed: list[errors.EmkError] = []
        for category in self._names:
            tick(label(category))
            try:
                if failed and isinstance(failed[-1], errors.Unreachable):
                    raise failed[-1]
                for record in getattr(self._card, category)(CardQuery(person=person)):
                    yield record.id, category, sort_key(record.date), record.to_json()
            except errors.EmkError as cause:
                if isinstance(cause, errors.Unsupported) and not isinstance(cause, SearchRefused):
                    continue  # a server without such records lacks nothing
                failed.append(cause)
                self._note(category, cause)
        if failed and len(failed) == len(self._names):
            raise failed[0]

    def _note(self, category: str, cause: errors.EmkError) -> None:
        from emkcli.api.filters import ListIncomplete

        self._missing.append(category)
        is_begun = isinstance(cause, ListIncomplete)
        message = (
            _("Not looked through to the end: {list}. {why}") if is_begun else _("Not looked through: {list}. {why}")
        )
        self._app.notice(message.format(list=category, why=cause.message))
