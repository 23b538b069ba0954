"""Every list of the register has what each floor holds for it; a test that fails names the list and what it lacks."""

from __future__ import annotations

import pytest

from emkcli.api.card_lists import Listed
from emkcli.api.fhir import searches
from emkcli.api.ports import Card
from emkcli.commands import card as commands
from emkcli.fhir import CODECS
from emkcli.localcard.search.searchable_text import reader
from emkcli.models import LISTS, CardList
from emkcli.views import PAGE, VIEWS
from emkcli.views.paths import leaves, valid

every_list = pytest.mark.parametrize("row", LISTS, ids=lambda row: row.category)


@every_list
def test_a_list_has_an_operation_and_a_command(row: CardList) -> None:
    assert row.category in vars(Card), f"the port has no operation {row.category}"
    assert row.category in vars(Listed)
    command = getattr(commands, row.category)
    assert (command.__name__, command.__emk__.needs) == (row.category, f"card.{row.category}")
    assert command.__doc__ == row.help


@every_list
def test_a_list_is_asked_of_a_fhir_server(row: CardList) -> None:
    assert row.category in searches.LISTS, f"no search asks a FHIR server for {row.category}"


@every_list
def test_a_list_has_a_codec(row: CardList) -> None:
    assert row.model in CODECS, f"fhir/codecs.py has no codec for {row.category}"


@every_list
def test_a_list_has_a_view_of_its_fields_and_a_place_on_the_page(row: CardList) -> None:
    assert row.model.kind in VIEWS, f"{row.model.kind} has no view"
    assert {*VIEWS[row.model.kind].columns} <= {*valid(leaves(row.model))}
    assert PAGE.count(row.category) == 1


@every_list
def test_what_a_record_says_is_found_and_what_it_is_called_by_is_not(row: CardList) -> None:
    told = next(name for name in row.model.__struct_fields__ if name in {*WORDED})
    record = row.model.from_builtins({"id": "an-id", "date": "2026-01-01", told: WORDED[told]})
    found = reader(record)
    assert "кашель" in " ".join((found.title, *found.texts)), f"a search finds no word of {told}"
    assert "an-id" not in " ".join((found.title, *found.texts))


WORDED = dict.fromkeys(("reason", "analyte", "title", "medicine", "vaccine", "health_group", "display"), "кашель")
"""Of each kind, the field that says what a record is about."""


@every_list
def test_what_makes_two_records_one_are_fields(row: CardList) -> None:
    assert {*row.identity} <= {*row.model.__struct_fields__}
    assert not {*row.identity} & {"id", "date", "source", "sources"}


def test_no_two_lists_share_a_word_or_a_model() -> None:
    for told in ("category", "model", "title", "word", "help"):
        assert len({getattr(row, told) for row in LISTS}) == len(LISTS), told
    assert len({row.model.kind for row in LISTS}) == len(LISTS)
