"""The contract suite finds what is wrong with a backend, and names it; nothing else of it fails."""

from __future__ import annotations

import re

import pytest

from emkcli.testing.contract import BackendContract
from tests.conftest import ROOT

pytest_plugins = ["pytester"]

SAMPLE = ROOT / "tests" / "fixtures" / "sample_backend"
BROKEN = {
    "IgnoresSince": (
        "def _list(self, name, model, query): return super()._list(name, model, replace(query, since=None))",
        {"test_a_day_is_honoured_or_refused[since]"},
    ),
    "IgnoresUntil": (
        "def _list(self, name, model, query): return super()._list(name, model, replace(query, until=None))",
        {"test_a_day_is_honoured_or_refused[until]"},
    ),
    "LeavesOutTheLastDay": (
        "def labs(self, query=CardQuery()):\n"
        "  found = [one for one in super().labs(query) if not query.until or one.date[:10] < query.until]\n"
        "  return Items(iter(found))",
        {"test_a_day_is_honoured_or_refused[until]"},
    ),
    "IgnoresTheClinic": (
        "def _list(self, name, model, query): return super()._list(name, model, replace(query, clinic=None))",
        {"test_a_name_is_honoured_or_refused[clinic]"},
    ),
    "IgnoresTheDoctor": (
        "def _list(self, name, model, query): return super()._list(name, model, replace(query, doctor=None))",
        {"test_a_name_is_honoured_or_refused[doctor]"},
    ),
    "IgnoresTheMoment": (
        "def _list(self, name, model, query): return super()._list(name, model, replace(query, updated_since=None))",
        {"test_a_moment_of_change_is_honoured_or_refused"},
    ),
    "IgnoresThePerson": (
        "def person(self, person=None): return super().person()",
        {"test_nobody_else_s_card_is_shown"},
    ),
    "RepeatsIds": (
        "def labs(self, query=CardQuery()): return changed(super().labs(query), id='lab-3')",
        {"test_ids_are_unique", "test_values_are_as_sent"},
    ),
    "DrawsIds": (
        "def vaccinations(self, query=CardQuery()): return changed(super().vaccinations(query), id=token_hex())",
        {"test_ids_are_the_same_when_asked_again", "test_a_record_is_what_its_list_shows",
         "test_a_day_is_honoured_or_refused[since]", "test_a_day_is_honoured_or_refused[until]"},
    ),
    "KnowsNoOffset": (
        "def labs(self, query=CardQuery()):\n"
        "  return Items(iter([structs.replace(one, collected_at=one.collected_at[:19]) for one in super().labs(query)]))",
        {"test_dates_are_iso_with_an_offset"},
    ),
    "ShowsSomebodyElse": (
        "def __init__(self, content):\n"
        "  super().__init__(content)\n"
        "  self._records = content['records']",
        {"test_records_of_other_people_never_appear"},
    ),
    "OldestFirst": (
        "def labs(self, query=CardQuery()): return Items(iter([*super().labs(query)][::-1]))",
        {"test_lists_are_newest_first"},
    ),
    "CountsWrong": (
        "def labs(self, query=CardQuery()): return Items(iter([*super().labs(query)]), None, 17)",
        {"test_a_total_is_right_or_unknown"},
    ),
    "GoesOnceOnly": (
        "def labs(self, query=CardQuery()): return iter([*super().labs(query)])",
        {"test_a_list_can_be_walked_twice", "test_a_total_is_right_or_unknown", "test_lists_are_of_the_person_of_the_card"},
    ),
    "RaisesItsOwn": (
        "def labs(self, query=CardQuery()):\n"
        "  if query.clinic and len(query.clinic) > 99: raise ValueError\n"
        "  return super().labs(query)",
        {"test_errors_are_those_of_emkcli"},
    ),
    "TidiesValues": (
        "def labs(self, query=CardQuery()): return changed(super().labs(query), flag='N')",
        {"test_values_are_as_sent"},
    ),
    "LacksInItsOwnWay": (
        "def unsupported(self): raise NotImplementedError",
        {"test_what_it_lacks_is_unsupported"},
    ),
    "IsEmpty": (
        "def _list(self, name, model, query): return Items(iter([]), None, 0)",
        {"test_there_are_records_to_look_at", "test_values_are_as_sent"},
    ),
    "NamesSomebodyElse": (
        "def vaccinations(self, query=CardQuery()):\n"
        "  return Items(iter([*super().vaccinations(query)]), models.Named(id='p-2', name='Чужая Вера'))",
        {"test_lists_are_of_the_person_of_the_card"},
    ),
    "MixesModels": (
        "def vaccinations(self, query=CardQuery()):\n"
        "  given = super().vaccinations(query)\n"
        "  return Items(iter([models.LabResult(id=one.id, collected_at=one.date) for one in given]))",
        {"test_records_are_models_of_their_list"},
    ),
    "FindsAnother": (
        "def record(self, record, person=None):\n"
        "  if record == 'lab-9': raise errors.NotFound('none')\n"
        "  return next(iter(self.labs()))",
        {"test_a_record_is_what_its_list_shows"},
    ),
    "DiffersEachTime": (
        "def raw(self, record, person=None):\n"
        "  return models.Raw(id=record, media_type='text/plain', content=token_hex().encode())",
        {"test_a_source_is_the_same_bytes_each_time"},
    ),
    "SendsResourcesTwice": (
        "def resources(self, query): return iter([models.Raw(id='a', media_type='text/plain', content=b'')] * 2)",
        {"test_resources_come_once"},
    ),
    "AccountsForNothing": (
        "def holdings(self, query, passed=None): return Holdings()",
        {"test_the_account_holds_every_record"},
    ),
    "LetsEverybodyIn": (
        "lets_everybody_in = True",
        {"test_without_a_session_a_login_is_asked_for"},
    ),
    "Sound": ("pass", set()),
}  # fmt: skip
"""A card with one fault → the tests that fail."""
HEAD = """
import json
from dataclasses import replace
from secrets import token_hex

from msgspec import structs

from emk_sample import FILE, FileCard
from emkcli import errors, models
from emkcli.api import Client
from emkcli.models.content_account import Holdings
from emkcli.api.ports import CardQuery, Items
from emkcli.testing.contract import BackendContract


def changed(items, **fields):
    return Items(iter([structs.replace(one, **fields) for one in items]))


class Sample(BackendContract):
    foreign_ids = ("lab-9",)
    as_sent = {"lab-3": {"value": "5.40", "unit": "ммоль/л"}, "lab-2": {"value": "+++", "flag": "QQ"}}

    def connect(self):
        content = json.loads(FILE.read_text(encoding="utf-8"))
        return Client(make_card=lambda: self.card(content))

    def connect_without_session(self):
        return self.connect() if hasattr(self.card, "lets_everybody_in") else None
"""


