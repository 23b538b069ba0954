"""Tables and single things for people: widths, dates, words, colour, and nothing a terminal would obey."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from wcwidth import wcswidth

from emkcli import locale, models
from emkcli.presentation import terminal
from emkcli.presentation.render import render, table
from emkcli.results import Item, Listing, Table
from emkcli.security.safe_text import UNSAFE
from emkcli.views import show
from tests.presentation.render.samples import APPLICATION, DOCUMENT, SINGLES, lab, printed, terminal_context

ANYTHING = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.characters(categories=["Mn", "Cf", "Cc"]),
        st.sampled_from("абвгдЁ漢字😀👨‍👩‍👧🇷🇺é\u0301\ufe0f\u200d\x1b\x9b\r\b\u202e \n\t"),
    ),
    max_size=60,
)


def shown(value: Any, width: int = 80, **changes: Any) -> str:
    spoken = terminal_context(width, **changes)
    render(value, spoken)
    return printed(spoken)


def assert_fit_for_a_terminal(text: str, width: int) -> None:
    assert not UNSAFE.search(text)
    too_wide = [line for line in text.split("\n") if wcswidth(line) > width]
    assert not too_wide


@settings(max_examples=150)
@given(analyte=ANYTHING, value=ANYTHING, unit=ANYTHING, width=st.integers(20, 200))
def test_a_table_fits_whatever_is_in_it(analyte: str, value: str, unit: str, width: int) -> None:
    records = [lab(analyte=analyte, value=value, unit=unit), lab(), lab(analyte=value * 3)]
    assert_fit_for_a_terminal(shown(Listing(records, models.LabResult), width), width)


@settings(max_examples=100)
@given(text=ANYTHING, width=st.integers(20, 200))
def test_a_single_thing_fits_whatever_is_in_it(text: str, width: int) -> None:
    document = replace(DOCUMENT, title=text, sections=[models.Section(title=text, text=text * 5)])
    assert_fit_for_a_terminal(shown(document, width), width)
    assert_fit_for_a_terminal(shown(Item("plan", {"a": text, "b": [{"c": text}], text: 1}), width), width)


@pytest.mark.parametrize("width", [20, 40, 80, 120])
@pytest.mark.parametrize("model", SINGLES, ids=lambda model: model.kind)
def test_every_view_fits(model: models.Model, width: int) -> None:
    assert_fit_for_a_terminal(shown(model, width), width)
    assert_fit_for_a_terminal(shown(Listing([model], type(model)), width), width)


def test_a_table_as_it_looks() -> None:
    records = [lab(), lab(2, analyte="Билирубин", flag=None, out_of_range=True, status="cancelled")]
    assert shown(Listing(records, models.LabResult), 120).splitlines() == [
        "ID         Analyte     Value        Range    Flag",
        "---------  ----------  -----------  -------  -----------",
        "2026-03-02 08:15",
        "lab-00001  Гемоглобин  5.20 ×10⁹/л  4.0–9.0  ↑H",
        "lab-00002  Билирубин   5.20 ×10⁹/л  4.0–9.0  ! cancelled",
    ]


def test_a_result_without_a_name_goes_by_its_code() -> None:
    unnamed = lab(analyte=None, code="1017128")
    assert "1017128" in shown(Listing([unnamed], models.LabResult), 120)
    assert "1017128" in shown(unnamed, 120).splitlines()[0]
    assert "1017128" in shown(models.Summary(labs_out_of_range=[unnamed]), 120)


def test_an_import_says_whose_card_took_a_document() -> None:
    taken = models.ImportResult(
        file="a.xml",
        status="added",
        person=models.Named(id="p-1", name="Пробная Анна"),
        records={"documents": 1, "labs": 5},
    )
    unnamed = replace(taken, person=models.Named(id="p-2", name="p-2"))
    _header, _line, one, other = shown(Listing([taken, unnamed], models.ImportResult), 120).splitlines()
    assert one.split("  ")[-1] == "Пробная Анна (p-1)"
    assert other.split("  ")[-1] == "p-2"
    assert "documents 1, laboratory results 5" in one


def test_a_table_leaves_out_what_is_empty_throughout_and_the_type_of_an_id() -> None:
    records = [lab(id="Observation/a"), lab(id="i-0123456789abcdef", unit=None, reference=None)]
    lines = shown(Listing(records, models.LabResult), 120).splitlines()
    assert lines[3].startswith("a  ")
    assert lines[4].startswith("i-012345  ")
    assert "Range" in lines[0]
    without = shown(Listing([lab(reference=None)], models.LabResult), 120).splitlines()
    assert "Range" not in without[0]


def test_long_cells_are_wrapped_between_words() -> None:
    records = [lab(analyte="Антитела к вирусу гепатита C суммарные качественно")]
    text = shown(Listing(records, models.LabResult), 90)
    assert all(word in text for word in ("Антитела", "гепатита", "суммарные", "качественно"))
    assert len(text.splitlines()) > 3


def test_too_narrow_for_columns_becomes_one_block_per_record() -> None:
    text = shown(Listing([lab(), lab(2)], models.LabResult), 20)
    assert "Analyte\n  Гемоглобин\n" in text
    assert text.count("\n\n") == 2


def test_a_table_in_a_pipe_is_not_wrapped() -> None:
    long = "слово " * 100
    assert long.strip() in shown(
        Listing([lab(analyte=long)], models.LabResult), output="table", is_tty=False, width=None
    )


def test_blocks_keep_the_widths_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "BLOCK", 2)
    records = [lab(number, analyte="Очень длинное название " * (number // 3)) for number in range(5)]
    lines = shown(Listing(records, models.LabResult), 100).splitlines()
    assert sum("ID" in line for line in lines) == 1
    assert sum(line.startswith("---") for line in lines) == 1
    position = lines[0].index("Value")
    assert all(line[position : position + 4] == "5.20" for line in lines if line.startswith("lab-"))


def test_colour_marks_and_never_carries_meaning_alone() -> None:
    records = [lab(), lab(flag="LL"), lab(flag="N"), lab(status="cancelled", flag=None)]
    coloured = shown(Listing(records, models.LabResult), 120, colour=True)
    assert "\x1b[31m↑H\x1b[0m" in coloured
    assert "\x1b[34m↓↓LL\x1b[0m" in coloured
    assert "\x1b[2mcancelled\x1b[0m" in coloured
    plain = shown(Listing(records, models.LabResult), 120)
    assert "\x1b" not in plain
    stripped = "\n".join(line.rstrip() for line in terminal.re.sub(r"\x1b\[\d+m", "", coloured).split("\n"))
    assert stripped == plain


def test_glyphs_of_a_poor_encoding_do_not_widen_a_table() -> None:
    import io

    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="strict", newline="")
    spoken = terminal_context(60, stdout=stream)
    render(Listing([lab(analyte="≤≥→ Щука " * 5)], models.LabResult), spoken)
    assert max(len(line) for line in raw.getvalue().splitlines()) <= 60


@pytest.mark.parametrize(
    ("sent", "english", "russian"),
    [
        ("2026", "2026", "2026"),
        ("2026-03", "2026-03", "03.2026"),
        ("2026-03-02", "2026-03-02", "02.03.2026"),
        ("2026-03-01T21:30:00Z", "2026-03-02 00:30", "02.03.2026 00:30"),
        ("2013-07-01T00:00:00+04:00", "2013-07-01 00:00", "01.07.2013 00:00"),
        ("2026-03-02T08:15", "2026-03-02 08:15", "02.03.2026 08:15"),
        ("2026-03-02 08:15", "2026-03-02 08:15", "2026-03-02 08:15"),
        ("2026-13-45T99:99", "2026-13-45T99:99", "2026-13-45T99:99"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("вчера", "вчера", "вчера"),
        (None, "", ""),
    ],
)
def test_dates_as_people_write_them(sent: str | None, english: str, russian: str) -> None:
    assert show.date(sent) == english
    locale.use("ru")
    assert show.date(sent) == russian


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ({"low": "4.0", "high": "9.00", "text": None}, "4.0–9.00"),
        ({"low": None, "high": "5", "text": None}, "≤ 5"),
        ({"low": "5", "high": None, "text": None}, "≥ 5"),
        ({"low": "1", "high": "2", "text": "до 2"}, "до 2"),
        ({"low": None, "high": None, "text": None}, ""),
    ],
)
def test_a_range_is_shown_as_sent(reference: dict[str, str | None], text: str) -> None:
    assert show.text(reference) == text


def test_an_application_is_a_sentence_and_its_history() -> None:
    text = shown(APPLICATION)
    assert text.startswith("In progress: an answer is expected by 2026-11-25 10:00.\n\n")
    assert "- 2026-11-23 10:00  Submitted — СМС\n" in text
    assert text.endswith("Next  emk status --wait\n")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("draft", "Draft: the application has not been submitted yet."),
        ("refused", "Refused: нет полиса"),
        ("activated", "Activated: the card is open."),
        ("отложено", "Отложено порталом."),
    ],
)
def test_every_status_has_its_sentence(status: str, said: str) -> None:
    changes = {"status": status, "status_name": "Отложено порталом", "reason": "нет полиса"}
    assert shown(replace(APPLICATION, **changes)).startswith(said)


def test_a_document_has_readable_sections() -> None:
    text = shown(DOCUMENT)
    assert text.startswith("Протокол осмотра терапевта\n")
    assert "Author  Иванова А. П., терапевт\n" in text
    assert "\nЖалобы\nКашель.\n\nСлабость.\n\nБез заголовка\n" in text


def test_a_consent_is_shown_in_full() -> None:
    consent = next(model for model in SINGLES if model.kind == "consent")
    assert "Согласие\nЯ согласна.\nДа.\n" in shown(consent)


def test_a_summary_says_where_it_knows_nothing() -> None:
    text = shown(models.Summary())
    assert text.count("no records") == 6
    allergy = models.Allergy(id="1", display="Пенициллин", status="entered-in-error")
    assert "Пенициллин  entered in error" in shown(models.Summary(allergies=[allergy]))


def test_a_cancelled_thing_in_a_summary_is_marked() -> None:
    text = shown(models.Summary(labs_out_of_range=[lab(status="amended")]))
    assert "2026-03-02 08:15  Гемоглобин  5.20 ×10⁹/л  ↑H  [4.0–9.0]  (amended)" in text


def test_columns_without_a_model_may_bring_their_headers() -> None:
    rows = [{"key": "lang", "value": True}]
    assert shown(Table("setting", ["key", ("value", "Answer")], rows)).splitlines()[0] == "Setting  Answer"


def test_a_full_summary_is_one_screen() -> None:
    full = models.Summary(
        person=models.Person(id="1", name="Примерова Мария", relation="self", birth_date="1985-04-12"),
        diagnoses=[models.Diagnosis(id="1", code="I10", display="Гипертензия", date="2020")],
        medicines=[models.Prescription(id="1", medicine="Аторвастатин", dose="20 мг", expires_on="2026-12-31")],
        vaccinations=[models.Vaccination(id="1", date="2025-10-01", vaccine="Совигрипп", infections=["грипп"])],
        due=[models.Due(date="2027-01-10", what="Диспансеризация")],
    )
    lines = shown(full).splitlines()
    assert lines[:2] == ["Примерова Мария", "Birth date  1985-04-12"]
    assert {
        "- I10  Гипертензия  2020",
        "- Аторвастатин  20 мг  until 2026-12-31",
        "- 2025-10-01  Совигрипп  грипп",
        "- 2027-01-10  Диспансеризация",
    } < set(lines)
    assert len(lines) < 24


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        ({"present": False}, "none\n"),
        ({"present": True}, "not checked\n"),
        ({"present": True, "signer": "Иванова А. П.", "valid": True}, "Иванова А. П., fits the document; "),
        ({"present": True, "valid": False}, "NOT valid: "),
    ],
)
def test_a_signature_is_never_called_valid_unchecked(signature: dict[str, Any], said: str) -> None:
    document = replace(DOCUMENT, signature=models.Signature(**signature))
    assert f"\nSignature  {said}" in shown(document)


LONG_TITLE = "Оториноларингологическое исследование"
CLINIC = models.Named(id="c", name="Городская поликлиника № 1")


def test_no_word_is_broken_in_a_narrow_table_and_columns_leave_instead() -> None:
    document = models.Document(
        id="Composition/i-0123456789abcdef",
        date="2026-03-02T08:15:00+03:00",
        status="current",
        type="Протокол лабораторного исследования",
        title=LONG_TITLE,
        clinic=CLINIC,
        author=models.Author(name="Тестова Мария Ивановна"),
    )
    listed = Listing([document, replace(document, id="Composition/i-0023456789abcdef")], models.Document)
    narrow, wide = shown(listed, 80), shown(listed, 140)
    assert narrow.splitlines()[0].split() == ["ID", "Date", "Title", "Status"]
    assert wide.splitlines()[0].split() == ["ID", "Date", "Type", "Title", "Author", "Clinic", "Status"]
    assert "Тестова" in wide.split()
    for table_shown in (narrow, wide):
        assert "Оториноларингологическое" in table_shown.split()
    chosen = shown(Listing([document], models.Document), 60, fields=("id", "type", "clinic.name", "author.name"))
    assert "Тестова" in chosen
    assert "поликлиника" in chosen


def test_later_blocks_have_the_columns_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "BLOCK", 2)
    documents = [
        models.Document(id=f"d{number}", title=LONG_TITLE, clinic=CLINIC, type=LONG_TITLE) for number in range(5)
    ]
    lines = shown(Listing(documents, models.Document), 60).splitlines()
    assert "поликлиника" not in " ".join(lines)
    assert [line.split()[0] for line in lines if line.startswith("d")] == [f"d{number}" for number in range(5)]


def test_a_list_of_medicines_says_how_they_are_taken() -> None:
    schedule = '{"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}'
    structured = models.Prescription(id="m", medicine="Эналаприл", dose="5 мг")
    structured = replace(structured, dosage=[models.Dosage(dose="5 мг", schedule=schedule)])
    written = models.Prescription(id="n", medicine="Йод", dose="1 таб.", instructions="утром")
    text = shown(Listing([structured, written], models.Prescription), 120)
    assert "5 мг, 2 times a day" in text
    assert "1 таб., утром" in text
    assert "How to take" in text
