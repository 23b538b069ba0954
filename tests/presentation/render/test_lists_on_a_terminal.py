"""Lists that fit the screen: the newest, under what they have in common, with ids that can be typed and columns that leave."""

from __future__ import annotations

import re
from dataclasses import replace as with_changes
from typing import Any

import pytest
from wcwidth import wcswidth

from emkcli import models
from emkcli.models import short_ids
from emkcli.models.register import LISTS
from emkcli.presentation.render import render
from emkcli.results import Listing
from emkcli.views import VIEWS, show
from tests.presentation.render.samples import lab, printed, terminal_context


def shown(listing: Listing, width: int = 80, **changes: Any) -> str:
    spoken = with_changes(terminal_context(width), output=None, is_tty=True, **changes)
    render(listing, spoken)
    return printed(spoken)


def results(count: int) -> list[models.LabResult]:
    return [lab(id=f"Observation/lab-zh4nbm-{number:04}", panel=["Общий анализ"]) for number in range(count)]


def listing(count: int, **more: Any) -> Listing:
    made = Listing(iter(results(count)), models.LabResult, **more)
    made.newest = 30
    return made


def test_a_terminal_shows_the_newest_and_says_how_many_there_are() -> None:
    spoken = with_changes(terminal_context(80), output=None, is_tty=True)
    render(listing(40), spoken)
    assert len(re.findall(r"lab-\d{4}", printed(spoken))) == 30
    assert "showing 30 of 40 (--all, --limit N)" in spoken.stderr.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("changes", [{"is_tty": False}, {"output": "table"}, {"output": "json"}])
def test_a_pipe_and_a_format_that_was_named_have_all(changes: dict[str, Any]) -> None:
    spoken = with_changes(terminal_context(80), **{"output": None, "is_tty": True} | changes)
    render(listing(40), spoken)
    assert len(re.findall(r"lab-zh4nbm-\d{4}|lab-\d{4}", printed(spoken))) == 40


def test_a_reason_is_called_one_in_the_column_of_diagnoses() -> None:
    came = models.Visit(id="v", date="2026-03-09", reason="Острый тонзиллит", status="cancelled", source="server")
    found = models.Visit(id="w", date="2026-03-08", reason="Кашель", diagnoses=[], status="finished", source="server")
    text = shown(Listing([came, found], models.Visit))
    assert "reason: Острый тонзиллит" in " ".join(text.split())
    assert "reason: Кашель" in " ".join(text.split())
    diagnosed = models.Visit(id="x", diagnoses=[models.Coding(display="Грипп")], reason="Жар", source="server")
    assert "reason: " not in shown(Listing([diagnosed], models.Visit))


@pytest.mark.parametrize(
    ("sent", "told"), [("2026-03-09T08:15:00+03:00", "2026-03-09"), ("весной 2024", "весной 2024")]
)
def test_a_day_is_a_date_without_its_hour_and_words_stay_whole(sent: str, told: str) -> None:
    assert show.day(sent) == told


def test_the_limit_that_was_given_counts() -> None:
    assert len(re.findall(r"lab-\d{4}", shown(listing(40, limit=35)))) == 35


def test_results_stand_under_their_sample() -> None:
    items = [lab(id="a"), lab(id="b"), lab(id="c", panel=["Липидный профиль"]), lab(id="d", collected_at="2020-01-02")]
    items[0], items[1] = (with_panel(item, "Общий анализ") for item in items[:2])
    text = shown(Listing(items, models.LabResult))
    assert text.count("Общий анализ") == 1
    assert text.index("Общий анализ") < text.index("\na ") < text.index("\nb ") < text.index("Липидный профиль")
    assert "2020-01-02" in text.splitlines()[-2]
    assert "Taken" not in text
    assert "Taken" in shown(Listing(items, models.LabResult), fields=["id", "collected_at"])


def with_panel(result: models.LabResult, panel: str) -> models.LabResult:
    return models.LabResult.from_builtins({**result.to_builtins(), "panel": [panel]})


@pytest.mark.parametrize(
    ("ident", "short"),
    [
        ("Observation/lab-zh4nbm-0286", "lab-0286"),
        ("Patient/829bb06a-42b9-433d-a8f6-560727c63da9", "829bb06a"),
        ("i-2bd1957ed20b8412#lab2", "i-2bd195#lab2"),
        ("Observation/123", "123"),
        ("https://a.example/x", "https://a.example/x"),
    ],
)
def test_a_short_id_means_its_record(ident: str, short: str) -> None:
    assert short_ids.shortened(ident) == short
    assert short_ids.is_meant(ident, short)
    assert short_ids.is_meant(ident, ident)
    assert not short_ids.is_meant(ident, "0")