def test_each_fault_of_a_backend_fails_the_test_that_is_named_after_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = "\n".join(
        f"class {name}(FileCard):\n" + "\n".join(f"    {line}" for line in fault.splitlines())
        + f"\n\nclass Test{name}(Sample):\n    card = {name}\n"
        for name, (fault, _tests) in BROKEN.items()
    )  # fmt: skip
    pytester.makepyfile(test_broken=HEAD + cards)
    monkeypatch.setenv("PYTHONPATH", str(SAMPLE))
    ran = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist", "-rf", "--tb=no")
    failed: dict[str, set[str]] = {name: set() for name in BROKEN}
    for line in ran.outlines:
        if found := re.match(r"FAILED test_broken\.py::Test(\w+)::(\S+)", line):
            failed[found[1]].add(found[2])
    assert failed == {name: tests for name, (_fault, tests) in BROKEN.items()}
    assert "ERROR" not in ran.stdout.str()


class TestOurOwnBackend(BackendContract):
    """The mock's portal by HTTP keeps what the ports promise."""

    @pytest.fixture(autouse=True)
    def world(self, emk_mock) -> None:  # type: ignore[no-untyped-def]
        self.mock, self.person = emk_mock, emk_mock.person(records=20)

    def connect(self):  # type: ignore[no-untyped-def]
        return self.person.client()

    def connect_without_session(self):  # type: ignore[no-untyped-def]
        return self.mock.client()
