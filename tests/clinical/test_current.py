"""Which diagnoses, allergies and vaccinations stand now."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import models
from emkcli.clinical import current, status
from emkcli.clinical.status import is_ended
from emkcli.models import Allergy, Diagnosis, Record, Vaccination


def diagnosis(
    ident: str, code: str | None = "E06.3", state: str | None = "active", day: str = "2026-01-01"
) -> Diagnosis:
    return Diagnosis(id=ident, code=code, status=state, date=day)


def ids(records: list[Diagnosis]) -> list[str]:
    return [one.id for one in records]


@pytest.mark.parametrize(
    ("state", "diagnosed", "allergic", "vaccinated"),
    [
        (None, True, True, True),
        ("active", True, True, True),
        ("recurrence", True, True, True),
        ("completed", True, True, True),
        ("not-done", True, True, True),
        ("provisional", True, True, True),
        ("Предварительный", True, True, True),
        ("inactive", False, False, True),
        ("remission", False, False, True),
        ("resolved", False, False, True),
        ("refuted", False, False, False),
        ("entered-in-error", False, False, False),
        ("cancelled", False, False, False),
        ("nullified", False, False, False),
        ("aborted", False, False, False),
    ],
)
def test_what_a_status_makes_of_a_record(state: str | None, diagnosed: bool, allergic: bool, vaccinated: bool) -> None:
    assert bool(current.diagnoses([diagnosis("a", state=state)])) is diagnosed
    assert bool(current.allergies([Allergy(id="a", status=state)])) is allergic
    assert bool(current.vaccinations([Vaccination(id="a", status=state)])) is vaccinated


@pytest.mark.parametrize(
    ("state", "unsure"),
    [
        ("provisional", True),
        ("unconfirmed", True),
        ("differential", True),
        ("Предварительный диагноз", True),
        ("confirmed", False),
        ("active", False),
        ("Заключительный", False),
        (None, False),
    ],
)
def test_what_is_not_certain(state: str | None, unsure: bool) -> None:
    assert status.doubt(Record(id="a", status=state)) == (state if unsure else None)


@pytest.mark.parametrize(
    ("clinical", "verification", "decides", "stands", "unsure"),
    [
        ("active", "confirmed", "active", True, None),
        ("active", "refuted", "refuted", False, None),
        ("resolved", "entered-in-error", "entered-in-error", False, None),
        ("active", "differential", "differential", True, "differential"),
        ("resolved", "unconfirmed", "resolved", False, "unconfirmed"),
        (None, "confirmed", "confirmed", True, None),
        (None, None, None, True, None),
    ],
)
def test_both_statuses_are_heard(
    clinical: str | None, verification: str | None, decides: str | None, stands: bool, unsure: str | None
) -> None:
    assert status.decisive(clinical, verification) == decides
    both = {"clinical_status": clinical, "verification_status": verification}
    known = Diagnosis(id="a", **both), Allergy(id="a", **both)
    assert bool(current.diagnoses([known[0]])) is bool(current.allergies([known[1]])) is stands
    assert [status.doubt(record) for record in known] == [unsure, unsure]


def test_each_illness_once_as_its_newest_record_has_it() -> None:
    known = [
        diagnosis("old", day="2020-01-01"),
        diagnosis("new", day="2026-02"),
        diagnosis("undated", day=""),
        diagnosis("other", "J06.9"),
        Diagnosis(id="words", display="Тиреоидит"),
        Diagnosis(id="same words", display="ТИРЕОИДИТ", date="2025"),
        Diagnosis(id="nameless"),
        Diagnosis(id="nameless too"),
    ]
    assert ids(current.diagnoses(known)) == ["new", "other", "same words", "nameless", "nameless too"]
    assert current.past_diagnoses(known) == []


def test_a_diagnosis_that_stands_is_no_past_one() -> None:
    known = [
        diagnosis("closed", state="resolved", day="2026-03-01"),
        diagnosis("stands", day="2020-01-01"),
        diagnosis("gone", "J06.9", "resolved", "2019-01-01"),
        diagnosis("gone again", "J06.9", "inactive", "2021-01-01"),
        diagnosis("mistake", "A00", "entered-in-error"),
        diagnosis("ruled out", "I21", "refuted"),
    ]
    assert ids(current.diagnoses(known)) == ["stands"]
    assert ids(current.past_diagnoses(known)) == ["gone again"]


STATES = st.sampled_from([None, "active", "resolved", "refuted", "entered-in-error"])
DIAGNOSES = st.lists(
    st.builds(
        diagnosis,
        st.uuids().map(str),
        st.sampled_from(["A00", "B00", None]),
        STATES,
        st.sampled_from(["2020", "2021-05-01", "2021-05-01"]),
    ),
    max_size=8,
)


@given(DIAGNOSES)
def test_the_order_of_reading_decides_nothing(known: list[Diagnosis]) -> None:
    turned = sorted(known, key=lambda one: one.id)
    for rule in (current.diagnoses, current.past_diagnoses):
        assert sorted(ids(rule(known))) == sorted(ids(rule(turned)))
    standing, past = current.diagnoses(known), current.past_diagnoses(known)
    assert not {one.code or one.id for one in standing} & {one.code or one.id for one in past}


def test_a_condition_that_says_when_it_ended_is_over() -> None:
    ended = models.Diagnosis(id="d", display="Пневмония", abatement="2020-02-01")
    assert is_ended(ended)
    assert not is_ended(msgspec.structs.replace(ended, clinical_status="active", status="active"))
    assert not is_ended(models.Diagnosis(id="d", display="Пневмония"))


def allergy(ident: str, code: str, category: str | None = None) -> Allergy:
    return Allergy(id=ident, code=code, category=category, status="active")


@pytest.mark.parametrize(
    ("records", "stand"),
    [
        ([allergy("none", "716186003")], ["none"]),
        ([allergy("none", "no-known-allergies"), allergy("nuts", "91935009")], ["nuts"]),
        ([allergy("none", "no-known-food-allergies"), allergy("nuts", "91935009", "food")], ["nuts"]),
        ([allergy("none", "409137002"), allergy("nuts", "91935009", "food")], ["none", "nuts"]),
    ],
)
def test_that_there_is_none_stands_beside_none(records: list[Allergy], stand: list[str]) -> None:
    assert [one.id for one in current.allergies(records)] == stand


def test_no_known_problems_is_no_diagnosis_beside_one() -> None:
    absent = diagnosis("none", "no-known-problems")
    assert ids(current.diagnoses([absent])) == ["none"]
    assert ids(current.diagnoses([absent, diagnosis("a")])) == ["a"]
    assert ids(current.diagnoses([absent, diagnosis("a", state="resolved")])) == ["none"]
