"""The card out: to files, to a storage, or to standard output; everything, or what is new since the last time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.journey import reading
from emkcli.journey.reading import Wanted
from emkcli.locale import _
from emkcli.results import Outcome

if TYPE_CHECKING:
    from emkcli.api.ports import CardQuery
    from emkcli.app import App
    from emkcli.exporters.already_exported import Fresh
    from emkcli.marks import Mark
    from emkcli.results import Value

OVERLAP = timedelta(minutes=1)
"""A server may show a record a little later than the moment it writes on it."""


@dataclass(frozen=True)
class Order:
    """What to write, and where to."""

    form: str
    to: str
    categories: Sequence[str] = ()
    since: str | None = None
    dialect: str = "rfc4180"
    preset: str | None = None
    encrypt: Sequence[str] = ()
    force: bool = False


def export(app: App, order: Order) -> Value:
    """Write the card; whatever could not be written is named, and ends with exit 12."""
    from emkcli.exporters.export import check, export_card
    from emkcli.exporters.targets import age_encryption

    check(order.form, order.to, order.preset)
    seal = age_encryption.seal(order.encrypt, lambda: _passphrase(app))
    source = reading.card(app)
    reading.whose(app, source)
    mark, began = _mark(app, order), app.now()
    wanted, fresh = _wanted(app, order, mark)
    with telling(app, to_stdout=order.to == "-") as tell:
        result = export_card(
            source,
            wanted,
            order.form,
            order.to,
            categories=order.categories,
            force=order.force,
            dialect=order.dialect,
            preset=order.preset,
            stdout=app.binary_stdout(),
            seal=seal,
            fresh=fresh,
            envelope=envelope(app),
            tell=tell,
        )
    if result.complete and order.since in (None, "last"):
        app.after_output(lambda: _remember(mark, began, fresh, needed=order.since == "last"))
    shown = None if order.to == "-" else result
    return shown if result.complete else Outcome(shown, 12)


@contextmanager
def telling(app: App, *, to_stdout: bool) -> Iterator[Callable[[int], None]]:
    """How many records were read, on stderr; not where the card itself scrolls over the same terminal."""
    if to_stdout and app.stdout.isatty():
        yield lambda count: None
        return
    with app.progress(_("reading the card")) as tick:
        yield lambda count: tick(_("reading the card: {count}").format(count=count))


def envelope(app: App) -> dict[str, object]:
    """What every exported document says about its origin."""
    whose = app.whose
    return {
        "backend": app.settings.backend,
        "demo": app.client.demo,
        "profile": app.settings.profile,
        "person": whose.model_dump() if whose else None,
        "fetched_at": app.fetched_at(),
    }


def _wanted(app: App, order: Order, mark: Mark) -> tuple[CardQuery, Fresh]:
    """The query, and what the last export of this kind had already."""
    from emkcli.exporters.already_exported import Fresh

    if order.since != "last":
        return reading.query(app, Wanted(since=order.since)), Fresh()
    whole, last = reading.query(app, Wanted()), _last(mark)
    if last is None:
        app.notice(_("No export of this kind was finished before: everything is exported."))
        return whole, Fresh()
    at = last if app.settings.backend == "local" else last - OVERLAP
    return replace(whole, updated_since=at.isoformat(timespec="seconds")), Fresh(mark.fields.get("ids") or ())


def _mark(app: App, order: Order) -> Mark:
    """One mark for each person, format, kind of target and choice of lists."""
    from emkcli.exporters.targets.fsspec import is_address

    kind = "stream" if order.to == "-" else "address" if is_address(order.to) else "path"
    person = app.whose.id if app.whose else ""
    return app.marks.mark("export", person, order.form, kind, *sorted(set(order.categories)))


def _last(mark: Mark) -> datetime | None:
    """When the last export began; a damaged mark is none, and everything is exported."""
    try:
        found = datetime.fromisoformat(str(mark.fields.get("at")))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _remember(mark: Mark, began: datetime, fresh: Fresh, *, needed: bool) -> None:
    """A home that cannot be written to spoils no export, unless it was asked to go on from here next time."""
    with suppress(*() if needed else (errors.Storage,)):
        mark.set({"at": began.isoformat(timespec="seconds"), "ids": fresh.remembered})


def _passphrase(app: App) -> str:
    """From the file that the settings name, or typed twice."""
    if app.settings.passphrase_file:
        try:
            return app.safe.passphrase.known().decode()
        except UnicodeDecodeError:
            raise errors.InvalidInput(_("The passphrase file is not UTF-8.")) from None
    option = "EMK_PASSPHRASE_FILE"
    typed = app.dialogue.secret(_("Passphrase for the export"), option=option)
    if app.dialogue.secret(_("The same again"), option=option) != typed:
        raise errors.InvalidInput(_("The two passphrases differ."))
    return typed
