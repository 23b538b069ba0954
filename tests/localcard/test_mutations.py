"""Whatever is changed in the JSON of a resource: nothing raises, and what is lost is said."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emkcli import localcard
from emkcli.importers import document_reader
from emkcli.localcard.imported_card import LocalCard
from tests.invented import PATIENT, Resource, bundle, encoded, lab

MEDICINE: Resource = {
    "resourceType": "MedicationRequest",
    "id": "m1",
    "status": "active",
    "intent": "order",
    "medicationCodeableConcept": {"coding": [{"code": "A10"}], "text": "Метформин"},
    "subject": {"reference": "Patient/p1"},
    "authoredOn": "2026-01-01",
    "dosageInstruction": [
        {
            "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d", "when": ["PC"]}},
            "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "таблетка"}}],
        }
    ],
}
CONDITION: Resource = {
    "resourceType": "Condition",
    "id": "c1",
    "clinicalStatus": {"coding": [{"code": "active"}]},
    "code": {"coding": [{"system": "urn:oid:1.2", "code": "I10"}], "text": "Гипертония"},
    "subject": {"reference": "Patient/p1"},
    "onsetPeriod": {"start": "2020-01-01", "end": "2020-02-01"},
    "note": [{"text": "замечание"}],
}
VACCINE: Resource = {
    "resourceType": "Immunization",
    "id": "v1",
    "status": "completed",
    "vaccineCode": {"text": "АДС-М"},
    "patient": {"reference": "Patient/p1"},
    "occurrenceDateTime": "2026-01-01",
    "doseQuantity": {"value": 0.5, "unit": "мл"},
    "protocolApplied": [{"doseNumberPositiveInt": 1}],
}
REPORT: Resource = {
    "resourceType": "DiagnosticReport",
    "id": "r1",
    "status": "final",
    "code": {"text": "Анализ"},
    "subject": {"reference": "Patient/p1"},
    "result": [{"reference": "Observation/o1"}],
}
VALID = [lab("o1", referenceRange=[{"low": {"value": 3}, "high": {"value": 6}}]), MEDICINE, CONDITION, VACCINE, REPORT]
WORDS = ["Глюкоза", "Метформин", "таблетка", "Гипертония", "замечание", "АДС-М"]
ODD = st.sampled_from(
    [None, 5, -1, True, "", "слово", [], {}, [None], [[]], ["слово"], [{}], {"a": 1}, 1e300, "2026-13-45"]
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every key and index, with what it is in."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield value, name
        yield from places(inner)


@st.composite
def mutated(draw: st.DrawFn) -> Resource:
    document = deepcopy(bundle(PATIENT, *VALID))
    for _change in range(draw(st.integers(1, 3))):
        everywhere = list(places(document["entry"][1:]))
        owner, name = draw(st.sampled_from(everywhere))
        owner[name] = deepcopy(draw(ODD))
    return document


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(mutated())
def test_no_mutation_raises_or_refuses_the_rest(card: LocalCard, tmp_path: Path, document: Resource) -> None:
    path = tmp_path / "mutated.json"
    path.write_bytes(encoded(document))
    (result,) = localcard.ingest(card, document_reader.read(str(path)), "new")
    account = result.account
    assert result.status == "added", result.reason
    assert account.total == account.records + account.other + account.supporting + account.other_person + account.unread
    assert account.total >= len(document["entry"])
    is_said = result.warnings or account.unread or account.other_person
    assert is_said or not _lost(card, result.person, document)


def _lost(card: LocalCard, person: Any, document: Resource) -> list[str]:
    """The words that still stand in the file and in no record of the card."""
    rows = card.store.rows("SELECT json FROM record WHERE person = ?", person.id)
    records = " ".join(row[0].decode() for row in rows)
    written = encoded(document).decode()
    return [word for word in WORDS if word in written and word not in records]
