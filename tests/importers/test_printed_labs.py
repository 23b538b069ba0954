"""Laboratory results that a clinic printed into a table of the narrative, and nowhere else."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import models
from emkcli.importers.document_reader import read
from tests.importers import semd_invented as x
from tests.importers.test_statements import places, section_text

HEAD = ("Показатель", "Результат", "Ед. изм.", "Референсные значения", "Дата")
BLOOD = ("Гемоглобин", "118", "г/л", "120 - 150", "28.02.2026 09:40")


def line(*cells: str, tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


def table(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> str:
    body = "".join(line(*row) for row in rows)
    return f"<table><thead>{line(*head, tag='th')}</thead><tbody>{body}</tbody></table>"


def document(text: str, *entries: str, kind: str = "RESLAB") -> bytes:
    return x.document(x.section(kind, *entries, text=text))


def labs(content: bytes) -> list[dict[str, Any]]:
    (found,) = read("-", io.BytesIO(content))
    (piece,) = found.pieces()
    results = [record for record in piece.records if isinstance(record, models.LabResult)]
    return [result.to_builtins() for result in results]


def test_a_row_is_a_result_as_it_is_printed() -> None:
    (result,) = labs(document(table(BLOOD)))
    assert (result["analyte"], result["value"], result["value_number"], result["unit"]) == (
        "Гемоглобин",
        "118",
        118,
        "г/л",
    )
    assert result["reference"] == {"low": None, "high": None, "text": "120 - 150"}
    assert (result["out_of_range"], result["flag"], result["interpretation"]) == (True, None, None)
    assert result["collected_at"] == "2026-02-28T09:40:00+03:00"
    assert places(document(table(BLOOD))) == {"records": 1}


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ("Наименование исследования", "analyte"),
        ("Тест", "analyte"),
        ("Название теста", "analyte"),
        ("Значение", "value"),
        ("Рез-т", "value"),
        ("Результат исследования", "value"),
        ("Единицы измерения", "unit"),
        ("Размерность", "unit"),
        ("Норма", "reference"),
        ("Нормальные значения", "reference"),
        ("Референтный интервал", "reference"),
        ("Метод исследования", "method"),
        ("Биоматериал", "specimen"),
        ("Комментарий", "comment"),
        ("Примечание", "comment"),
        ("Отклонение", "interpretation"),
        ("Флаг", "flag"),
    ],
)
def test_a_column_is_told_by_its_head(head: str, field: str) -> None:
    others = {"analyte": "Показатель", "value": "Результат"}
    heads = [head, *(name for other, name in others.items() if other != field)]
    cells = {"analyte": "Гемоглобин", "value": "118", "flag": "L"}
    row = [cells.get(field, "как есть"), *(cells[other] for other in others if other != field)]
    (result,) = labs(document(table(tuple(row), head=tuple(heads))))
    printed = result[field]["text"] if field == "reference" else result[field]
    assert printed == cells.get(field, "как есть")
    assert (result["analyte"], result["value"]) == ("Гемоглобин", "118")


def test_a_title_between_rows_is_the_panel_of_what_follows() -> None:
    title = '<tr><td colspan="5"><content>Общий анализ крови</content></td></tr>'
    text = table(BLOOD).replace("<tbody>", f"<tbody>{line(*BLOOD)}{title}")
    assert [result["panel"] for result in labs(document(text))] == [[], ["Общий анализ крови"]]


def test_cells_over_several_rows_and_columns() -> None:
    head = '<tr><th rowspan="2">Показатель</th><th colspan="2">Результат</th></tr>'
    under = line("значение", "ед. изм.", tag="th")
    text = f"<table><thead>{head}{under}</thead><tbody>{line('Глюкоза', '7,9', 'ммоль/л')}</tbody></table>"
    (result,) = labs(document(text))
    assert (result["analyte"], result["value"], result["unit"]) == ("Глюкоза", "7,9", "ммоль/л")


def test_lower_and_upper_bounds_in_columns_of_their_own() -> None:
    head = ("Показатель", "Результат", "Нижняя граница", "Верхняя граница")
    (result,) = labs(document(table(("Глюкоза", "7,9", "3,9", "6,1"), head=head)))
    assert result["reference"] == {"low": "3,9", "high": "6,1", "text": None}
    assert result["out_of_range"] is True


def test_two_tables_and_rows_without_a_result() -> None:
    text = table(BLOOD, ("Лейкоциты", "", "", "", "")) + table(("pH", "5,5", "", "", ""))
    assert [result["analyte"] for result in labs(document(text))] == ["Гемоглобин", "pH"]


def test_what_the_entries_have_is_not_taken_twice() -> None:
    (result,) = labs(document(table(BLOOD), x.battery(x.result(x.quantity("118")))))
    assert result["code"] == "1017128"


def test_a_table_elsewhere_has_no_results() -> None:
    content = document(table(BLOOD), kind="DOCINFO")
    assert labs(content) == []
    assert places(content) == {"text": 1}


def test_a_table_that_is_not_understood_is_said_to_be_unread() -> None:
    content = document(table(BLOOD, head=("А", "Б", "В", "Г", "Д")))
    assert labs(content) == []
    assert places(content) == {"unread": 1}
    assert places(document("Роста микрофлоры нет")) == {"text": 1}


def test_a_row_without_an_analyte_goes_on_with_the_one_above() -> None:
    rows = (("Посев мочи", "Escherichia coli 10^5", "", "", ""), ("", "Candida albicans", "", "", ""))
    assert [(one["analyte"], one["value"]) for one in labs(document(table(*rows)))] == [
        ("Посев мочи", "Escherichia coli 10^5"),
        ("Посев мочи", "Candida albicans"),
    ]


@pytest.mark.parametrize(
    "name", ["Возрастная норма ТТГ", "Врачебное заключение", "Номер штамма", "Дата-тест", "№ 5 Гемоглобин"]
)
def test_an_analyte_may_begin_like_a_word_of_the_bill(name: str) -> None:
    assert [one["analyte"] for one in labs(document(table((name, "88", "", "", ""))))] == [name]


def test_a_minus_is_a_result() -> None:
    assert [(one["analyte"], one["value"]) for one in labs(document(table(("HBsAg", "-", "", "-", ""))))] == [
        ("HBsAg", "-")
    ]


@pytest.mark.parametrize(
    "row",
    [
        '<tr><td colspan="5">Гемоглобин 41 г/л (норма 130–160) КРИТИЧЕСКОЕ</td></tr>',
        "<tr><td></td><td></td><td>17,9</td><td>3,9 - 6,1</td><td></td></tr>",
    ],
)
def test_a_row_of_another_form_is_said(row: str) -> None:
    text = table(BLOOD)
    assert "unread" not in places(document(text))
    assert places(document(text.replace("</tbody>", f"{row}</tbody>"))).get("unread") == 1


@pytest.mark.parametrize("tag", ["td", "th"])
def test_a_row_with_an_answer_is_no_head(tag: str) -> None:
    row = line("Тест на ВИЧ", "Результат положительный", tag=tag)
    results = labs(document(table(BLOOD).replace("</tbody>", f"{row}</tbody>")))
    assert [(one["analyte"], one["value"]) for one in results[1:]] == [("Тест на ВИЧ", "Результат положительный")]


def test_a_row_before_the_head_is_said() -> None:
    rest = f"{line(*HEAD)}{line(*BLOOD)}"
    for before, unread in (("", None), (line("Отделение", "терапия"), None), (line("Глюкоза", "17,9"), 1)):
        assert places(document(f"<table><tbody>{before}{rest}</tbody></table>")).get("unread") == unread


CELLS = st.text(alphabet="абвГД 0123456789,.<>↑-", max_size=12).map(
    lambda text: text.replace("<", "&lt;").replace(">", "&gt;")
)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, CELLS), max_size=5))
def test_no_cell_is_altered(rows: list[tuple[str, ...]]) -> None:
    printed = [tuple(" ".join(cell.replace("&lt;", "<").replace("&gt;", ">").split()) for cell in row) for row in rows]
    expected, above = [], ""
    for row in printed:  # one without an analyte goes on with the one above
        above = row[0] or above
        expected += [(above, *row[1:3])] if above and row[1] else []
    results = labs(document(table(*rows)))
    assert [(result["analyte"], letters(result), result["unit"] or "") for result in results] == [
        (analyte, sorted(value.replace(" ", "")), unit) for analyte, value, unit in expected
    ]


def letters(result: dict[str, Any]) -> list[str]:
    """Of the cell with the value, whose mark may stand before or behind the number."""
    return sorted((result["value"] + (result["interpretation"] or "")).replace(" ", ""))


@pytest.mark.parametrize(
    ("cell", "value", "number", "unit", "flag", "interpretation"),
    [
        ("5,2 ммоль/л H", "5,2", 5.2, "ммоль/л", "H", None),
        ("12.3 г/л ↑", "12.3", 12.3, "г/л", None, "↑"),
        ("&lt;0,10 нг/мл", "<0,10", None, "нг/мл", None, None),
        ("4,5*10^9/л L", "4,5", 4.5, "*10^9/л", "L", None),
        ("90 мл/мин/1,73 м2", "90", 90, "мл/мин/1,73 м2", None, None),
        ("↓ 118 г/л", "118", 118, "г/л", None, "↓"),
        ("45%", "45", 45, "%", None, None),
        ("5,2 (H)", "5,2", 5.2, None, "H", None),
        ("36,6 °C", "36,6", 36.6, "°C", None, None),
        ("6,1 ммоль/л выше нормы", "6,1", 6.1, "ммоль/л", None, "выше нормы"),
    ],
)
def test_a_number_its_unit_and_its_mark_in_one_cell(
    cell: str, value: str, number: float | None, unit: str | None, flag: str | None, interpretation: str | None
) -> None:
    (result,) = labs(document(table(("Глюкоза", cell), head=("Показатель", "Результат"))))
    assert (result["value"], result["value_number"], result["unit"]) == (value, number, unit)
    assert (result["flag"], result["interpretation"]) == (flag, interpretation)


@pytest.mark.parametrize(
    "cell", ["5 L", "5,2 Н", "5,2*", "1 250 Ед/л", "5-7 в п/зр", "1:40", "2 желт", "H", "↑ 5 H", "12.05.2026", "5 ↑↑↑↑"]
)
def test_a_cell_that_can_be_read_in_two_ways_stays_whole(cell: str) -> None:
    (result,) = labs(document(table(("Глюкоза", cell), head=("Показатель", "Результат"))))
    assert (result["value"], result["value_number"], result["unit"]) == (cell, None, None)
    assert (result["flag"], result["interpretation"], result["out_of_range"]) == (None, None, None)


@pytest.mark.parametrize(
    ("value", "unit", "flag", "shown"),
    [
        ("5 L", "ммоль/л", "", ("5", "ммоль/л", "L")),
        ("5,2 ммоль/л", "mmol/L", "", ("5,2 ммоль/л", "mmol/L", None)),
        ("5,2 ммоль/л", "ммоль/л", "", ("5,2", "ммоль/л", None)),
        ("5,2 г/л", "ммоль/л", "", ("5,2 г/л", "ммоль/л", None)),
        ("5,2 H", "ммоль/л", "H", ("5,2", "ммоль/л", "H")),
        ("5,2 H", "ммоль/л", "L", ("5,2 H", "ммоль/л", "L")),
    ],
)
def test_a_cell_is_split_where_it_agrees_with_those_beside_it(
    value: str, unit: str, flag: str, shown: tuple[str | None, ...]
) -> None:
    (result,) = labs(document(table(("Глюкоза", value, unit, flag), head=("Показатель", "Результат", "Ед.", "Флаг"))))
    assert (result["value"], result["unit"], result["flag"]) == shown


def test_a_number_with_its_unit_is_compared_with_the_range() -> None:
    head = ("Показатель", "Результат", "Норма")
    (result,) = labs(document(table(("Глюкоза", "6,2 ммоль/л", "3,9 - 6,1 ммоль/л"), head=head)))
    assert (result["value_number"], result["out_of_range"]) == (6.2, True)
    (result,) = labs(document(table(("Глюкоза", "6,2 ммоль/л", "3,9 - 6,1 г/л"), head=head)))
    assert (result["value_number"], result["out_of_range"]) == (6.2, None)


@pytest.mark.parametrize("words", ["0 - 1,000", "до 1,000", "1,000 - 2,500"])
def test_a_range_that_can_be_read_in_two_ways_is_words_alone(words: str) -> None:
    (result,) = labs(document(table(("Тромбоциты", "400", "", words, ""))))
    assert result["reference"] == {"low": None, "high": None, "text": words}
    assert result["out_of_range"] is None


def test_bounds_that_can_be_read_in_two_ways_are_words_too() -> None:
    head = ("Показатель", "Результат", "Нижняя граница", "Верхняя граница")
    (result,) = labs(document(table(("Тромбоциты", "400", "0", "1,000"), head=head)))
    assert result["reference"] == {"low": None, "high": None, "text": "0 - 1,000"}
    assert result["out_of_range"] is None


@pytest.mark.parametrize(
    ("value", "words", "outside"),
    [
        ("1,015", "1,003 - 1,035", False),
        ("1,040", "1,003 - 1,035", True),
        ("1040", "1,003 - 1,035", None),
        ("1,2", "1,003 - 1,035", None),
        ("1,200", "0 - 1,000", None),
    ],
)
def test_numbers_that_are_all_written_alike_compare_alike(value: str, words: str, outside: bool | None) -> None:
    (result,) = labs(document(table(("Плотность", value, "", words, ""))))
    assert result["reference"] == {"low": None, "high": None, "text": words}
    assert result["out_of_range"] is outside


def test_from_and_to_below_the_head_of_a_range_are_its_bounds() -> None:
    head = REACHING + line("от", "до", tag="th")
    row = line("Гемоглобин", "118", "120", "150", "")
    (result,) = labs(document(f"<table><thead>{head}</thead><tbody>{row}</tbody></table>"))
    assert result["reference"] == {"low": "120", "high": "150", "text": None}
    assert result["out_of_range"] is True


def test_a_table_of_heads_alone_is_read_in_time() -> None:
    rows = [line("А", "Б", "В", tag="th") for _ in range(5000)]
    last = line("Показатель", "Результат", "Норма", tag="th") + line("Глюкоза", "7,9", "3,9 - 6,1")
    (result,) = labs(document(f"<table>{''.join(rows)}{last}</table>"))
    assert (result["analyte"], result["out_of_range"]) == ("Глюкоза", True)


def test_before_and_after_are_no_bounds() -> None:
    head = ("Показатель", "Результат", "до", "после")
    (result,) = labs(document(table(("Глюкоза", "7,9", "5,0", "9,0"), head=head)))
    assert (result["reference"], result["comment"]) == (None, "5,0; 9,0")


SIDES = line("муж.", "жен.", tag="th")
REACHING = (
    '<tr><th rowspan="2">Показатель</th><th rowspan="2">Результат</th><th colspan="2">Норма</th>'
    '<th rowspan="2">Примечание</th></tr>'
)


@pytest.mark.parametrize("sides", [SIDES, SIDES.replace("th>", "td>")], ids=["th", "td"])
@pytest.mark.parametrize("first", [REACHING, REACHING.replace("th>", "td>").replace("<th ", "<td ")], ids=["th", "td"])
def test_ranges_by_sex_are_told_with_whom_they_are_for(first: str, sides: str) -> None:
    text = f"<table><tbody>{first}{sides}{line('Гемоглобин', '118', '130 - 160', '120 - 140', 'повторить')}</tbody></table>"
    (result,) = labs(document(text))
    assert result["reference"] == {"low": None, "high": None, "text": "муж.: 130 - 160; жен.: 120 - 140"}
    assert (result["analyte"], result["value_number"]) == ("Гемоглобин", 118)
    assert (result["comment"], result["out_of_range"]) == ("повторить", None)


def test_a_range_that_reaches_over_both_sexes_is_for_everybody() -> None:
    row = '<tr><td>Глюкоза</td><td>7,9</td><td colspan="2">3,9 - 6,1</td><td></td></tr>'
    (result,) = labs(document(f"<table><thead>{REACHING}{SIDES}</thead><tbody>{row}</tbody></table>"))
    assert result["reference"] == {"low": None, "high": None, "text": "3,9 - 6,1"}
    assert (result["comment"], result["out_of_range"]) == (None, True)


def test_bounds_by_sex_in_a_head_of_three_rows_are_no_bounds_of_the_patient() -> None:
    head = (
        '<tr><th rowspan="3">Показатель</th><th rowspan="3">Результат</th><th colspan="4">Норма</th></tr>'
        '<tr><th colspan="2">муж.</th><th colspan="2">жен.</th></tr>' + line("мин", "макс", "мин", "макс", tag="th")
    )
    row = line("Гемоглобин", "118", "130", "160", "120", "140")
    (result,) = labs(document(f"<table><thead>{head}</thead><tbody>{row}</tbody></table>"))
    words = "муж., мин: 130; муж., макс: 160; жен., мин: 120; жен., макс: 140"
    assert result["reference"] == {"low": None, "high": None, "text": words}
    assert (result["comment"], result["out_of_range"]) == (None, None)


def test_ranges_of_some_in_columns_of_one_head() -> None:
    head = ("Показатель", "Результат", "Норма (муж.)", "Норма, дети 6–12 лет")
    (result,) = labs(document(table(("Гемоглобин", "118", "130 - 160", "115 - 145"), head=head)))
    words = "Норма (муж.): 130 - 160; Норма, дети 6–12 лет: 115 - 145"
    assert result["reference"] == {"low": None, "high": None, "text": words}
    assert (result["comment"], result["out_of_range"]) == (None, None)


PARAGRAPHS = "<paragraph>Гемоглобин 145 г/л (норма 130–160)</paragraph><paragraph>СОЭ 5 мм/ч</paragraph>"
NOTICE = "results of a laboratory stand in its text only, and in no list"


def notices(content: bytes) -> list[str]:
    (piece,) = next(iter(read("-", io.BytesIO(content)))).pieces()
    return [words for words in piece.contradictions if words == NOTICE]


@pytest.mark.parametrize("kind", ["RESLAB", "DOCINFO"])
def test_results_in_paragraphs_are_in_the_text_and_said_to_be_there_only(kind: str) -> None:
    content = x.document(x.section(kind, text=PARAGRAPHS), kind="7")
    assert section_text(content) == "Гемоглобин 145 г/л (норма 130–160)\nСОЭ 5 мм/ч"
    assert places(content) == {"text": 1}
    assert (labs(content), notices(content)) == ([], [NOTICE])


def test_a_section_of_results_in_paragraphs_beside_one_that_is_read() -> None:
    read_too = x.section("RESLAB", x.battery(x.result(x.quantity("118"))))
    content = x.document(read_too, x.section("RESLAB", text=PARAGRAPHS))
    assert len(labs(content)) == 1
    assert notices(content) == [NOTICE]


@pytest.mark.parametrize(
    "sections",
    [
        [x.section("RESLAB", text=table(BLOOD))],
        [x.section("RESLAB", x.battery(x.result(x.quantity("118"))), text=PARAGRAPHS)],
        [x.section("RESLAB", text="Результаты", inner=x.section("RESLAB", x.battery(x.result(x.quantity("118")))))],
        [x.section("RESLAB")],
    ],
    ids=["a table", "entries", "a section inside", "nothing"],
)
def test_results_that_are_in_the_list_are_not_said_to_be_in_the_text_only(sections: list[str]) -> None:
    assert notices(x.document(*sections, kind="7")) == []


def test_a_text_of_another_document_holds_no_results() -> None:
    assert notices(x.document(x.section("DOCINFO", text=PARAGRAPHS), kind="5")) == []
