"""A document that a newer one replaces is no longer current, whatever it says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.invented import read


def document(ident: str, kind: str = "DocumentReference", **more: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": ident, "status": "current", "type": {"text": "Эпикриз"}, **more}


def statuses(*documents: dict[str, Any]) -> dict[str, str | None]:
    return {record.id: record.status for record in read(*documents)}


OLDER = document("older", docStatus="final")
REPLACING = {"code": "replaces", "target": {"reference": "DocumentReference/older"}}


@pytest.mark.parametrize("code", ["replaces", {"coding": [{"code": "replaces"}]}])
def test_the_older_document_is_superseded(code: Any) -> None:
    newer = document("newer", docStatus="final", relatesTo=[{**REPLACING, "code": code}])
    expected = {"DocumentReference/older": "superseded", "DocumentReference/newer": "final"}
    assert statuses(OLDER, newer) == statuses(newer, OLDER) == expected


@pytest.mark.parametrize("changed", [{"status": "entered-in-error"}, {"relatesTo": [{**REPLACING, "code": "appends"}]}])
def test_what_is_taken_back_or_only_adds_replaces_nothing(changed: dict[str, Any]) -> None:
    newer = document("newer", **{"relatesTo": [REPLACING], **changed})
    assert statuses(OLDER, newer)["DocumentReference/older"] == "final"


def test_a_document_does_not_replace_itself() -> None:
    assert statuses({**OLDER, "relatesTo": [REPLACING]}) == {"DocumentReference/older": "final"}


def test_that_an_older_document_was_a_mistake_stays_said() -> None:
    older = {**OLDER, "status": "entered-in-error"}
    newer = document("newer", relatesTo=[REPLACING])
    assert statuses(older, newer)["DocumentReference/older"] == "entered-in-error"


@pytest.mark.parametrize(
    "relation",
    [
        {"code": "replaces", "targetReference": {"reference": "Composition/older"}},
        {"type": "replaces", "resourceReference": {"reference": "Composition/older"}},
    ],
)
def test_a_composition_replaces_another_and_what_lists_that(relation: dict[str, Any]) -> None:
    older = document("older", "Composition", status="final")
    newer = document("newer", "Composition", status="final", relatesTo=[relation])
    assert statuses(older, newer) == {"Composition/older": "superseded", "Composition/newer": "final"}
    listed = document("listed", context={"related": [{"reference": "Composition/older"}]})
    assert statuses(older, newer, listed)["DocumentReference/listed"] == "superseded"
