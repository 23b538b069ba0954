"""Read the card: which card, which records, and what of them is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from emkcli import errors, models
from emkcli.app import Source
from emkcli.config.durations import moment
from emkcli.locale import _, ngettext
from emkcli.models import CATEGORIES
from emkcli.results import SCREENFUL, Listing, Value
from emkcli.usecases.card.seen_records import Unseen

if TYPE_CHECKING:
    from emkcli.api.filters import ListIncomplete
    from emkcli.api.ports import Card, CardQuery, Items
    from emkcli.app import App

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Wanted:
    """The options every list of the card takes."""

    since: str | None = None
    until: str | None = None
    clinic: str | None = None
    doctor: str | None = None
    limit: int | None = None
    all: bool = False
    new: bool = False
    exit_code: bool = False

    @property
    def newest(self) -> int | None:
        """How many a terminal shows of a list of which nothing else was asked for."""
        return None if self.all or self.new or self.exit_code or self.since else SCREENFUL


def opened(app: App) -> Card:
    """The card to read; every document says from now on which it is and whose."""
    source = source_of(app)
    note(app, source)
    return source.client.card


def source_of(app: App) -> Source:
    """The back end in force; without a session what was synced from it, else the imported documents, and it is said."""
    source = _at_hand(app) or Source(app.settings.backend, app.client)
    copy = source.client.kept
    if copy and (gaps := copy.gaps(app.settings.person)):
        app.say_once(_("The last sync is incomplete ({what}); try again: emk card sync").format(what=gaps))
    return source


def note(app: App, source: Source) -> models.Person:
    """What is read and whose card it is, for every document to say."""
    app.source = source
    owner = source.client.card.person(app.settings.person)
    app.owner = models.Named(id=owner.id, name=owner.name)
    return owner


def profile(source: Source, person: str | None) -> models.Profile | None:
    """Whose clinic and physician they are; the card is readable also where neither is known."""
    try:
        return source.client.portal.profile(person=person)
    except errors.EmkError:
        return None


def _at_hand(app: App) -> Source | None:
    """What there is on this machine where nobody is logged in; None where the server is asked, or nothing is here."""
    backend = app.settings.backend
    if app.given.get("offline") or backend not in {"mock", "http"} or not _nobody(app):
        return None
    cards = app.local_cards
    if cards.has_mirror():
        app.say_once(_("Nobody is logged in: this is the card as it was at the last sync."))
        return Source(backend, cards.offline())
    if cards.has_imports():
        app.say_once(_("Nobody is logged in: this is the local card."))
        return Source("local", cards.local())
    return None


def _nobody(app: App) -> bool:
    return app.client.has_session and app.client.session.stored() is None


def query(app: App, wanted: Wanted, category: str = "") -> CardQuery:
    """What the server is asked; relative dates count from its own clock, `last` from the mark of `--new`."""
    from emkcli.api.ports import CardQuery

    return CardQuery(
        person=app.settings.person,
        since=_moment(app, wanted.since, "--since", category),
        until=_moment(app, wanted.until, "--until", category),
        clinic=wanted.clinic,
        doctor=wanted.doctor,
    )


def listing(
    app: App, category: str, wanted: Wanted, keep: Callable[[Any], bool] | None = None, filtered_by: str = ""
) -> Value:
    """One list of the card, filtered and marked; the first page is fetched before anything is printed."""
    card, asked = opened(app), query(app, wanted, category)
    fetched: Items[Any] = getattr(card, category)(asked)
    read = Read(fetched, app.notice, asked)
    items: Iterable[Any] = filter(keep, read) if keep else read
    listed = Listing(items, CATEGORIES[category], wanted.limit, app.owner, None if keep else fetched.total)
    listed.newest = None if keep else wanted.newest
    listed.is_incomplete = read.is_incomplete
    name = " ".join(filter(None, (category, wanted.clinic, wanted.doctor, filtered_by)))
    return with_marks(app, listed, name, new=wanted.new, exit_code=wanted.exit_code)


def with_marks(app: App, listed: Listing, name: str, *, new: bool, exit_code: bool) -> Value:
    """`--new` leaves out what was seen and remembers the rest once it was printed; `--exit-code` is 3 on an empty list."""
    if new:
        mark = app.marks.mark("new", name, app.owner.id if app.owner else "")
        before = set(mark.fields.get("ids", ()))
        unseen = Unseen(listed.items, before, listed.limit)
        listed.items, listed.total_hint = unseen, None
        app.after_output(
            lambda: mark.set({"ids": sorted(before | unseen.seen), "at": app.now().isoformat(timespec="seconds")})
        )
    listed.exit_when_empty = 3 if exit_code else 0
    return listed


@dataclass
class Read:
    """The items of a list; that it is incomplete is noted and said at its end, where the server's card raises it.

    What a backend sends beside the `query` is left out, and that it did so is said: a package of somebody else's may take
    no notice of a day that was asked for."""

    items: Iterable[Any]
    notice: Callable[[str], None] = lambda message: None
    query: CardQuery | None = None
    gap: ListIncomplete | None = None

    def __iter__(self) -> Iterator[Any]:
        from emkcli.api.filters import ListIncomplete

        try:
            yield from self._asked_for()
        except ListIncomplete as cause:
            self.gap = cause
            self.notice(cause.message)

    def _asked_for(self) -> Iterator[Any]:
        from emkcli.api.filters import asked_for

        if self.query is None:
            return iter(self.items)
        return asked_for(self.items, self.query, lambda count: self.notice(left_out(count)))

    def is_incomplete(self) -> bool:
        """Known once the last item was read."""
        return self.gap is not None


def left_out(count: int) -> str:
    """That a backend sent what was not asked for."""
    return ngettext(
        "The backend sent {count} record that was not asked for; it is left out.",
        "The backend sent {count} records that were not asked for; they are left out.",
        count,
    ).format(count=count)


def known(category: str) -> str:
    if category not in CATEGORIES:
        raise errors.Usage(
            _("There is no list {name}.").format(name=category),
            hint=_("one of: {names}").format(names=", ".join(CATEGORIES)),
        )
    return category


def _moment(app: App, text: str | None, option: str, category: str) -> str | None:
    if text is None:
        return None
    if text == "last":
        mark = app.marks.mark("new", category, app.owner.id if app.owner else "")
        return mark.fields.get("at")
    try:
        return moment(text, app.now())
    except ValueError as rule:
        raise errors.Usage(f"{option}: {rule}") from None