def test_ids_that_would_be_alike_stay_whole() -> None:
    items = [lab(id="Observation/lab-aaaaaa-0001"), lab(id="Observation/lab-bbbbbb-0001"), lab(id="lab-aaaaaa-0002")]
    text = shown(Listing(items, models.LabResult))
    assert "lab-aaaaaa-0001" in text
    assert "lab-bbbbbb-0001" in text
    assert "lab-0002" in text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_narrow_table_has_fewer_columns_and_whole_words(width: int) -> None:
    words = "Рентгенография эозинофильная аспартатаминотрансфераза"
    studies = [
        models.Study(id=f"study-zh4nbm-000{number}", date="2026-03-01", title=words, conclusion=words, status="final")
        for number in range(3)
    ]
    text = shown(Listing(studies, models.Study), width)
    assert text.startswith("ID")
    assert "---" in text.splitlines()[1]
    assert max(map(wcswidth, text.splitlines())) <= width
    for word in words.split():
        assert word in text


WORDS = "Острая инфекция верхних дыхательных путей неуточненная"


def visit(number: int, *, words: str = WORDS, status: str = "finished") -> models.Visit:
    return models.Visit(
        id=f"Encounter/visit-zh4nbm-{number:04}",
        date="2026-03-09T18:12:00+03:00",
        status=status,
        reason="Контрольный осмотр, динамика лечения",
        diagnoses=[models.Coding(code="J06.9", display=words)] if words else [],
        clinic=models.Named(id="gp-086", name="Городская поликлиника № 986"),
        doctor=models.DoctorRef(id="d-1", name="Бархатова Ксения Германовна"),
    )


def columns_of(text: str) -> list[str]:
    return text.splitlines()[0].split()


def test_a_row_of_a_screen_is_about_two_lines() -> None:
    lines = shown(Listing([visit(number) for number in range(30)], models.Visit)).splitlines()
    assert lines[0].split() == ["ID", "Date", "Diagnoses", "Status"]
    assert len(lines) <= 2 + 2 * 30
    assert "2026-03-09" in lines[2]
    assert "18:12" not in lines[2]


@pytest.mark.parametrize("width", [50, 60, 80])
def test_what_a_visit_is_known_by_stays_on_a_narrow_screen(width: int) -> None:
    text = shown(Listing([visit(1), visit(2, status="entered-in-error")], models.Visit), width)
    assert columns_of(text) == ["ID", "Date", "Diagnoses", "Status"]
    assert "visit-0002" in text
    assert {"entered", "error"} <= set(text.split())
    assert "поликлиника" not in text


def test_the_columns_do_not_depend_on_what_stands_in_them() -> None:
    short = shown(Listing([visit(1, words="Кашель")], models.Visit))
    long = shown(Listing([visit(1, words=" ".join([WORDS] * 6))], models.Visit))
    assert columns_of(short) == columns_of(long)
    assert "Doctor" not in short


def test_a_wide_screen_has_who_and_where_too() -> None:
    assert {"Doctor", "Clinic"} <= set(columns_of(shown(Listing([visit(1)], models.Visit), 120)))


def test_a_visit_without_a_diagnosis_says_why_one_came() -> None:
    text = shown(Listing([visit(1, words=""), visit(2)], models.Visit))
    assert "Контрольный осмотр" in text
    assert text.count("Контрольный") == 1


def test_fields_that_were_asked_for_are_whole() -> None:
    text = shown(Listing([visit(1)], models.Visit), 60, fields=["date", "clinic.name"])
    assert "2026-03-09 18:12" in text
    assert "поликлиника" in text


def test_a_clinic_of_a_screen_takes_one_line_and_a_format_has_its_whole_name() -> None:
    clinic = models.Clinic(
        id="gp-086", name="Городская поликлиника № 986", short_name="ГП № 986", address="г. Москва, ул. Тверская, д. 1"
    )
    assert len(shown(Listing([clinic], models.Clinic)).splitlines()) == 3
    assert "ГП № 986" in shown(Listing([clinic], models.Clinic))
    assert "Городская поликлиника № 986" in shown(Listing([clinic], models.Clinic), fields=["name"])


