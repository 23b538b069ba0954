"""The card on paper, read back: all of it, in letters of its own, and no text of a source is ever more than text."""

from __future__ import annotations

import io
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from emkcli import errors, locale, models
from emkcli.api.ports import CardQuery
from emkcli.exporters.pdf_writer import font, printable_text
from emkcli.exporters.pdf_writer.paper import BOTTOM, LEFT, RIGHT, TOP, Paper
from tests.conftest import Emk
from tests.exporters.running import export_card
from tests.exporters.test_export import Pieces
from tests.exporters.test_ips_writer import CARD, condition, poisoned
from tests.invented import PATIENT, Server, lab, plain, quantity

ALL = CardQuery()
TODAY = {"fetched_at": "2026-04-01T10:00:00+03:00", "backend": "mock", "demo": True}
VISIT = "doctor-visit"


class Card(Pieces):
    """A card of whatever lists a test gives it; the others are empty."""

    def __init__(self, name: str = "Пробная Анна", **lists: list[Any]) -> None:
        self.name, self.lists = name, lists

    def person(self, person: str | None = None) -> models.Person:
        return models.Person(id="p", name=self.name, relation="self", birth_date="1979-06-01", sex="female")

    def __getattribute__(self, name: str) -> Any:
        if name in models.CATEGORIES:
            return lambda query: iter(self.lists.get(name, []))
        return super().__getattribute__(name)


class Pages:
    """A document as another library reads it."""

    def __init__(self, content: bytes) -> None:
        self.reader = PdfReader(io.BytesIO(content), strict=True)
        self.pages = [" ".join(page.extract_text().split()) for page in self.reader.pages]
        self.text = " ".join(self.pages)


def printed(card: Any, *categories: str, preset: str | None = None) -> tuple[Pages, models.ExportResult]:
    out = io.BytesIO()
    told = export_card(card, ALL, "pdf", "-", categories=categories, preset=preset, stdout=out, envelope=TODAY)
    return Pages(out.getvalue()), told


def result(ident: str = "l1", **more: Any) -> models.LabResult:
    known = {"analyte": "Глюкоза", "value": "5.40", "unit": "ммоль/л", "collected_at": "2026-03-01"}
    return models.LabResult(**{"id": ident, **known, **more})


def test_everything_is_there() -> None:
    pages, told = printed(Server(*CARD).card())
    for said in (
        "Пробная Анна Львовна",
        "1979-06-01",
        "Диагноз E06.3",
        "Йод",
        "Глюкоза, ммоль/л",
        "5.4 ммоль/л",
        "3–6",
        "ЭКГ",
        "Not a medical document",
        "the embedded mock: invented data of the demonstration",
        "Everything that was asked for is on these pages.",
    ):
        assert said in pages.text, said
    assert told.complete
    assert f"{told.records['labs']} records" in pages.text


def test_the_document_says_what_it_is(tmp_path: Path) -> None:
    locale.use("ru")
    pages, _told = printed(Server(*CARD).card())
    assert pages.reader.metadata is not None
    assert pages.reader.metadata.title == "Медицинская карта: Пробная Анна Львовна"
    assert pages.reader.trailer["/Root"]["/Lang"] == "ru"
    assert [one.title for one in pages.reader.outline][:2] == ["Главное", "Содержание"]
    assert "Не является медицинским документом" in pages.text


def test_every_page_has_its_head_and_number() -> None:
    many = [result(f"l{n}", collected_at=f"20{n % 20 + 10}-01-01", analyte=f"Показатель {n % 7}") for n in range(300)]
    pages, _told = printed(Card(labs=many))
    count = len(pages.pages)
    assert count > 5
    for number, page in enumerate(pages.pages, 1):
        assert f"page {number} of {count}" in page
        assert page.startswith("Medical card: Пробная Анна the embedded mock")
        assert "2026-04-01 10:00" in page
    assert sum("(continued)" in page for page in pages.pages) > 3


@pytest.mark.parametrize("preset", [None, VISIT])
def test_the_two_texts_of_the_head_never_meet(monkeypatch: pytest.MonkeyPatch, preset: str | None) -> None:
    drawn: dict[tuple[int, int, float], list[tuple[float, float]]] = {}
    write = Paper.write

    def noted(self: Paper, x: float, text: str, size: float = 8.5, face: str = font.REGULAR, *more: Any) -> None:
        if self.y > TOP:
            drawn.setdefault((length, self.page, self.y), []).append((x, x + font.width(text, face, size)))
        write(self, x, text, size, face, *more)

    monkeypatch.setattr(Paper, "write", noted)
    for length in (1, 4, 8, 16, 40):
        printed(Card(name=" ".join(["Длиннофамильная"] * length)), preset=preset)
    assert len(drawn) > 5
    for spans in drawn.values():
        assert all(left >= LEFT - 0.01 and right <= RIGHT + 0.01 for left, right in spans)
        assert all(after[0] - before[1] > 10 for before, after in pairwise(sorted(spans)))


