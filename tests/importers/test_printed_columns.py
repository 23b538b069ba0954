"""The unit and the day that the head of a column has, and tables of several values in a row."""

from __future__ import annotations

from typing import Any

import pytest

from tests.importers.test_printed_labs import document, labs, line, table
from tests.importers.test_statements import places

NAME = "Гемоглобин"
DOCUMENT_DAY = "2026-03-01T10:00:00+03:00"
UNREAD = {"unread": 1}


def read(text: str) -> list[tuple[Any, ...]]:
    """The value, the unit and the day of every result."""
    return [(one["value"], one["unit"], one["collected_at"]) for one in labs(document(text))]


def rows_of(*rows: str) -> str:
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("Результат, г/л", "г/л"),
        ("Результат (ммоль/л)", "ммоль/л"),
        ("Результат в мкмоль/л", "мкмоль/л"),
        ("Результат г/л", "г/л"),
        ("Значение, %", "%"),
        ("Концентрация, нг/мл", "нг/мл"),
        ("Результат, 10^9/л", "10^9/л"),
        ("Результат, ед/л", "ед/л"),
    ],
)
def test_a_value_has_the_unit_of_its_head(head: str, unit: str) -> None:
    (result,) = labs(document(table((NAME, "118", "120 - 150"), head=("Показатель", head, "Норма"))))
    assert (result["value"], result["value_number"], result["unit"]) == ("118", 118, unit)
    assert (result["reference"]["text"], result["out_of_range"], result["comment"]) == ("120 - 150", True, None)


@pytest.mark.parametrize("tag", ["td", "th"])
def test_a_row_of_units_belongs_to_the_head(tag: str) -> None:
    head = line("Показатель", "Результат", "Норма", tag=tag) + line("", "г/л", "г/л", tag=tag)
    (result,) = labs(document(rows_of(head, line(NAME, "118", "120 - 150"))))
    assert (result["unit"], result["reference"]["text"]) == ("г/л", "120 - 150")


def test_words_have_no_unit_and_another_unit_stays_beside_the_value() -> None:
    head = ("Показатель", "Результат, г/л", "Ед.")
    rows = ((NAME, "отрицательно", ""), (NAME, "5", "мг/л"), (NAME, "5 мг/л", ""), (NAME, "5", "г/л"))
    assert [(value, unit) for value, unit, _day in read(table(*rows, head=head))] == [
        ("отрицательно", None),
        ("5 г/л", "мг/л"),
        ("5 мг/л", "г/л"),
        ("5", "г/л"),
    ]


def test_a_unit_that_is_unknown_is_a_remark() -> None:
    (result,) = labs(document(table((NAME, "118"), head=("Показатель", "Результат, у. е."))))
    assert (result["value"], result["unit"], result["comment"]) == ("118", None, "Результат, у. е.")


def test_a_number_without_a_unit_has_that_of_the_head_of_its_range() -> None:
    (result,) = labs(document(table(("Альбумин", "20", "35-50"), head=("Показатель", "Результат", "Норма, г/л"))))
    assert (result["unit"], result["reference"]["text"], result["out_of_range"]) == ("г/л", "35-50", True)


@pytest.mark.parametrize(
    ("value", "limits", "unit", "told"),
    [("118 г/л", "12 - 15", "г/л", "12 - 15 г/дл"), ("5-6 в п/зр", "0-3", None, "0-3"), ("следы", "нет", None, "нет")],
)
def test_a_value_that_is_no_bare_number_keeps_its_own_unit(
    value: str, limits: str, unit: str | None, told: str
) -> None:
    (result,) = labs(document(table((NAME, value, limits), head=("Показатель", "Результат", "Норма, г/дл"))))
    assert (result["unit"], result["reference"]["text"], result["out_of_range"]) == (unit, told, None)


DATED = [("118", None, "2026-02-01"), ("125", None, "2026-02-15")]


@pytest.mark.parametrize("tag", ["td", "th"])
@pytest.mark.parametrize(
    "heads",
    [
        ("01.02.2026", "15.02.2026"),
        ("2026-02-01", "2026-02-15"),
        ("Результат 01.02.2026", "Результат от 15.02.2026"),
        ("на 01.02.2026 г.", "на 15.02.2026 г."),
    ],
)
def test_a_column_per_day_has_results_of_that_day(heads: tuple[str, str], tag: str) -> None:
    text = rows_of(line("Показатель", *heads, "Норма", tag=tag), line(NAME, "118", "125", "120 - 150"))
    assert read(text) == DATED
    assert [one["out_of_range"] for one in labs(document(text))] == [True, False]
    assert places(document(text)) == {"records": 1}


@pytest.mark.parametrize("tag", ["td", "th"])
def test_days_below_the_head_of_the_values(tag: str) -> None:
    above = f'<{tag} rowspan="2">Показатель</{tag}><{tag} colspan="2">Результат, г/л</{tag}>'
    head = f"<tr>{above}</tr>" + line("01.02.2026", "15.02.2026", tag=tag)
    assert read(rows_of(head, line(NAME, "118", "125"))) == [(value, "г/л", day) for value, _none, day in DATED]


