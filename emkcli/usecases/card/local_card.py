"""Documents into the local card, and its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from emkcli import errors, models
from emkcli.locale import N_, _, ngettext
from emkcli.models.content_account import PLACES
from emkcli.results import Item, Listing, Outcome, Table
from emkcli.usecases import tab_values

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.importers.source_document import Parsed
    from emkcli.results import Value

TAKEN = {"added", "duplicate", "superseded"}


def bring_in(app: App, paths: Sequence[str], *, insecure: bool, explain: bool = False) -> Value:
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
    for result in results:
        for warning in result.warnings:
            app.notice(f"{result.file}: {warning}")
    statuses = {result.status for result in results}
    if statuses == {"other_person"}:
        raise errors.OtherPerson(
            _("Not imported: every document belongs to somebody else."),
            hint=_("--person new opens a card for that person"),
            details={"files": [result.file for result in results]},
        )
    is_text = not (app.keeps_notices or app.given.get("query") or app.given.get("fields"))
    listing = explained(results) if explain and is_text else Listing(results, models.ImportResult)
    if not explain and any(result.account.unread for result in results):
        app.notice(_("A part of this is in no list of the card. Where and why: emk card import --explain FILE"))
    is_whole = statuses <= TAKEN and not any(result.account.unread for result in results)
    return listing if is_whole else Outcome(listing, 12)


def explained(results: Sequence[models.ImportResult]) -> Table:
    """The account of each document, a line for each place, and for each kind of what is in none."""
    columns = ("file", ("place", N_("Place")), ("what", N_("What")), ("count", N_("Count")), "reason")
    return Table("import_result", columns, [row for result in results for row in _rows(result)])


def _rows(result: models.ImportResult) -> Iterator[dict[str, object]]:
    for place in PLACES[:-1]:
        if count := getattr(result.account, place):
            reason = result.reason if result.status == place else None
            yield {"file": result.file, "place": place, "what": None, "count": count, "reason": reason}
    for part in result.unread:
        row = {"place": "unread", "what": part.what, "count": part.count, "reason": part.reason}
        yield {"file": part.where or result.file, **row}
    if not result.account.total:
        yield {"file": result.file, "place": None, "what": None, "count": 0, "reason": result.reason}


def _counted(results: Iterator[models.ImportResult], tick: Callable[[str], None]) -> Iterator[models.ImportResult]:
    for number, result in enumerate(results, 1):
        tick(ngettext("{count} document read", "{count} documents read", number).format(count=number))
        yield result


def _documents(app: App, paths: Sequence[str]) -> Iterator[Parsed]:
    from emkcli.importers import document_reader

    yield from document_reader.read_all(paths, app.binary_stdin())


def forget(app: App) -> Value:
    """Remove the local card, its key and what Tab offered of it; a second time is no error."""
    tab_values.forget(app)
    return Item("local_card", {"removed": app.local_cards.forget()})
