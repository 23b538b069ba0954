"""What a list answers to Python: it is walked as often as one likes, has a length where it is known, and hides no gap."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emkcli import api, errors
from emkcli.api.client import Client
from emkcli.api.ports import CardQuery, Items


@pytest.fixture
def client() -> Iterator[Client]:
    with api.connect("mock") as connected:
        assert connected.wire is not None
        phone = connected.wire.json("POST", "/mock/seed", json={})["phone"]
        challenge = connected.identity.challenge("sms", phone)
        code = next(m["code"] for m in connected.wire.json("GET", "/mock/inbox")["items"] if m["code"])
        assert connected.session is not None
        connected.session.begin(connected.identity.exchange_code(challenge.id, code))
        yield connected


def test_a_list_needs_no_query_and_is_walked_twice(client: Client) -> None:
    labs = client.card.labs()
    first = [result.id for result in labs]
    assert len(first) > 100
    assert [result.id for result in labs] == first
    assert [result.id for result in client.card.labs(CardQuery())] == first


def test_a_walk_that_was_left_begins_anew(client: Client) -> None:
    visits = client.card.visits()
    newest = next(iter(visits)).id
    assert next(iter(visits)).id == newest
    assert next(visit.id for visit in visits) == newest


def test_a_list_of_the_portal_is_walked_twice(client: Client) -> None:
    clinics = client.portal.clinics()
    first = [clinic.id for clinic in clinics]
    assert len(first) == len(clinics) > 100
    assert [clinic.id for clinic in clinics] == first


def test_two_walks_at_once_of_what_is_remembered() -> None:
    items = Items(iter("abc"))
    one, other = iter(items), iter(items)
    assert [next(one), next(other), next(other), next(one), next(one), next(other)] == list("aabbcc")
    assert next(one, None) is next(other, None) is None


def test_a_list_that_was_cut_is_cut_in_every_walk() -> None:
    def cut() -> Iterator[str]:
        yield "a"
        raise errors.BadResponse("the rest is missing")

    items = Items(cut())
    for _walk in range(3):
        seen: list[str] = []
        with pytest.raises(errors.BadResponse, match="the rest is missing"):
            seen.extend(items)
        assert seen == ["a"]


def test_a_length_is_known_or_refused() -> None:
    assert len(Items(iter("abc"), total=3)) == 3
    assert Items(iter("abc"))
    assert not Items(iter(""), total=0)
    with pytest.raises(TypeError, match="does not say"):
        len(Items(iter("abc")))
    assert list(Items(iter("abc"))) == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["since", "until", "updated_since"])
@pytest.mark.parametrize("text", ["garbage", "", "2026-13-01", "01.02.2026", "30d", "last", " 2026-01-01"])
def test_a_date_that_is_none_is_refused_and_lets_nothing_through(name: str, text: str) -> None:
    with pytest.raises(errors.InvalidInput) as caught:
        CardQuery(**{name: text})
    assert name in caught.value.message


@pytest.mark.parametrize("text", ["2026", "2026-01", "2026-01-31", "2026-01-31T10:00:00+03:00"])
def test_every_form_of_a_date_is_taken(text: str) -> None:
    assert CardQuery(since=text, until=text).since == text


def test_a_record_of_the_kind_that_was_asked_for(client: Client) -> None:
    ident = next(iter(client.card.labs())).id
    result = client.card.record(ident, kind="lab_result")
    assert (result.id, result.kind) == (ident, "lab_result")
    assert client.card.record(ident) == result
    with pytest.raises(errors.NotFound, match="is of the kind lab_result, not visit"):
        client.card.record(ident, kind="visit")
