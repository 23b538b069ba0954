"""A resource that gives several records is passed on once, and the preview says all of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from emkcli.models import RecordRef, Vital
from emkcli.usecases.card.passed_on import selected


def pressure(number: int, display: str, value: str) -> Vital:
    return Vital(
        id=f"Observation/bp#{number}", date="2026-03-02", display=display, value=value, unit="mm[Hg]", source="server"
    )


def app(*records: Vital) -> Any:
    card = SimpleNamespace(vitals=lambda query: iter(records), record=lambda record_id, person: records[0])
    settings = SimpleNamespace(person=None)
    return SimpleNamespace(client=SimpleNamespace(card=card), settings=settings)


def test_parts_of_one_resource_are_passed_on_as_one_and_shown_each() -> None:
    parts = pressure(1, "Систолическое", "120"), pressure(2, "Диастолическое", "80")
    references, preview = selected(app(*parts), ["vitals"], [], None)
    assert references == [RecordRef(id="Observation/bp", type="vital")]
    assert [(record.title, record.value) for record in preview] == [
        ("Систолическое", "120 mm[Hg]"),
        ("Диастолическое", "80 mm[Hg]"),
    ]


def test_a_record_that_is_named_twice_is_shown_once() -> None:
    references, preview = selected(app(pressure(1, "Систолическое", "120")), [], ["x", "x"], None)
    assert references == [RecordRef(id="Observation/bp", type="vital")], "whatever short id it was named by"
    assert [record.value for record in preview] == ["120 mm[Hg]"]
