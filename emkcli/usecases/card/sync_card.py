"""Bring a server's card into its local copy, for one person or for the family."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from emkcli import errors, models
from emkcli.locale import _
from emkcli.results import Listing, Outcome

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.results import Value

EVERYBODY = "all"


def bring(app: App, *, full: bool, if_changed: bool, insecure: bool) -> Value:
    """Sync and say what changed: exit 12 when some of it could not be read."""
    app.allow_plain_file(insecure)
    if app.settings.backend in {"mock", "http"}:
        app.session.tokens()
    app.local_cards.unlock()
    if app.settings.person == EVERYBODY:
        return _sync_everybody(app, full=full, if_changed=if_changed)
    result = _sync_person(app, _portal_person(app, app.settings.person), full=full)
    app.owner = result.person
    return _outcome([result], result, if_changed=if_changed)


def _sync_everybody(app: App, *, full: bool, if_changed: bool) -> Value:
    results = list(_sync_family(app, full=full))
    if not results:
        raise errors.NotActivated(_("Nobody's card can be read yet."), hint="emk status")
    reported = [result for result in results if not if_changed or _is_news(result)]
    return _outcome(results, Listing(reported, models.SyncResult), if_changed=if_changed)


def _outcome(results: list[models.SyncResult], value: Value, *, if_changed: bool) -> Value:
    if if_changed and not any(_is_news(result) for result in results):
        return None
    return value if all(result.complete for result in results) else Outcome(value, 12)


def _is_news(result: models.SyncResult) -> bool:
    return bool(result.added or result.changed or result.removed or not result.complete)


def _sync_family(app: App, *, full: bool) -> Iterator[models.SyncResult]:
    """Everybody whose card may be read; whose may not is said, and is no gap."""
    for person in app.client.portal.persons():
        try:
            yield _sync_person(app, person, full=full)
        except errors.Forbidden as refusal:
            app.notice(_("{name}: not synced. {why}").format(name=person.id, why=refusal.message))
        except (errors.Storage, errors.LoginRequired, errors.Unreachable):
            raise
        except errors.EmkError as cause:
            owner = models.Named(id=person.id, name=person.name)
            yield models.SyncResult(
                person=owner, complete=False, missing=[models.Missing(what="card", why=cause.message)]
            )


def _portal_person(app: App, ident: str | None) -> models.Person | None:
    """What the portal says of somebody else than oneself: until when the card may be read."""
    if ident is None or not app.client.can("portal.persons"):
        return None
    return next((person for person in app.client.portal.persons() if person.id == ident), None)


def _sync_person(app: App, person: models.Person | None, *, full: bool) -> models.SyncResult:
    from emkcli import localcard

    ident = person.id if person else app.settings.person
    try:
        changes = app.client.card.changes(ident)
        owner = person or app.client.card.person(ident)
    except errors.Forbidden:
        _note_clock(app)
        raise
    with app.local_cards.syncing() as mirror, app.progress(_("syncing")) as tick:
        mirror.hear(changes.now(), demo=app.client.demo)

        def tell(kind: str) -> None:
            tick(_("syncing: {what}").format(what=kind))

        result = localcard.sync(mirror, changes, owner, _profile(app, ident), full=full, tell=tell)
    for warning in result.warnings:
        app.notice(warning)
    return result


def _note_clock(app: App) -> None:
    """A refusal tells the server's time: what has ended there has ended here too."""
    if app.local_cards.has_mirror():
        app.local_cards.open_mirror().hear(app.now(), demo=app.client.demo)


def _profile(app: App, person: str | None) -> models.Profile | None:
    """Clinic and physician for the summary; without them the card is still whole."""
    try:
        return app.client.portal.profile(person=person)
    except errors.EmkError:
        return None
