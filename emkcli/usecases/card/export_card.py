"""The card out: to files, to a storage, or to standard output; everything, or what is new since the last time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.locale import _, ngettext
from emkcli.results import Outcome
from emkcli.usecases.card import records
from emkcli.usecases.card.records import Wanted

if TYPE_CHECKING:
    from emkcli.api.ports import CardQuery
    from emkcli.app import App
    from emkcli.config.seen_state import Mark
    from emkcli.exporters.already_exported import AlreadyExported
    from emkcli.exporters.export_request import ExportRequest
    from emkcli.models import ExportResult
    from emkcli.results import Value

OVERLAP = timedelta(minutes=1)
"""A server may show a record a little later than the moment it writes on it."""


def export(app: App, request: ExportRequest) -> Value:
    """Write the card; whatever could not be written is named, and ends with exit 12."""
    from emkcli.exporters.export import check, export_card
    from emkcli.exporters.export_job import ExportJob
    from emkcli.exporters.targets import age_encryption
    from emkcli.presentation.delivery import writing

    check(request)
    encryption = age_encryption.asked(request.encrypt, lambda: _passphrase(app))
    source = records.source_of(app)
    records.note(app, source)
    mark, started = _mark(app, request), app.now()
    query, already_exported = _query(app, request, mark)
    with telling(app, to_stdout=request.to_stdout) as tell:
        job = ExportJob(
            request,
            source.client.card,
            query,
            envelope(app),
            encryption,
            already_exported,
            tell,
            app.redactor.text,
            lambda: records.profile(source, query.person),
        )
        with writing() if request.to_stdout else nullcontext():
            result = export_card(job, app.binary_stdout())
    if job.beside.total():
        app.notice(records.left_out(job.beside.total()))
    _say_what_was_chosen(app, request, result)
    # what no list shows will not be shown by the next export either
    if job.is_whole and request.since in (None, "last"):
        app.after_output(lambda: _remember(mark, started, already_exported, needed=request.since == "last"))
    value = None if request.to_stdout else result
    return value if result.complete else Outcome(value, 12)


def _say_what_was_chosen(app: App, request: ExportRequest, result: ExportResult) -> None:
    """A summary or a calendar leaves out most of a card on purpose; nobody should take it for the card."""
    from emkcli.exporters.file_formats import FILE_FORMATS

    if request.preset or FILE_FORMATS[request.format].is_excerpt:
        count = sum(result.records.values())
        message = ngettext(
            "This format holds a part of the card on purpose: {count} record.",
            "This format holds a part of the card on purpose: {count} records.",
            count,
        )
        app.notice(message.format(count=count))


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
    person = app.owner
    return {
        "backend": app.backend,
        "demo": app.demo,
        "profile": app.settings.profile,
        "person": person.to_builtins() if person else None,
        "fetched_at": app.fetched_at(),
    }


def _query(app: App, request: ExportRequest, mark: Mark) -> tuple[CardQuery, AlreadyExported]:
    """What the server is asked, and what the last export of this kind had already."""
    from emkcli.exporters.already_exported import AlreadyExported

    if request.since != "last":
        return records.query(app, Wanted(since=request.since)), AlreadyExported()
    full_query, last = records.query(app, Wanted()), _last(mark)
    if last is None:
        app.notice(_("No export of this kind was finished before: everything is exported."))
        return full_query, AlreadyExported()
    at = last if app.backend == "local" else last - OVERLAP
    since_last = replace(full_query, updated_since=at.isoformat(timespec="seconds"))
    return since_last, AlreadyExported(mark.fields.get("ids") or ())


def _mark(app: App, request: ExportRequest) -> Mark:
    """One mark for each person, format, kind of target and choice of lists."""
    from emkcli.exporters.targets.address import is_address

    kind = "stream" if request.to_stdout else "address" if is_address(request.to) else "path"
    person = app.owner.id if app.owner else ""
    return app.marks.mark("export", person, request.format, kind, *sorted(set(request.categories)))


def _last(mark: Mark) -> datetime | None:
    """When the last export began; a damaged mark is none, and everything is exported."""
    try:
        started = datetime.fromisoformat(str(mark.fields.get("at")))
    except ValueError:
        return None
    return started if started.tzinfo else None


def _remember(mark: Mark, started: datetime, already_exported: AlreadyExported, *, needed: bool) -> None:
    """A home that cannot be written to spoils no export, unless it was asked to go on from here next time."""
    with suppress(*() if needed else (errors.Storage,)):
        mark.set({"at": started.isoformat(timespec="seconds"), "ids": already_exported.remembered})


def _passphrase(app: App) -> str:
    """From the file that the settings name, or typed twice."""
    if app.settings.passphrase_file:
        try:
            return app.credentials.passphrase.known().decode()
        except UnicodeDecodeError:
            raise errors.InvalidInput(_("The passphrase file is not UTF-8.")) from None
    option = "EMK_PASSPHRASE_FILE"
    typed = app.dialogue.secret(_("Passphrase for the export"), option=option)
    if app.dialogue.secret(_("The same again"), option=option) != typed:
        raise errors.InvalidInput(_("The two passphrases differ."))
    return typed