@pytest.mark.parametrize(("width", "unshown"), [(80, "no room for: Reason, Doctor, Clinic (-o plain)\n"), (160, "")])
def test_columns_for_which_there_is_no_room_are_named_beneath(width: int, unshown: str) -> None:
    spoken = with_changes(terminal_context(width), output=None, is_tty=True)
    render(Listing([visit(1)], models.Visit), spoken)
    assert spoken.stderr.getvalue() == unshown  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_value_is_not_parted_from_its_unit(width: int) -> None:
    vital = models.Vital(id="vital-1", date="2026-03-09", display="Рост", value="159", unit="см")
    text = shown(Listing([vital], models.Vital), width)
    assert "159 см" in text
    assert "Unit" not in text


UNBROKEN = "x" * 200


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("field", ["value", "analyte", "flag"])
def test_one_long_word_is_broken_and_changes_nothing_else(width: int, field: str) -> None:
    usual = shown(Listing(results(9), models.LabResult), width)
    text = shown(
        Listing([*results(9), lab(id="Observation/lab-zh4nbm-0009", **{field: UNBROKEN})], models.LabResult), width
    )
    assert columns_of(text) == columns_of(usual)
    assert "---" in text.splitlines()[1]
    assert max(map(len, text.splitlines())) <= width
    assert re.findall(r"lab-\d{4}", text) == [f"lab-{number:04}" for number in range(10)]
    assert text.count("5.20 ×10⁹/л") == 10 - (field == "value")
    assert "".join(re.findall("x+", text)) == UNBROKEN


def crowded(row: Any, number: int) -> dict[str, Any]:
    """A record whose every column holds something that is long."""
    words = "Артериальное давление дегенеративное"
    told = {
        "id": f"X/diagnosis-zh4nbm-{number:04}",
        "status": "final",
        "flag": "H",
        "value": "положительно",
        "code": "1003870",
        "dose_number": "2",
        "reactions": [{"manifestations": ["Аллергический ринит"], "severity": "mild"}],
        "reference": {"text": "отрицательно"},
        "criticality": "unable-to-assess",
        "diagnoses": [{"code": "J06.9", "display": words}],
        "infections": [words],
        "clinic": {"name": words},
        **{who: {"name": words} for who in ("doctor", "author", "performer")},
        **dict.fromkeys(("date", "expires_on", "next_due"), "2026-03-09T18:12:00+03:00"),
    }
    columns = dict.fromkeys(path.partition(".")[0] for path in VIEWS[row.model.kind].columns)
    return {name: told.get(name, words) for name in columns}


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("row", LISTS, ids=lambda row: row.category)
def test_the_id_that_one_types_stays_on_a_narrow_screen(row: Any, width: int) -> None:
    text = shown(Listing([crowded(row, 1), crowded(row, 2)], row.model), width)
    assert columns_of(text)[0] == "ID"
    assert "---" in text.splitlines()[1]
    assert re.findall(r"diagnosis-\d{4}", text) == ["diagnosis-0001", "diagnosis-0002"]
    assert max(map(wcswidth, text.splitlines())) <= width


@pytest.mark.parametrize("width", [60, 80])
def test_a_day_and_its_hour_stay_in_one_line(width: int) -> None:
    vital = models.Vital(
        id="vital-0001", date="2026-03-09T18:12:00+03:00", display="Артериальное давление сидя", value="116/73",
        unit="мм рт. ст.", flag="H", reference=models.Reference(text="90/60 - 120/80"),
    )  # fmt: skip
    assert "2026-03-09 18:12" in shown(Listing([vital], models.Vital), width)


ANALYTES = [
    models.AnalyteSummary(
        analyte="Аспартатаминотрансфераза (АСТ)", code="1920-8", specimens=["Сыворотка крови", "Кровь венозная"],
        count=11, at="2026-06-22T08:30:00+03:00", value="13", unit="мкмоль/л", flag="H", record_id="lab-1",
    ),
    models.AnalyteSummary(
        analyte="Скрытая кровь в кале", code="29771-3", specimens=["Кал"], count=1, at="2026-06-22",
        value="отрицательно", status="corrected", record_id="lab-2",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (60, ["Analyte", "Value", "When", "Count"]),
        (80, ["Analyte", "Value", "When", "Count", "Specimen"]),
        (120, ["Analyte", "Value", "When", "Count", "Code", "Specimen"]),
    ],
)
def test_analytes_have_their_count_on_every_screen_and_whole_words(width: int, columns: list[str]) -> None:
    text = shown(Listing(ANALYTES, models.AnalyteSummary), width)
    assert columns_of(text) == columns
    assert max(map(wcswidth, text.splitlines())) <= width
    assert {"Аспартатаминотрансфераза", "отрицательно", "corrected", "↑H", "11", "2026-06-22"} <= set(text.split())
    assert ("Сыворотка" in text) == (width >= 80)
    assert "08:30" not in text
