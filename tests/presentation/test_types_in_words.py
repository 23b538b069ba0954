"""A reader sees in words what FHIR calls by names of its own; the data keep these names."""

from __future__ import annotations

import pytest

from emkcli.fhir.resource_types import OF_A_PATIENT, OF_A_SUBJECT
from emkcli.views import Column
from emkcli.views.resource_words import STATUSES, TYPES
from emkcli.views.words import WORDS


def test_every_type_that_a_card_may_hold_has_words() -> None:
    assert set(TYPES) == OF_A_PATIENT | OF_A_SUBJECT | {"Observation"}


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("type", "CarePlan", "care plan"),
        ("type", "Эпикриз", "Эпикриз"),
        ("type", "SubstanceProtein", "SubstanceProtein"),
        ("status", "noshow", "did not come"),
        ("status", "completed", "completed"),
    ],
)
def test_in_words(column: str, value: str, words: str) -> None:
    assert Column(column).cell({column: value}) == words


def test_a_status_has_one_word() -> None:
    assert {status: WORDS[status] for status in STATUSES} == STATUSES
