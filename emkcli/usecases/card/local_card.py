"""Documents into the local card, and its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from emkcli import errors, models
from emkcli.locale import _, ngettext
from emkcli.results import Item, Listing, Outcome

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.importers.source_document import Parsed
    from emkcli.results import Value

TAKEN = {"added", "duplicate", "superseded"}


def bring_in(app: App, paths: Sequence[str], *, insecure: bool) -> Value:
    """Read documents into the local card: exit 12 when something of them could not be taken, 6 when all were somebody else's."""
    from emkcli import localcard

    app.allow_plain_file(insecure)
    cards = app.local_cards
    had_card = cards.has_imports()
    card = cards.open_imports(make=True)
    with app.progress(_("reading the documents")) as tick:
        results = list(_counted(localcard.ingest(card, _documents(app, paths), app.settings.person), tick))
    if not had_card and not any(result.status == "added" for result in results):
        cards.forget_empty(card)
    statuses = {result.status for result in results}
    if statuses == {"other_person"}:
        raise errors.OtherPerson(
            _("Not imported: every document belongs to somebody else."),
            hint=_("--person new opens a card for that person"),
            details={"files": [result.file for result in results]},
        )
    listing = Listing(results, models.ImportResult)
    is_whole = statuses <= TAKEN and not any(result.account.unread for result in results)
    return listing if is_whole else Outcome(listing, 12)


def _counted(results: Iterator[models.ImportResult], tick: Callable[[str], None]) -> Iterator[models.ImportResult]:
    for number, result in enumerate(results, 1):
        tick(ngettext("{count} document read", "{count} documents read", number).format(count=number))
        yield result


def _documents(app: App, paths: Sequence[str]) -> Iterator[Parsed]:
    from emkcli.importers import document_reader

    yield from document_reader.read_all(paths, app.binary_stdin())


def forget(app: App) -> Value:
    """Remove the local card and its key; a second time is no error."""
    return Item("local_card", {"removed": app.local_cards.forget()})