def test_who_measured_stands_once_above_what_they_measured() -> None:
    clinic, doctor = models.Named(id="c", name="Поликлиника № 1"), models.DoctorRef(id="d", name="Мерин Пётр")
    known: dict[str, Any] = {"date": "2026-01-02", "value": "1", "status": "final"}
    vitals = [models.Vital(id=f"v{n}", display=f"Пульс {n}", clinic=clinic, doctor=doctor, **known) for n in range(3)]
    home = [models.Vital(id=f"h{n}", display=f"Дома {n}", **known) for n in range(2)]
    pages, _told = printed(Card(vitals=[*vitals, *home]), "vitals")
    assert pages.text.count("Поликлиника № 1 · Мерин Пётр") == 1
    assert pages.text.count("Поликлиника № 1") == 1
    assert pages.text.count("— 2026-01-02 Дома 0 1 final") == 1
    assert "Reference" not in pages.text, "a column that no record fills"


def test_every_font_is_embedded() -> None:
    pages, _told = printed(Server(*CARD).card())
    fonts = {
        name: found.get_object()
        for page in pages.reader.pages
        for name, found in page["/Resources"]["/Font"].get_object().items()  # type: ignore[index]
    }
    assert fonts
    for found in fonts.values():
        assert "/FontFile2" in found["/FontDescriptor"]
        assert "/ToUnicode" in found


def test_nothing_in_the_document_acts() -> None:
    pages, _told = printed(Server(*map(poisoned, CARD)).card())
    assert "<script>alert(1)</script>" in pages.text.replace(" ", "")
    assert not re.search("[\u202e\x1b]", pages.text)
    assert not {"/OpenAction", "/AA", "/AcroForm", "/Names"} & set(pages.reader.trailer["/Root"])
    for page in pages.reader.pages:
        for one in page.get("/Annots", ()):
            assert set(one.get_object()) & {"/A", "/AA"} == set(), "links lead to pages of the document only"


def test_values_are_those_of_the_source() -> None:
    odd = result(value="<0,10", reference=models.Reference(text="до 5,0 (жен.)"), flag="HU", comment="×10⁹/л, µ № ≥ ₽")
    pages, told = printed(Card(labs=[odd]))
    for said in ("<0,10 ммоль/л", "до 5,0 (жен.)", "↑↑HU", "×10⁹/л, µ № ≥ ₽"):
        assert said in pages.text
    assert told.complete


def test_units_are_never_joined() -> None:
    pages, _told = printed(Server(lab("a", quantity(5)), lab("b", quantity(90, "мг/дл", "mg/dL"))).card())
    assert "Глюкоза, ммоль/л 1 result" in pages.text
    assert "Глюкоза, мг/дл 1 result" in pages.text


def test_a_cancelled_result_stays_with_its_analyte() -> None:
    curve = {"code": "2345-7", "analyte": "Глюкоза", "unit": None}
    known = [
        result("l1", **curve, unit_code="mmol/L"),
        result("l2", **curve | {"value": None}, status="cancelled"),
        result("l3", analyte="Натрий"),
    ]
    pages, _told = printed(Card(labs=known), "labs")
    assert "Глюкоза 2 results" in pages.text
    assert "Глюкоза 1 result" not in pages.text
    assert "Натрий, ммоль/л 1 result" in pages.text


def test_what_the_font_lacks_is_seen_and_told() -> None:
    pages, told = printed(Card(labs=[result(comment="血糖 é й")]))
    assert "\ufffd\ufffd é й" in pages.text
    assert not told.complete
    assert told.missing[0].what == "characters"
    assert told.missing[0].why.startswith("2 characters")
    assert "2 characters that the font lacks" in pages.text


def test_ten_megabytes_are_cut_and_told() -> None:
    huge = "я<b>&" * 2_000_000
    pages, told = printed(Card(labs=[result(analyte=huge, comment=huge)], visits=[models.Visit(id="v", reason=huge)]))
    assert [part.what for part in told.missing] == ["l1", "v"]
    assert "v: the text is too long; its end is not printed" in pages.text
    assert "Not everything is here: see page" in pages.pages[0]


