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
from tests.importers.test_statements import places

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


CELLS = st.text(alphabet="абвГД 0123456789,.<>↑-", max_size=12).map(
    lambda text: text.replace("<", "&lt;").replace(">", "&gt;")
)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, CELLS), max_size=5))
def test_no_cell_is_altered(rows: list[tuple[str, ...]]) -> None:
    printed = [tuple(" ".join(cell.replace("&lt;", "<").replace("&gt;", ">").split()) for cell in row) for row in rows]
    expected = [row[:3] for row in printed if row[0] and row[1]]
    results = labs(document(table(*rows)))
    assert [(result["analyte"], result["value"], result["unit"] or "") for result in results] == expected
