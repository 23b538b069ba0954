"""Invented records and contexts for the tests of output."""

from __future__ import annotations

import io
from typing import Any

from emkcli import models
from emkcli.presentation.render import Context
from emkcli.security.redact import Redactor

FETCHED = "2026-11-23T10:00:00+03:00"
CLINIC = models.Named(id="clinic-1", name="ГП № 3")
DOCTOR = models.DoctorRef(id="doctor-1", name="Иванова Анна Петровна", specialty="терапевт")
PERSON = models.Named(id="person-1", name="Примерова Мария")


def lab(number: int = 1, **changes: Any) -> models.LabResult:
    fields: dict[str, Any] = {
        "id": f"lab-{number:05}",
        "collected_at": "2026-03-02T05:15:00+00:00",
        "analyte": "Гемоглобин",
        "value": "5.20",
        "unit": "×10⁹/л",
        "reference": models.Reference(low="4.0", high="9.0"),
        "flag": "H",
        "status": "final",
        "clinic": CLINIC,
        "doctor": DOCTOR,
    }
    return models.LabResult(**fields | changes)


APPLICATION = models.Application(
    id="application-1",
    status="in_progress",
    status_name="В работе",
    clinic=CLINIC,
    expected_by="2026-11-25T07:00:00Z",
    history=[models.Step(at="2026-11-23T10:00:00+03:00", status="submitted", status_name="Отправлено", comment="СМС")],
    next="emk status --wait",
)
DOCUMENT = models.Document(
    id="document-1",
    date="2026-01-02",
    type="Протокол осмотра",
    title="Протокол осмотра терапевта",
    author=models.Author(name="Иванова А. П.", specialty="терапевт"),
    diagnoses=[models.Coding(code="I10", display="Гипертензия"), models.Coding(code="E11")],
    sections=[models.Section(title="Жалобы", text="Кашель.\n\nСлабость."), models.Section(text="Без заголовка")],
    source=models.FileSource(file="a.xml", sha256="0" * 64),
)
SINGLES: list[models.Model] = [
    APPLICATION,
    DOCUMENT,
    lab(),
    models.Account(id="1", trust="simplified", name="П.", verification=models.Verification(status="review")),
    models.Person(id="1", name="П.", relation="self"),
    models.Service(id="1", title="ЭМК"),
    models.Consent(
        id="c", service="s", title="Согласие", text="Я согласна.\nДа.", version="1", sha256="0", status="required"
    ),
    models.Clinic(id="1", name="ГП", distance_km=1.25, approximate=True),
    models.Doctor(id="1", name="И.", panel_open=False),
    models.Request(status="draft", medicine="Аторвастатин"),
    models.Transfer(to=CLINIC, records=[models.RecordRef(id="r", type="lab_result")], status="active"),
    models.Profile(name="П."),
    models.Notification(
        id="1", at=FETCHED, channel="sms", title="Т", text="Т", contact=models.Contact(name="Регистратура")
    ),
    models.Next(command="emk login", why="nobody is logged in"),
    models.Visit(id="1", date="2025", diagnoses=[models.Coding(code="J06.9", display="ОРВИ")], conclusion="Здоров"),
    models.Study(id="1", type="ecg", title="ЭКГ", conclusion="Синусовый ритм"),
    models.Prescription(id="1", type="recipe", status="expired", medicine="Аторвастатин"),
    models.Vaccination(id="1", date="2024-10", infections=["грипп"]),
    models.Prevention(id="1", type="check-up", recommendations=["ходить"]),
    models.Diagnosis(id="1", code="I10", type="main"),
    models.Allergy(id="1", display="Пенициллин"),
    models.Vital(id="1", display="АД", value="120/80", unit="мм рт. ст."),
    models.Referral(id="1", display="Невролог"),
    models.Procedure(id="1", display="Колоноскопия", status="not-done", reason="отказ"),
    models.Other(id="1", type="Flag", title="Осторожно", text="code: Осторожно"),
    models.Access(at=FETCHED, who="Врач"),
    models.Summary(person=PERSON, labs_out_of_range=[lab()]),
    models.Summary(missing=[models.Missing(what="labs", why="…")]),
    models.SearchHit(id="1", type="visit", title="Осмотр", snippet="**Кашель** и насморк", score=1.5),
    models.AnalyteSummary(analyte="Гемоглобин", code="718-7", count=3, value="130", unit="г/л", specimens=["Кровь"]),
    models.Trend(
        analyte="Гемоглобин",
        codes=[models.Coding(code="718-7")],
        unit="г/л",
        points=[
            models.TrendPoint(at="2025-01-02", value="130", value_number=130, unit="г/л", record_id="1"),
            models.TrendPoint(at="2026-01-02", value="<0,1", flag="L", record_id="2"),
        ],
        segments=[models.TrendSegment(unit="г/л", count=2, factor=1)],
    ),
    models.ExportResult(format="csv", files=[models.WrittenFile(path="a", bytes=1, sha256="0")], records={"labs": 3}),
    models.AuditEntry(
        at="2026-11-23T10:00:00+03:00",
        action="card export",
        profile="default",
        backend="mock",
        exit_code=0,
        details={"format": "csv"},
    ),
    models.ImportResult(file="a.xml", status="added", records={"labs": 3}),
    models.SyncResult(
        person=models.Named(id="p-1", name="Анна"),
        added={"labs": 3},
        unchanged={"labs": 9, "visits": 2},
        complete=False,
        missing=[models.Missing(what="Immunization", why="503")],
        synced_at="2026-11-23T10:00:00+03:00",
    ),
]


def context(output: str | None = None, *, stdout: Any = None, **changes: Any) -> Context:
    fields: dict[str, Any] = {
        "stdout": stdout or io.StringIO(),
        "stderr": io.StringIO(),
        "redactor": Redactor(),
        "output": output,
        "backend": "mock",
        "demo": True,
        "profile": "default",
        "fetched_at": FETCHED,
        "person": PERSON,
    }
    return Context(**fields | changes)


def terminal_context(width: int = 80, **changes: Any) -> Context:
    return context(**{"is_tty": True, "width": width} | changes)


def printed(spoken: Context) -> str:
    return spoken.stdout.getvalue()  # type: ignore[attr-defined, no-any-return]


def said(spoken: Context) -> str:
    return spoken.stderr.getvalue()  # type: ignore[attr-defined, no-any-return]