def test_a_list_that_cannot_be_read_is_told() -> None:
    server = Server(*CARD)
    server.failing = {"AllergyIntolerance": 500}
    pages, told = printed(server.card())
    assert not told.complete
    assert pages.text.count("Could not be read") == 2, "in the summary and in its place"
    assert "No records. Could not be read" not in pages.text
    server.failing = {"Patient/p1": 500}
    with pytest.raises(errors.ServerError):
        printed(server.card())


def test_an_empty_card_says_so() -> None:
    pages, told = printed(Server().card())
    assert told.complete
    assert pages.text.count("No records.") == len(models.LISTS)


@given(st.text(max_size=80), st.sampled_from([None, VISIT]))
@settings(max_examples=30)
def test_no_text_breaks_the_paper(text: str, preset: str | None) -> None:
    card = Card(
        name=text,
        labs=[result(analyte=text, value=text, unit=text, flag=text, comment=text, specimen=text)],
        visits=[models.Visit(id=text or "v", reason=text, conclusion=text, status=text, date=text)],
        allergies=[models.Allergy(id="a", display=text, status=text)],
        documents=[models.Document(id="d", sections=[models.Section(title=text, text=text)])],
        vaccinations=[models.Vaccination(id="i", vaccine=text, infections=[text], date=text)],
    )
    pages, _told = printed(card, preset=preset)
    assert len(pages.pages) <= (2 if preset else 4)