def test_what_stands_below_a_day_is_of_that_day() -> None:
    above = '<th rowspan="2">Показатель</th><th colspan="2">01.02.2026</th><th colspan="2">15.02.2026</th>'
    head = f"<tr>{above}</tr>" + line("Результат", "Флаг", "Результат", "Флаг", tag="th")
    results = labs(document(rows_of(head, line(NAME, "118", "L", "125", ""))))
    assert [(one["value"], one["flag"]) for one in results] == [("118", "L"), ("125", None)]
    assert [one["collected_at"] for one in results] == ["2026-02-01", "2026-02-15"]


def test_a_day_without_its_century_is_told_as_it_is_written() -> None:
    results = labs(document(table((NAME, "118", "125"), head=("Показатель", "01.02.26", "15.02.26"))))
    assert [(one["value"], one["collected_at_text"]) for one in results] == [("118", "01.02.26"), ("125", "15.02.26")]
    assert {one["collected_at"] for one in results} == {None}


def test_one_value_of_an_earlier_day_beside_that_of_the_document() -> None:
    head = ("Показатель", "Результат", "Флаг", "Предыдущий результат 01.02.2026")
    results = labs(document(table((NAME, "118", "L", "125"), head=head)))
    assert [(one["value"], one["flag"], one["collected_at"]) for one in results] == [
        ("118", "L", DOCUMENT_DAY),
        ("125", None, "2026-02-01"),
    ]


def test_an_earlier_value_without_a_day_is_a_remark() -> None:
    (result,) = labs(document(table((NAME, "118", "125"), head=("Показатель", "Предыдущий результат", "Результат"))))
    assert (result["value"], result["comment"]) == ("125", "Предыдущий результат: 118")


@pytest.mark.parametrize(
    "head",
    [
        ("Показатель", "Результат 1", "Результат 2"),
        ("Показатель", "Результат", "Результат"),
        ("Показатель", "01.02.2026", "01.02.2026"),
        ("Показатель", "01.02.2026", "15.02.2026", "Флаг"),
        ("Показатель", "01.02.2026", "Ед.", "15.02.2026", "Ед."),
    ],
)
def test_values_that_are_not_told_apart_are_unread(head: tuple[str, ...]) -> None:
    text = table((NAME, *(str(118 + place) for place in range(len(head) - 1))), head=head)
    assert labs(document(text)) == []
    assert places(document(text)) == UNREAD


def test_values_below_heads_that_nobody_knows_are_unread() -> None:
    head = '<tr><th rowspan="2">Показатель</th><th colspan="2">Результат</th></tr>' + line("март", "май", tag="th")
    text = rows_of(head, line(NAME, "118", "125"))
    assert (labs(document(text)), places(document(text))) == ([], UNREAD)


HEAD, ROW = line("Показатель", "Результат", tag="th"), line(NAME, "118")
TAKEN = line("Дата взятия", "12.01.2026")


@pytest.mark.parametrize(
    "rows",
    [
        (TAKEN, HEAD, ROW),
        (TAKEN.replace("td>", "th>"), HEAD, ROW),
        (HEAD, ROW, TAKEN),
        (HEAD, '<tr><td colspan="2">Общий анализ крови от 12.01.2026</td></tr>', ROW),
        (HEAD, '<tr><td colspan="2">Дата забора: 12.01.2026</td></tr>', '<tr><td colspan="2">ОАК</td></tr>', ROW),
    ],
    ids=["before", "as a head", "after", "a title", "a title before another"],
)
def test_a_table_that_says_when_the_sample_was_taken(rows: tuple[str, ...]) -> None:
    assert read(rows_of(*rows)) == [("118", None, "2026-01-12")]


@pytest.mark.parametrize("what", ["Дата заказа", "Дата рождения", "Дата выдачи"])
def test_the_day_of_something_else_is_not_that_of_the_sample(what: str) -> None:
    assert read(rows_of(line(what, "12.01.2026"), HEAD, ROW)) == [("118", None, DOCUMENT_DAY)]


def test_a_title_has_the_day_of_what_follows_it_alone() -> None:
    titles = [f'<tr><td colspan="2">{words}</td></tr>' for words in ("ОАК от 12.01.2026", "Биохимия")]
    assert [day for *_value, day in read(rows_of(HEAD, titles[0], ROW, titles[1], ROW))] == ["2026-01-12", DOCUMENT_DAY]


def test_every_row_of_another_form_is_looked_at() -> None:
    remark = line("Повторить", "", "да")
    lost = '<tr><td colspan="3">Гемоглобин 41 г/л</td></tr>'
    head = line("Показатель", "Результат", "Норма", tag="th")
    read_alone = rows_of(head, line(NAME, "118", ""), remark)
    assert places(document(read_alone)) == {"records": 1}
    assert places(document(read_alone.replace(remark, remark + lost))) == UNREAD


@pytest.mark.parametrize(
    "row",
    [
        '<tr><td colspan="2">СОЭ 45</td><td>до 15</td></tr>',
        line("Тропонин", "положит.", "", "КРИТИЧНО"),
        line("Тропонин", "", "", "45"),
    ],
)
def test_a_row_whose_cells_do_not_fit_the_columns_is_told(row: str) -> None:
    head = line("Показатель", "Результат", "Норма", tag="th")
    assert places(document(rows_of(head, line(NAME, "118", ""), row))) == UNREAD
    not_measured = line("Тропонин", "", "до 15")
    assert places(document(rows_of(head, line(NAME, "118", ""), not_measured))) == {"records": 1}
