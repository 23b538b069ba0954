"""The suite that a backend has to pass: what `emkcli.api.ports` promises of it, as tests for pytest.

.. code-block:: python

    from emkcli.testing.contract import BackendContract

    class TestOwnBackend(BackendContract):
        def connect(self):
            return recipe(...)

The class is derived in a test file of the backend, with a card behind it that has records. What the backend does not
implement is held against one promise only: that it raises `Unsupported`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest

from emkcli import errors
from emkcli.api import CardQuery, Client
from emkcli.api.filters import of
from emkcli.api.ports import Accounts, Card, Identity, Portal
from emkcli.api.ports.card import EVERYTHING
from emkcli.clinical.dates import day, order, span, within
from emkcli.models import CATEGORIES

PORTS: dict[str, type] = {"accounts": Accounts, "identity": Identity, "portal": Portal, "card": Card}
BEHIND_ALL, BEFORE_ALL = "2199-12-31", "1800-01-01"
NOBODY = "nobody-has-this-id"
ODD = ("'", "%", "\\", "(", "ы" * 10_000, "\u202e", "\x00")
"""What a search that is put together from text may stumble over."""
HAS_TIME = re.compile(r"T\d\d")
HAS_OFFSET = re.compile(r"(Z|[+-]\d\d:\d\d)$")
LOOKED_AT = 5
"""Records that are asked for one by one."""


class BackendContract:
    """Derive from it, with a name that begins with `Test`, and say at least how to connect."""

    foreign_ids: Iterable[str] = ()
    """Records that the source holds of other people: none of them may appear."""
    as_sent: Mapping[str, Mapping[str, Any]] = {}
    """Record → fields and their values as the source has them: units, flags and a status that no standard knows pass
    through unchanged."""

    def connect(self) -> Client:
        """A client of the backend, logged in where it needs a session; closed by the suite."""
        raise NotImplementedError("connect() says how the suite gets a client of the backend")

    def connect_without_session(self) -> Client | None:
        """The same where nobody is logged in; None where the backend knows no session."""
        return None

    @pytest.fixture
    def client(self) -> Iterator[Client]:
        with self.connect() as client:
            yield client

    def test_it_does_something(self, client: Client) -> None:
        assert [name for name in _operations() if client.can(name)], "no operation is implemented"

    def test_there_are_records_to_look_at(self, client: Client) -> None:
        if claimed := _claimed(client):
            assert any(records for _name, records in _lists(client)), f"all of {', '.join(claimed)} are empty"

    def test_what_it_lacks_is_unsupported(self, client: Client) -> None:
        for name in _operations():
            if name == "card.batches" or client.can(name):  # which is made of card.resources
                continue
            port, _, operation = name.partition(".")
            asked = getattr(getattr(client, port), operation)
            with pytest.raises(errors.Unsupported):
                asked(*[None for each in inspect.signature(asked).parameters.values() if each.default is each.empty])

    def test_a_list_can_be_walked_twice(self, client: Client) -> None:
        for name, items in _answers(client):
            first, second = list(items), list(items)
            assert first == second, f"{name}: the second walk differs from the first"

    def test_a_total_is_right_or_unknown(self, client: Client) -> None:
        for name, items in _answers(client):
            found = len(list(items))
            assert items.total in (None, found), f"{name}: {items.total} announced, {found} sent"

    def test_ids_are_unique(self, client: Client) -> None:
        seen: dict[str, str] = {}
        for name, records in _lists(client):
            for record in records:
                assert record.id, f"{name}: a record without an id"
                assert record.id not in seen, f"{name}: id {record.id} is also in {seen[record.id]}"
                seen[record.id] = name

    def test_ids_are_the_same_when_asked_again(self, client: Client) -> None:
        before = {name: [record.id for record in records] for name, records in _lists(client)}
        with self.connect() as other:
            after = {name: [record.id for record in records] for name, records in _lists(other)}
        assert before == after

    def test_records_are_models_of_their_list(self, client: Client) -> None:
        for name, records in _lists(client):
            for record in records:
                kind: Any = type(record)
                assert kind is CATEGORIES[name], f"{name}: {kind.__name__}"
                assert kind.from_json(record.to_json()) == record, f"{name}: {record.id} is no valid model"

    def test_dates_are_iso_with_an_offset(self, client: Client) -> None:
        for name, records in _lists(client):
            for record in records:
                for field, text in _times(record):
                    assert span(text), f"{name}: {record.id}: {field} {text!r} is no ISO date"
                    assert not HAS_TIME.search(text) or HAS_OFFSET.search(text), (
                        f"{name}: {record.id}: {field} {text!r} has no offset"
                    )

    def test_lists_are_newest_first(self, client: Client) -> None:
        for name, records in _lists(client):
            dates = [order(record.date) for record in records if record.date]
            assert dates == sorted(dates, reverse=True), f"{name}: not newest first"

    @pytest.mark.parametrize("bound", ["since", "until"])
    def test_a_day_is_honoured_or_refused(self, client: Client, bound: str) -> None:
        for name, records in _lists(client):
            for limit in (BEHIND_ALL, BEFORE_ALL, *_days(records)):
                expected = [one for one in records if within(one.date, **_days_asked(bound, limit))]
                _honoured(client, name, _query(bound, limit), expected, f"{bound}={limit}")

    @pytest.mark.parametrize("named", ["clinic", "doctor"])
    def test_a_name_is_honoured_or_refused(self, client: Client, named: str) -> None:
        for name, records in _lists(client):
            for term in (NOBODY, *_names(records, named)):
                query = _query(named, term)
                _honoured(client, name, query, [one for one in records if of(one, query)], f"{named}={term}")

    def test_a_moment_of_change_is_honoured_or_refused(self, client: Client) -> None:
        for name, _records in _lists(client):
            query = CardQuery(updated_since=f"{BEHIND_ALL}T00:00:00+03:00")
            _honoured(client, name, query, [], f"updated_since={query.updated_since}")

    def test_nobody_else_s_card_is_shown(self, client: Client) -> None:
        """Who asks for the card of an unknown person gets a refusal, never the card of the session."""
        for name, _records in _lists(client):
            try:
                shown = list(getattr(client.card, name)(CardQuery(person=NOBODY)))
            except errors.EmkError:
                continue
            assert not shown, f"{name}: {len(shown)} records for a person that there is not"

    def test_records_of_other_people_never_appear(self, client: Client) -> None:
        foreign = set(self.foreign_ids)
        for name, records in _lists(client):
            shown = foreign & {record.id for record in records}
            assert not shown, f"{name}: {', '.join(sorted(shown))} is about somebody else"
        for record in sorted(foreign if client.can("card.record") else ()):
            with pytest.raises(errors.NotFound):
                client.card.record(record)

    def test_lists_are_of_the_person_of_the_card(self, client: Client) -> None:
        if not client.can("card.person"):
            return
        owner = client.card.person().id
        for name, items in _answers(client):
            assert items.person is None or items.person.id == owner, f"{name}: of {items.person.id}, not of {owner}"

    def test_values_are_as_sent(self, client: Client) -> None:
        found = {record.id: record for _name, records in _lists(client) for record in records}
        for name, fields in self.as_sent.items():
            assert name in found, f"{name} is in no list"
            shown = {field: getattr(found[name], field) for field in fields}
            assert shown == dict(fields), f"{name} is not as it was sent"

    def test_a_record_is_what_its_list_shows(self, client: Client) -> None:
        if not client.can("card.record"):
            return
        for name, records in _lists(client):
            for record in records[:LOOKED_AT]:
                shown: Any = client.card.record(record.id)
                assert shown.id == record.id, f"{name}: record() gives another"
        with pytest.raises(errors.NotFound):
            client.card.record(NOBODY)

    def test_a_source_is_the_same_bytes_each_time(self, client: Client) -> None:
        if not client.can("card.raw"):
            return
        for name, records in _lists(client):
            for record in records[:LOOKED_AT]:
                first, second = client.card.raw(record.id), client.card.raw(record.id)
                assert isinstance(first.content, bytes), f"{name}: {record.id} has no bytes"
                assert first.content == second.content, f"{name}: {record.id} differs each time"

    def test_resources_come_once(self, client: Client) -> None:
        if not client.can("card.resources"):
            return
        ids = [resource.id for resource in client.card.resources(CardQuery())]
        twice = {one for one in ids if ids.count(one) > 1}
        assert not twice, f"twice in the resources: {', '.join(sorted(twice))}"

    def test_the_account_holds_every_record(self, client: Client) -> None:
        if not client.can("card.holdings"):
            return
        account = client.card.holdings(CardQuery()).account()
        assert account.total or not any(records for _name, records in _lists(client)), "records of a card without any"

    def test_errors_are_those_of_emkcli(self, client: Client) -> None:
        """Whatever is asked for, what is raised has an exit code and a message."""
        asked = [EVERYTHING, *(CardQuery(clinic=odd, doctor=odd) for odd in ODD), CardQuery(person="../" * 3)]
        for name in _claimed(client):
            for query in asked:
                _only_ours(f"{name}({query})"[:200], partial(_walked, client, name, query))
        if client.can("card.record"):
            for odd in ODD:
                _only_ours("record", partial(client.card.record, odd))

    def test_without_a_session_a_login_is_asked_for(self) -> None:
        client = self.connect_without_session()
        if client is None:
            pytest.skip("connect_without_session() says that this backend knows no session")
        with client:
            for name in _claimed(client):
                with pytest.raises(errors.EmkError) as raised:
                    _walked(client, name, CardQuery())
                assert raised.value.exit_code == errors.LoginRequired.exit_code, f"{name}: {raised.value!r}"

    def test_closing_twice_is_no_error(self) -> None:
        client = self.connect()
        client.close()
        client.close()


def _operations() -> list[str]:
    """Every operation of the four ports, such as `card.labs`."""
    return [
        f"{port}.{name}"
        for port, abstract in PORTS.items()
        for name, _operation in inspect.getmembers(abstract, inspect.isfunction)
        if not name.startswith("_") and name != "unsupported"
    ]


def _claimed(client: Client) -> list[str]:
    """The lists of the card that the backend implements."""
    return [name for name in CATEGORIES if client.can(f"card.{name}")]


def _answers(client: Client) -> Iterator[tuple[str, Any]]:
    """The lists that the backend has."""
    for name in _claimed(client):
        try:
            yield name, getattr(client.card, name)()
        except errors.Unsupported:
            continue


def _lists(client: Client) -> Iterator[tuple[str, list[Any]]]:
    for name, items in _answers(client):
        yield name, list(items)


def _query(field: str, value: str) -> CardQuery:
    fields: dict[str, Any] = {field: value}
    return CardQuery(**fields)


def _walked(client: Client, name: str, query: CardQuery) -> list[Any]:
    return list(getattr(client.card, name)(query))


def _honoured(client: Client, name: str, query: CardQuery, expected: list[Any], asked: str) -> None:
    """A filter is carried out to the record, or it is refused; it is never ignored."""
    try:
        shown = {record.id for record in _walked(client, name, query)}
    except errors.Unsupported:
        return
    wanted = {record.id for record in expected}
    assert not shown - wanted, f"{name}: {asked} lets {len(shown - wanted)} records through that it rules out"
    assert not wanted - shown, f"{name}: {asked} leaves out {len(wanted - shown)} records that were asked for"


def _days(records: list[Any]) -> list[str]:
    """The oldest, the middle and the newest day there is."""
    days = sorted({found for record in records if (found := day(record.date))})
    return [days[place].isoformat() for place in dict.fromkeys((0, len(days) // 2, len(days) - 1))] if days else []


def _days_asked(bound: str, limit: str) -> dict[str, str | None]:
    return {"since": None, "until": None} | {bound: limit}


def _names(records: list[Any], named: str) -> list[str]:
    """The id and half of the name of the first one that is named."""
    for record in records:
        if (party := getattr(record, named, None)) and party.name:
            half = party.name[: len(party.name) // 2].upper()
            return [term for term in (party.id, half) if term]
    return []


def _times(record: Any) -> Iterator[tuple[str, Any]]:
    """The fields that say when."""
    for name in record.__struct_fields__:
        text = getattr(record, name)
        if name.endswith(("_at", "_on")) and text is not None:
            yield name, text
    if record.date is not None:
        yield "date", record.date


def _only_ours(asked: str, call: Callable[[], Any]) -> None:
    try:
        call()
    except errors.EmkError:
        return
    except Exception as error:
        pytest.fail(f"{asked} raised {type(error).__name__}, which is none of emkcli.errors")
