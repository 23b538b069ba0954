"""What is read: with a person's session on a real backend, and of the card on any."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.api.ports import CardQuery
from emkcli.locale import _
from emkcli.models import CATEGORIES
from emkcli.usecases.diagnostics.smoke.check import Step

if TYPE_CHECKING:
    from emkcli.app import App

LISTS = tuple(f"card {category}" for category in CATEGORIES)
NAMES = ("account", "application", "card person", *LISTS, "card records")


def steps(app: App) -> Iterator[Step]:
    """What can be read with the session there is; what the backend cannot do is skipped by name."""
    client, person = app.client, app.settings.person
    no_accounts = None if client.can("accounts.account") else _("this backend has no accounts")
    yield Step("account", lambda: client.accounts.account(), left_out=no_accounts)
    yield Step("application", lambda: list(client.portal.applications(person=person)), left_out=no_accounts)
    no_card = None if client.can("card.person") else _("this backend has no card")
    yield Step("card person", lambda: client.card.person(person), left_out=no_card)
    yield from lists(client, person, needs=("card person",))


def lists(client: Any, person: str | None, needs: tuple[str, ...], filled: Collection[str] = ()) -> Iterator[Step]:
    """Every list read to its end, each whatever the others did; a card that holds nothing at all is no card.

    `filled` are the categories that must not be empty."""
    counts: dict[str, int] = {}
    query = CardQuery(person=person)
    for category in CATEGORIES:
        count = partial(_counted, category, client, query, counts, must_hold=category in filled)
        yield Step(f"card {category}", count, needs)
    yield Step("card records", lambda: _expect_some(sum(counts.values())), needs)


def _counted(category: str, client: Any, query: CardQuery, counts: dict[str, int], *, must_hold: bool) -> None:
    read: Callable[[CardQuery], Iterable[Any]] = getattr(client.card, category)
    counts[category] = sum(1 for _record in read(query))
    if must_hold:
        _expect_some(counts[category])


def _expect_some(count: int) -> None:
    if not count:
        raise errors.NotFound(_("The list is empty."))
