"""One malformed entry costs no other: the rest is read, and what was none is unread, with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from emkcli.fhir.placement import ENTRY, PARAMETER, REFUSED, why_unread
from emkcli.importers.fhir.reader import read
from emkcli.importers.source_document import Parsed
from tests.invented import PATIENT, bundle, encoded, lab


def only(document: Any) -> Parsed:
    (parsed,) = read("one.json", encoded(document))
    return parsed


def types(parsed: Parsed) -> list[str]:
    return [piece.type for piece in parsed.pieces()]


@pytest.mark.parametrize(
    "malformed",
    [
        None,
        5,
        "text",
        [],
        {},
        {"fullUrl": "urn:uuid:c2"},
        {"resource": None},
        {"resource": "text"},
        {"resource": []},
        {"resource": {"id": "w5"}},
    ],
)
@pytest.mark.parametrize("kind", ["collection", "searchset", "history", "document"])
def test_a_malformed_entry_is_unread_and_the_rest_is_read(malformed: Any, kind: str) -> None:
    whole = bundle(PATIENT, lab("o1"), kind=kind)
    parsed = only(whole | {"entry": [malformed, *whole["entry"]]})
    assert (parsed.problem, types(parsed)) == (None, ["Patient", "Observation"])
    assert parsed.counted == {"Patient": 1, "Observation": 1, ENTRY: 1}
    assert "FHIR resource" in why_unread(ENTRY)


@pytest.mark.parametrize("kind", ["collection", "history"])
def test_an_entry_that_names_what_it_does_not_hold_is_unread_by_its_type(kind: str) -> None:
    whole = bundle(PATIENT, lab("o1"), kind=kind)
    parsed = only(whole | {"entry": [{"fullUrl": "https://fhir.example/R4/Condition/c2"}, *whole["entry"]]})
    assert (types(parsed), parsed.counted) == (
        ["Patient", "Observation"],
        {"Patient": 1, "Observation": 1, "Condition": 1},
    )


def test_an_array_with_malformed_items() -> None:
    parsed = only([PATIENT, None, lab("o1"), "text"])
    assert (parsed.problem, types(parsed)) == (None, ["Patient", "Observation"])
    assert parsed.counted == {"Patient": 1, "Observation": 1, ENTRY: 2}


def test_what_a_server_did_not_give_of_a_batch_is_unread() -> None:
    whole = bundle(PATIENT, kind="batch-response")
    answers = [{"response": {"status": status}} for status in ("403 Forbidden", "204 No Content")]
    parsed = only(whole | {"entry": [*whole["entry"], *answers]})
    assert (parsed.problem, types(parsed)) == (None, ["Patient"])
    assert parsed.counted == {"Patient": 1, REFUSED: 1}


def test_parameters_are_what_is_in_them() -> None:
    inner = [
        {"name": "return", "resource": bundle(PATIENT, lab("o1"))},
        {"name": "more", "part": [{"name": "one", "resource": lab("o2")}, {"name": "count", "valueInteger": 2}]},
    ]
    parsed = only({"resourceType": "Parameters", "parameter": inner})
    assert (parsed.problem, types(parsed)) == (None, ["Patient", "Observation", "Observation"])
    assert parsed.counted == {"Patient": 1, "Observation": 2, PARAMETER: 1}


def test_parameters_without_resources_are_refused() -> None:
    parsed = only({"resourceType": "Parameters", "parameter": [{"name": "count", "valueInteger": 2}]})
    assert (parsed.problem, parsed.reason) == ("unsupported", "FHIR Parameters without resources")


@pytest.mark.parametrize(
    ("element", "name"),
    [
        ({"code": "GLU"}, "code"),
        ({"valueQuantity": 5}, "valueQuantity"),
        ({"valueQuantity": [{"value": 5}, {"value": 6}]}, "valueQuantity"),
        ({"code": {"text": ["a"]}}, "text"),
        ({"code": {"coding": "GLU"}}, "coding"),
        ({"code": {"coding": [{"code": "1", "display": {"a": 1}}]}}, "display"),
        ({"note": "text"}, "note"),
        ({"referenceRange": [{"low": 3}]}, "low"),
        ({"status": {"code": "final"}}, "status"),
        ({"effectiveDateTime": ["2026-01-01"]}, "effectiveDateTime"),
        ({"component": [{"valueQuantity": "5"}]}, "valueQuantity"),
    ],
)
def test_a_malformed_element_is_said(element: Any, name: str) -> None:
    parsed = only(bundle(PATIENT, lab("plain"), lab("o1", **element)))
    said = {piece.key: piece.contradictions for piece in parsed.pieces()}
    expected = f"its element {name} has not the form that FHIR R4 gives it, and may not be read"
    assert expected in said["Observation/o1"]
    assert said["Patient/p1"] == said["Observation/plain"] == ()
