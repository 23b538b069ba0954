"""The calendar: what is due, and nothing that a calendar program could stumble over."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from emkcli import errors, locale, models
from emkcli.api.ports import CardQuery
from emkcli.exporters import ics_writer
from tests.exporters.running import export_card
from tests.exporters.test_export import Pieces

ALL = CardQuery()
TODAY = {"fetched_at": "2026-04-01T01:30:00+03:00"}


class Due(Pieces):
    def __init__(self, *records: Any) -> None:
        self.records = records

    def prescriptions(self, query: CardQuery) -> Any:
        return (one for one in self.records if isinstance(one, models.Prescription))

    def prevention(self, query: CardQuery) -> Any:
        return (one for one in self.records if isinstance(one, models.Prevention))

    def visits(self, query: CardQuery) -> Any:
        return (one for one in self.records if isinstance(one, models.Visit))

    def other(self, query: CardQuery) -> Any:
        return (one for one in self.records if isinstance(one, models.Other))

    def referrals(self, query: CardQuery) -> Any:
        return (one for one in self.records if isinstance(one, models.Referral))

    def documents(self, query: CardQuery) -> Any:
        return (one for one in self.records if isinstance(one, models.Document))


def recipe(ident: str = "r1", expires_on: str | None = "2026-05-01", **more: Any) -> models.Prescription:
    return models.Prescription(
        id=ident, medicine="Йод; 50 мкг, таблетки", status="active", expires_on=expires_on, **more
    )


def exam(ident: str, next_due: str | None, kind: str = "Диспансеризация") -> models.Prevention:
    return models.Prevention(id=ident, type=kind, next_due=next_due)


def calendar(*records: Any, **options: Any) -> tuple[bytes, list[dict[str, str]], models.ExportResult]:
    out = io.BytesIO()
    result = export_card(Due(*records), ALL, "ics", "-", stdout=out, envelope=TODAY, **options)
    return out.getvalue(), list(events(out.getvalue())), result


def events(content: bytes) -> Iterator[dict[str, str]]:
    """A reader of its own: unfold, split, unescape."""
    assert content.endswith(b"END:VCALENDAR\r\n")
    lines = content.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found = {}
        elif line == "END:VEVENT":
            yield found
        else:
            parts = value.replace("\\\\", "\0").replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";")
            found[name] = parts.replace("\0", "\\")


def test_ends_and_examinations() -> None:
    content, found, result = calendar(recipe(number="77", instructions="Утром"), exam("p1", "2027-04-05"))
    assert [one["DTSTART;VALUE=DATE"] for one in found] == ["20260501", "20270405"]
    assert found[0]["DTEND;VALUE=DATE"] == "20260502"
    assert found[0]["SUMMARY"] == "The prescription ends: Йод; 50 мкг, таблетки"
    assert found[0]["DESCRIPTION"] == "No. 77\nУтром\nNot a medical document."
    assert found[0]["DTSTAMP"] == "20260331T223000Z"
    assert found[1]["SUMMARY"] == "Due: Диспансеризация"
    assert content.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")
    assert result.records == {"prescriptions": 1, "prevention": 1}


def test_the_same_card_gives_the_same_events() -> None:
    first, second = calendar(recipe(), recipe("r2")), calendar(recipe("r2"), recipe())
    assert {one["UID"] for one in first[1]} == {one["UID"] for one in second[1]}
    assert len({one["UID"] for one in first[1]}) == 2


def test_what_is_over_is_left_out() -> None:
    old = recipe("a", "2026-03-31"), recipe("b", None), replace(recipe("c"), status="cancelled")
    _, found, result = calendar(*old, exam("p", "2026-03-31"))
    assert found == []
    assert result.complete
    assert b"VTIMEZONE" in calendar()[0], "a calendar without any component is none"


def test_today_counts_in_moscow() -> None:
    assert len(calendar(recipe(expires_on="2026-04-01"))[1]) == 1


def test_the_newest_examination_of_a_kind_counts() -> None:
    _, found, _ = calendar(exam("new", "2027-01-01"), exam("old", "2026-06-01"), exam("eye", "2026-07-01", "Осмотр"))
    assert [one["DTSTART;VALUE=DATE"] for one in found] == ["20270101", "20260701"]


def test_a_vaccination_is_due_unless_it_is_settled() -> None:
    known = [
        exam("f#1", "2026-09-01", "Вакцинация: Грипп"),
        replace(exam("f#2", "2026-10-01", "Вакцинация: Корь"), status="contraindicated"),
        exam("old", "2026-11-01", "Вакцинация: Корь"),
        replace(exam("mistake", "2027-01-01"), status="entered-in-error"),
        exam("right", "2027-02-01"),
    ]
    _, found, _ = calendar(*known)
    assert [(one["SUMMARY"], one["DTSTART;VALUE=DATE"]) for one in found] == [
        ("Due: Вакцинация: Грипп", "20260901"),
        ("Due: Диспансеризация", "20270201"),
    ]


def test_overdue_and_this_month_are_not_over() -> None:
    """Today is 1 April in Moscow; the days stay as they were sent."""
    late = replace(exam("f#1", "2026-01-10", "Вакцинация: Корь"), status="overdue")
    past = replace(exam("f#4", "2026-01-10", "Вакцинация: Чума"), status="due")
    known = [late, exam("f#2", "2026-04", "Вакцинация: Грипп"), exam("f#3", "2026-03", "Осмотр"), past]
    _, found, _ = calendar(*known, exam("f#5", "2026", "Диспансеризация"))
    assert [(one["SUMMARY"], one["DTSTART;VALUE=DATE"]) for one in found] == [
        ("Due: Вакцинация: Корь", "20260110"),
        ("Due: Вакцинация: Грипп", "20260401"),
        ("Due: Диспансеризация", "20260101"),
    ]


def test_partial_and_broken_dates() -> None:
    _, found, result = calendar(recipe(expires_on="2026-05"), exam("p", "2027"), recipe("bad", "soon\n<b>"))
    assert [one["DTSTART;VALUE=DATE"] for one in found] == ["20260531", "20270101"]
    assert not result.complete
    assert result.missing[0].what == "bad"
    calendar(recipe(expires_on="9999-12-31"), recipe(expires_on="0001-01-01"))


def test_what_is_booked_and_what_is_good_no_longer() -> None:
    _content, found, result = calendar(
        models.Visit(id="v1", date="2026-04-02T09:30:00+03:00", status="planned", reason="Осмотр"),
        models.Visit(id="v2", date="2026-04-03", status="cancelled", reason="Отменённый"),
        models.Visit(id="v3", date="2026-03-30", status="planned", reason="Прошедший"),
        models.Visit(id="v4", date="2026-04-03", status="finished", reason="Бывший"),
        models.Other(
            id="a", date="2026-04-05T10:00:00+03:00", status="booked", type="Appointment", title="Запись к ЛОР"
        ),
        models.Referral(id="r", display="МРТ", expires_on="2026-04-20", planned_for="2026-04-15T08:00:00+03:00"),
        models.Referral(id="off", display="Отозванное", status="revoked", planned_for="2026-04-16"),
        models.Referral(id="old", display="КТ", expires_on="2026-03-20"),
        *(
            models.Referral(id=status, display="УЗИ", status=status, expires_on="2026-04-20")
            for status in ("completed", "revoked", "entered-in-error", "draft", "prohibited")
        ),
        models.Document(id="s", title="Заменённая", status="superseded", expires_on="2026-05"),
        models.Document(id="d", title="Справка 086/у", expires_on="2026-05"),
        models.Document(id="e", title="Выписка"),
    )
    assert sorted((one["DTSTART;VALUE=DATE"], one["SUMMARY"]) for one in found) == [
        ("20260402", "Booked: Осмотр"),
        ("20260405", "Booked: Запись к ЛОР"),
        ("20260415", "Booked: МРТ"),
        ("20260420", "Good until today: МРТ"),
        ("20260531", "Good until today: Справка 086/у"),
    ]
    assert "09:30" in found[0]["DESCRIPTION"]
    assert result.records == {"visits": 1, "other": 1, "referrals": 2, "documents": 1}


def test_lists_and_places(tmp_path: Path) -> None:
    assert len(calendar(recipe(), exam("p", "2027-01-01"), categories=["prevention"])[1]) == 1
    assert calendar(recipe(), categories=["labs"])[1] == []
    export_card(Due(recipe()), ALL, "ics", str(tmp_path / "x.ics"), envelope=TODAY)
    assert (tmp_path / "x.ics").stat().st_mode & 0o777 == 0o600
    note = json.loads((tmp_path / "x.ics.manifest.json").read_bytes())
    assert note["records"] == {"prescriptions": 1}


def test_a_list_that_cannot_be_read(tmp_path: Path) -> None:
    class Broken(Due):
        def prescriptions(self, query: CardQuery) -> Any:
            raise errors.ServerError("broke off")

    card = Broken(exam("p", "2020-01-01"))
    result = export_card(card, ALL, "ics", str(tmp_path / "x"), envelope=TODAY)
    assert (result.complete, result.records) == (False, {"prevention": 0})
    with pytest.raises(errors.ServerError):
        export_card(card, ALL, "ics", str(tmp_path / "y"), envelope=TODAY, categories=["prescriptions"])
    assert not (tmp_path / "y").exists()


def test_in_russian() -> None:
    locale.use("ru")
    try:
        assert calendar(recipe())[1][0]["SUMMARY"].startswith("Рецепт заканчивается: Йод")
    finally:
        locale.use("en")


def test_ten_megabytes_are_cut() -> None:
    content, found, _ = calendar(recipe(instructions="Я" * 10_000_000))
    assert len(content) < 10_000
    assert len(found) == 1


@given(st.text(max_size=300))
def test_hostile_text_stays_in_its_line(text: str) -> None:
    content, found, _ = calendar(recipe(instructions=f"a{text}\r\nEND:VEVENT\r\nBEGIN:VEVENT"))
    assert len(found) == 1
    assert content.count(b"\r\nBEGIN:VEVENT") == 1
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert not any(char in content.decode() for char in "\x1b\u202e\u2066\0")
    for line in content.split(b"\r\n"):
        line.decode()


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_folding_loses_nothing(text: str) -> None:
    assert ics_writer.folded(text).replace(b"\r\n ", b"") == text.encode() + b"\r\n"
