"""Whatever R4 has a type for: imported, it is a record that `show` and `search` find, or it is supporting; nothing raises."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emkcli import localcard
from emkcli.fhir.resource_types import SUPPORTING
from emkcli.importers import document_reader
from emkcli.localcard.imported_card import LocalCard
from emkcli.localcard.search.query import parse
from emkcli.localcard.search.searchable_text import reader
from tests.fhir.r4_resources import Resource, elements, resources, types
from tests.invented import PATIENT, bundle, encoded
from tests.localcard.test_account import places

UNREAD = {"OperationOutcome"}
"""What a server says of an error is no part of a card."""
FRAMES = {"DiagnosticReport", "Observation", "Composition"}
"""Types that may only hold others together."""
KINDS = [kind for kind in types() if kind not in UNREAD | {"Patient"}]
_WORD = re.compile(r"[а-яё]{4,}", re.IGNORECASE)


def test_the_table_knows_every_type_of_a_card() -> None:
    assert len(types()) > 120
    assert {"Observation", "Claim", "VisionPrescription", "Composition", "Procedure"} <= set(KINDS)
    assert elements()["Observation"]["component"] == "@Observation.component*"
    assert elements()["Observation"]["code"] == "CodeableConcept!"
    assert set(elements()["Observation"]["value[x]"].split("|")) > {
        "Quantity",
        "CodeableConcept",
        "SampledData",
        "Period",
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "one.json"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.tuples(*(resources(KINDS, f"r{number}") for number in range(4))))
def test_any_resource_is_found_or_supporting(card: LocalCard, path: Path, drawn: tuple[Resource, ...]) -> None:
    # what names another patient is not of this card
    path.write_bytes(encoded(bundle(PATIENT, *drawn)).replace(b"Patient/p2", b"Patient/p1"))
    (result,) = localcard.ingest(card, document_reader.read(str(path)), "new")
    assert (result.status, result.unread) == ("added", []), result.reason
    assert places(result.account).keys() <= {"records", "other", "supporting"}
    assert result.person
    person = result.person.id
    rows = list(card.store.rows("SELECT type, key, category FROM piece WHERE person = ?", person))
    assert Counter(kind for kind, _key, _category in rows) == Counter(one["resourceType"] for one in (PATIENT, *drawn))
    for kind, key, category in rows:
        assert category or kind in SUPPORTING | FRAMES, f"{kind} is in no list"
        for record in _records(card, person, key):
            assert card.record(record.id, person) == record
            _is_found(card, person, record)


def _records(card: LocalCard, person: str, key: str) -> list[Any]:
    sql = "SELECT r.id FROM record r JOIN piece p ON p.number = r.piece WHERE p.person = ? AND p.key = ?"
    return [card.record(ident, person) for (ident,) in card.store.rows(sql, person, key)]


def _is_found(card: LocalCard, person: str, record: Any) -> None:
    """By the first word of it that a person could type."""
    words = (word for text in reader(record).texts for word in _WORD.findall(text))
    if word := next(words, None):
        _total, hits = card.search(parse(word), person, (), 1000)
        assert record.id in {hit.record.id for hit in hits}, f"{record.id} is not found by {word}"
