"""Look through the whole card: the index of a local one, or one made in memory of a server's lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from emkcli import errors, models
from emkcli.api.ports import Card, CardQuery
from emkcli.locale import _
from emkcli.models import CATEGORIES
from emkcli.results import Listing, Outcome
from emkcli.usecases.card import records

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.localcard.search import Found, Query
    from emkcli.results import Value
    from emkcli.usecases.card.records import Wanted

    Dates = tuple[str | None, str | None]
    Look = Callable[[Query, str | None, Sequence[str], int, Dates], tuple[int, Iterable[Found]]]


def search(app: App, text: str, categories: Sequence[str], among: Wanted) -> Value:
    """The best hits; lists of a server that could not be read are named, and then it ends with exit 12."""
    from emkcli.localcard import search

    wanted, names = search.parse(text), [records.known(name) for name in categories]
    card = records.opened(app)
    missing: list[str] = []
    look = getattr(card, "search", None) or _Fetched(app, card, names, missing).search
    total, found = _among(app, look, wanted, names, among)
    shown = Listing(
        (search.hit(one, wanted) for one in found),
        models.SearchHit,
        among.limit,
        app.whose,
        total,
        exit_when_empty=3 if among.exit_code else 0,
    )
    return Outcome(shown, 12) if missing else shown


def _among(app: App, look: Look, wanted: Query, names: Sequence[str], among: Wanted) -> tuple[int, Iterable[Found]]:
    """The hits of a clinic or a doctor are looked for among the best of their dates."""
    from emkcli.api.filters import wanted as is_wanted
    from emkcli.localcard.search.index import MOST_RANKED

    if among.since == "last" and len(names) != 1:
        raise errors.Usage(_("--since last needs one --category: each list remembers its own time."))
    query = records.query(app, among, *names[:1])
    if not (query.since or query.until or query.clinic or query.doctor):
        return look(wanted, app.settings.person, names, (among.limit or 0) + 1, (None, None))
    total, found = look(wanted, app.settings.person, names, MOST_RANKED, (query.since, query.until))
    if total > MOST_RANKED:
        app.notice(_("Only the best {count} of {total} were looked through.").format(count=MOST_RANKED, total=total))
    kept = [one for one in found if is_wanted(one.record, query)]
    return len(kept), kept


class _Fetched:
    """A card that has no index of its own: its lists are read and indexed in memory, and forgotten again."""

    def __init__(self, app: App, card: Card, categories: Sequence[str], missing: list[str]) -> None:
        self._app, self._card, self._missing = app, card, missing
        self._names = categories or tuple(CATEGORIES)

    def search(
        self, wanted: Query, person: str | None, categories: Sequence[str], limit: int, dates: Dates
    ) -> tuple[int, Iterator[Found]]:
        from emkcli.localcard.search import Found, Index

        with self._app.progress(_("reading the card")) as tick:
            index = Index.in_memory(self._records(tick, person))
        total, found = index.search(wanted, limit, dates=dates)
        return total, (Found(CATEGORIES[category].from_json(content), score) for category, content, score in found)

    def _records(self, tick: Callable[[str], None], person: str | None) -> Iterator[tuple[str, str, str, bytes]]:
        from emkcli.localcard.importer import moment

        failed: list[errors.EmkError] = []
        for category in self._names:
            tick(category)
            try:
                if failed and isinstance(failed[-1], errors.Unreachable):
                    raise failed[-1]
                for one in getattr(self._card, category)(CardQuery(person=person)):
                    yield one.id, category, moment(one.date), one.to_json()
            except errors.Unsupported:
                continue  # a server without such records lacks nothing
            except errors.EmkError as cause:
                failed.append(cause)
                self._note(category, cause)
        if failed and len(failed) == len(self._names):
            raise failed[0]

    def _note(self, category: str, cause: errors.EmkError) -> None:
        self._missing.append(category)
        told = _("Not looked through: {list}. {why}")
        self._app.notice(told.format(list=category, why=cause.message))
