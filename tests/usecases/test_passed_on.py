"""A resource that gives several records is passed on once, and the preview says all of it."""

from __future__ import annotations

from datetime import UTC, datetime
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


def test_what_a_backend_sends_beside_is_never_passed_on() -> None:
    before = Vital(id="Observation/old#1", date="2020-03-02", display="Пульс", value="60", source="server")
    world, said = app(pressure(1, "Систолическое", "120"), before), []
    world.notice, world.now = said.append, lambda: datetime(2026, 11, 16, tzinfo=UTC)
    references, preview = selected(world, ["vitals"], [], "2026-01-01")
    assert references == [RecordRef(id="Observation/bp", type="vital")]
    assert [record.value for record in preview] == ["120 mm[Hg]"]
    assert said == ["The backend sent 1 record that was not asked for; it is left out."]


def test_a_record_that_is_named_twice_is_shown_once() -> None:
    references, preview = selected(app(pressure(1, "Систолическое", "120")), [], ["x", "x"], None)
    assert references == [RecordRef(id="Observation/bp", type="vital")], "whatever short id it was named by"
    assert [record.value for record in preview] == ["120 mm[Hg]"]