def test_nothing_is_printed_over_the_foot(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    write = Paper.write

    def noted(self: Paper, x: float, text: str, size: float = 8.5, *more: Any, **rest: Any) -> None:
        seen.append(self.y - size)
        write(self, x, text, size, *more, **rest)

    monkeypatch.setattr(Paper, "write", noted)
    texts = ["слово " * (n * 337 % 900) for n in range(24)]
    printed(
        Card(
            labs=[result(f"l{n}", analyte=f"{n} {text}", comment=text, value=text) for n, text in enumerate(texts)],
            visits=[models.Visit(id=f"v{n}", reason=text[:400], conclusion=text) for n, text in enumerate(texts)],
        )
    )
    assert len(seen) > 500
    assert not [y for y in seen if 33 < y < BOTTOM - 4]


@given(st.text("аб вг-12/№", max_size=60), st.floats(20, 120), st.floats(0, 15))
def test_lines_hold_the_whole_text_and_have_room(text: str, room: float, first: float) -> None:
    lines = font.lines(text, font.REGULAR, 8, room, first)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for place, line in enumerate(lines):
        taken = 0 if place else first
        assert font.width(line, font.REGULAR, 8) <= room - taken + 0.01 or len(line) <= 3 or "№ " in line


class Nothing:
    def lacks(self, part: models.Missing) -> None:
        self.missing = [*getattr(self, "missing", []), part]


@given(st.text())
def test_what_is_drawn_is_drawable(text: str) -> None:
    made = printable_text.Words(Nothing(), 50)  # type: ignore[arg-type]
    for line in (made.line(text), *made.prose(text)):
        assert not font.unknown().search(line)
        assert line.isprintable() or "\xa0" in line


# the page or two for a physician


def test_the_visit_has_a_date_and_a_source_on_every_line() -> None:
    pages, told = printed(Server(*CARD).card(), preset=VISIT)
    for said in (
        "Birth date: 1979-06-01 Sex: female",
        "Йод",
        "E06.3 Диагноз E06.3",
        "Левотироксин",
        "Глюкоза 5.4 ммоль/л ↑↑HU 3–6 2026-03-01 Поликлиника",
        "2025-09-01",
        "Не является медицинским документом · Not a medical document",
    ):
        assert said in pages.text, said
    assert "MedicationRequest/m1" not in pages.text  # the name stands in the Medication it refers to
    assert "J06.9" not in pages.text, "a resolved diagnosis"
    assert told.complete
    one = dict.fromkeys(("diagnoses", "allergies", "prescriptions", "labs", "vaccinations"), 1)
    assert told.records == one | {"vitals": 0, "visits": 0}


def test_pressure_weight_and_the_last_visits_are_there() -> None:
    def vital(day: int, display: str, value: str, unit: str, **more: Any) -> models.Vital:
        return models.Vital(
            id=f"{display}{day}", date=f"2026-01-{day:02}", display=display, value=value, unit=unit, **more
        )

    vitals = [
        *(vital(day, "Артериальное давление", f"{110 + day}/70", "мм рт. ст.") for day in range(1, 9)),
        vital(3, "Масса тела", "61.5", "кг", code="29463-7"),
        vital(4, "Вес", "615", "кг", status="entered-in-error"),
        vital(5, "Рост", "170", "см"),
    ]
    visits = [
        models.Visit(
            id=f"v{day}",
            date=f"2026-02-{day:02}",
            reason=f"Причина {day}",
            diagnoses=[models.Coding(code="E06.3", display="Тиреоидит")],
            doctor=models.DoctorRef(id="d", name="Мерин Пётр"),
        )
        for day in range(1, 10)
    ]
    pages, told = printed(Card(vitals=vitals, visits=visits), preset=VISIT)
    assert "Артериальное давление 118/70 мм рт. ст. 2026-01-08" in pages.text
    assert "117/70 (2026-01-07); 116/70 (2026-01-06)" in pages.text
    assert "Масса тела 61.5 кг 2026-01-03" in pages.text
    assert "615 кг" not in pages.text, "a weight that was taken back"
    assert "Рост" not in pages.text
    assert "Причина 9 E06.3 Тиреоидит Мерин Пётр 2026-02-09" in pages.text
    assert "Причина 6" in pages.text
    assert "Причина 5" not in pages.text
    assert (told.records["vitals"], told.records["visits"]) == (7, 4)


def test_a_source_that_repeats_is_said_once() -> None:
    one, other = models.Named(id="a", name="Поликлиника № 1"), models.Named(id="b", name="Больница № 2")
    results = [result(f"l{n}", analyte=f"Показатель {n}", clinic=one) for n in range(4)]
    pages, _told = printed(Card(labs=results), "labs", preset=VISIT)
    assert pages.text.count("Поликлиника № 1") == 1
    assert "Source: Поликлиника № 1 Analyte Value Flag" in pages.text
    pages, _told = printed(Card(labs=[*results, result("x", analyte="Иной", clinic=other)]), "labs", preset=VISIT)
    assert "Source, unless another is named: Поликлиника № 1" in pages.text
    assert pages.text.count("Поликлиника № 1") == 1
    assert "Иной 5.40 ммоль/л 2026-03-01 [1]" in pages.text
    assert "[1] Больница № 2" in pages.text


def test_only_the_last_value_of_an_analyte() -> None:
    known = [lab(f"o{n}", quantity(f"{n}.0"), effectiveDateTime=f"2026-01-0{n}") for n in (1, 2, 3)]
    urine = plain(lab("u", quantity("9.9"), effectiveDateTime="2025-01-01"), "code") | {"code": {"text": "Глюкоза"}}
    pages, _told = printed(Server(*known, urine).card(), preset=VISIT)
    assert "3.0 ммоль/л" in pages.text
    assert "2.0 ммоль/л" not in pages.text
    assert "9.9 ммоль/л" in pages.text, "an analyte of another code"


def test_no_allergies_are_claimed_only_where_somebody_said_so() -> None:
    silent, _told = printed(Card(), preset=VISIT)
    assert "No data: this does not mean that there are no allergies." in silent.text
    stated, _told = printed(Card(allergies=[models.Allergy(id="a", display="Не отягощён")]), preset=VISIT)
    assert "Не отягощён" in stated.text
    assert "No data: this" not in stated.text
    server = Server(*CARD)
    server.failing = {"AllergyIntolerance": 500}
    unread, told = printed(server.card(), preset=VISIT)
    assert "Could not be read" in unread.text
    assert "No data: this" not in unread.text
    assert not told.complete


def test_a_medicine_without_a_status_is_marked() -> None:
    known = [
        models.Prescription(id="a", medicine="Действующее", status="active"),
        models.Prescription(id="b", medicine="Неясное"),
        models.Prescription(id="c", medicine="Старое", expires_on="2020-01-01"),
        models.Prescription(id="d", medicine="Отпущенное", status="dispensed"),
    ]
    pages, _told = printed(Card(prescriptions=known), preset=VISIT)
    assert "Действующее" in pages.text
    assert "Неясное (status not stated)" in pages.text
    assert "Старое" not in pages.text
    assert "Отпущенное" not in pages.text


def test_vaccinations_of_one_vaccine_share_a_line() -> None:
    def given_on(day: str, **more: Any) -> models.Vaccination:
        return models.Vaccination(id=day, date=day, vaccine="АДС-М", infections=["Столбняк"], **more)

    known = [given_on("2020-01-01", status="not-done"), given_on("2015-01-01"), given_on("2005-01-01", dose_number="2")]
    pages, told = printed(Card(vaccinations=known), preset=VISIT)
    assert "АДС-М (not done) Столбняк 2020-01-01" in pages.text
    assert "2005-01-01 (2)" in pages.text
    assert told.records["vaccinations"] == 3


@pytest.mark.parametrize("long", ["", "очень длинное название " * 20])
def test_what_has_no_room_is_counted(long: str) -> None:
    card = Card(
        labs=[result(f"l{n}", analyte=f"Показатель {n} {long}", out_of_range=n == 150) for n in range(200)],
        vaccinations=[models.Vaccination(id=f"v{n}", vaccine=f"Вакцина {n} {long}") for n in range(90)],
        allergies=[models.Allergy(id=f"a{n}", display=f"Аллерген {n}") for n in range(5)],
    )
    pages, told = printed(card, preset=VISIT)
    assert len(pages.pages) <= 2
    assert not told.complete
    left = {part.what: int(part.why.split()[0]) for part in told.missing if part.what in models.CATEGORIES}
    assert left["labs"] + told.records["labs"] == 200
    assert left["vaccinations"] + told.records["vaccinations"] == 90
    assert f"… and {left['labs']} more without room here" in pages.text
    assert "Показатель 150" in pages.text, "out of range comes first"
    assert told.records["allergies"] == 5, "allergies are the last to go"


def test_the_visit_of_a_hostile_card_stays_on_two_pages() -> None:
    huge = "W" * 100_000
    card = Card(
        name=huge,
        labs=[result(f"l{n}", analyte=f"{n}{huge}", value=huge, flag=huge) for n in range(40)],
        allergies=[models.Allergy(id=f"a{n}", display=huge, status=huge) for n in range(9)],
        diagnoses=[models.Diagnosis(id=f"d{n}", code=f"{n}{huge}", display=huge) for n in range(9)],
    )
    pages, told = printed(card, preset=VISIT)
    assert len(pages.pages) <= 2
    assert not told.complete
    assert "the text is too long" in pages.text


def test_lists_that_are_asked_for() -> None:
    pages, _told = printed(Server(*CARD).card(), "allergies", preset=VISIT)
    assert "Йод" in pages.text
    assert "Active diagnoses" not in pages.text
    pages, _told = printed(Server(*CARD).card(), "labs")
    assert "Глюкоза" in pages.text
    assert "Диагноз E06.3" not in pages.text


def test_a_preset_belongs_to_its_format(emk: Emk, tmp_path: Path) -> None:
    done = emk("card", "export", "--format", "csv", "--preset", VISIT, "--to", str(tmp_path / "x"), "--json")
    assert (done.code, done.error["hint"]) == (2, "--format pdf")
    assert emk("card", "export", "--format", "pdf", "--preset", "x", "--to", str(tmp_path / "x")).code == 2
    with pytest.raises(errors.Usage, match="There is no preset"):
        export_card(Server().card(), ALL, "pdf", str(tmp_path / "x"), preset="x")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(("form", "begin"), [("pdf", b"%PDF-1.7"), ("xlsx", b"PK\x03\x04")])
def test_from_the_command_line(emk: Emk, seeded: Any, tmp_path: Path, form: str, begin: bytes) -> None:
    seeded()
    target = tmp_path / f"card.{form}"
    done = emk("card", "export", "--format", form, "--to", str(target), "--json")
    assert done.code == 0, done.err
    assert done.item["files"][0]["bytes"] == target.stat().st_size
    assert target.read_bytes().startswith(begin)
    assert target.stat().st_mode & 0o777 == 0o600
    assert emk("card", "export", "--format", form, "--to", str(target), "--json").code == 6


def test_the_physicians_pages_from_the_command_line(emk: Emk, seeded: Any, tmp_path: Path) -> None:
    seeded()
    target = tmp_path / "visit.pdf"
    done = emk("card", "export", "--format", "pdf", "--preset", VISIT, "--to", str(target), "--lang", "ru", "--json")
    assert done.code == (0 if done.item["complete"] else 12)
    assert bool(done.item["missing"]) is not done.item["complete"]
    assert len(PdfReader(target).pages) <= 2
    assert PATIENT["name"][0]["family"] not in PdfReader(target).pages[0].extract_text()


def test_a_diagnosis_is_printed_once() -> None:
    pages, _told = printed(
        Server(condition("a", "E06.3"), condition("b", "E06.3", day="2026-02-01")).card(), preset=VISIT
    )
    assert pages.text.count("Диагноз E06.3") == 1
