"""The workbook, read back: every cell of its own type, nothing that runs, nothing lost without a word."""

from __future__ import annotations

import io
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from emkcli import errors, models
from emkcli.api.ports import CardQuery
from emkcli.exporters.extras import need
from emkcli.exporters.xlsx_writer import archive, sheet
from tests.conftest import Emk
from tests.exporters.running import export_card
from tests.exporters.test_export import Pieces
from tests.exporters.test_ips_writer import CARD
from tests.invented import Server, lab, quantity

ALL = CardQuery()
TODAY = {"fetched_at": "2026-04-01T10:00:00+03:00", "backend": "mock", "demo": True}


class Labs(Pieces):
    def __init__(self, *found: models.LabResult) -> None:
        self.found_labs = found

    def labs(self, query: CardQuery) -> Any:
        return iter(self.found_labs)


def book(card: Any, path: Path, *categories: str) -> tuple[Any, models.ExportResult]:
    result = export_card(card, ALL, "xlsx", str(path / "x.xlsx"), categories=categories, force=True, envelope=TODAY)
    return openpyxl.load_workbook(path / "x.xlsx"), result


def rows(found: Any, name: str) -> list[dict[str, Any]]:
    """Rows by header; an inline string comes with Excel's escapes, which Excel itself undoes."""
    head, *body = found[name].iter_rows(values_only=True)
    plain = [[unescape(cell) if isinstance(cell, str) else cell for cell in row] for row in body]
    return [dict(zip(head, row, strict=True)) for row in plain]


def result(**more: Any) -> models.LabResult:
    return models.LabResult(**{"id": "l1", "analyte": "Глюкоза", "value": "5.40", "value_number": 5.4, **more})


def test_a_sheet_for_every_list_after_one_about_the_file(tmp_path: Path) -> None:
    found, told = book(Server(*CARD).card(), tmp_path)
    assert found.sheetnames[:3] == ["About this file", "Laboratory results", "Prescriptions"]
    assert len(found.sheetnames) == 1 + len(models.LISTS)
    about = {str(row[0]): row[1] for row in found["About this file"].iter_rows(values_only=True)}
    assert about["Medical card"] == "Not a medical document."
    assert about["Person"] == "Пробная Анна Львовна"
    assert about["Source"] == "the embedded mock: invented data of the demonstration"
    assert about["Laboratory results"] == told.records["labs"]
    assert about["Completeness"] == "Everything that was asked for is in this file."
    labs = found["Laboratory results"]
    assert labs.freeze_panes == "A2"
    assert labs.auto_filter.ref == labs.dimensions
    assert (tmp_path / "x.xlsx").stat().st_mode & 0o777 == 0o600


def test_cells_have_the_type_of_their_source(tmp_path: Path) -> None:
    known = lab("o1", quantity("5.40"), effectiveDateTime="2026-03-01T22:30:00Z")
    part = lab("o2", valueString="отр.", effectiveDateTime="2026-02")
    whole = lab("o3", effectiveDateTime="2026-01-05")
    found, _told = book(Server(known, {k: v for k, v in part.items() if k != "valueQuantity"}, whole).card(), tmp_path)
    first, second, third = rows(found, "Laboratory results")
    assert (first["Value"], first["Value as a number"]) == ("5.40", 5.4)
    assert first["Taken"] == datetime(2026, 3, 2, 1, 30), "on the clock of Moscow"
    assert (second["Taken"], second["Value as a number"]) == ("2026-02", None)
    assert third["Taken"] == datetime(2026, 1, 5)
    head = [cell.value for cell in found["Laboratory results"][1]]
    assert head[:6] == ["Taken", "Analyte", "Value", "Value as a number", "Unit", "UCUM unit"]
    assert len(head) == len(set(head))


@pytest.mark.parametrize("category", models.CATEGORIES)
def test_every_header_says_something_of_its_own(category: str) -> None:
    names = [sheet.header(path) for path in sheet.ordered(category)]
    assert len(set(names)) == len(names)
    assert not [name for name in names if "_" in name or name.islower()]


HOSTILE = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-5.40",
    "0012",
    "https://example.org/x",
    "internal:'About'!A1",
    "<r><t>x</t></r>",
    "<r>&</r>",
    '<script>alert("1")</script>&amp;',
    "_x000D_",
    "\x00\x07\x1b[31m\x85",
    "\u202eabc\u2066",
    "\ufffe\uffff",
    " padded ",
    "a\r\nb\tc",
    "{=SUM(A1)}",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_the_text_it_is(tmp_path: Path, text: str) -> None:
    found, told = book(Labs(result(value=text, analyte=text, comment=text)), tmp_path, "labs")
    assert told.complete
    (row,) = rows(found, "Laboratory results")
    assert {row["Value"], row["Analyte"], row["Comment"]} == {text}
    for cell in found["Laboratory results"][2]:
        assert cell.data_type != "f"
        assert cell.hyperlink is None


@settings(max_examples=40)
@given(st.text(max_size=40), st.floats() | st.none(), st.text(max_size=12) | st.datetimes().map(str))
def test_every_text_reads_back(text: str, number: float | None, date: str) -> None:
    out = io.BytesIO()
    card = Labs(result(value=text, value_number=number, collected_at=date))
    export_card(card, ALL, "xlsx", "-", categories=["labs"], stdout=out)
    (row,) = rows(openpyxl.load_workbook(io.BytesIO(out.getvalue())), "Laboratory results")
    assert (row["Value"] or "") == "".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in text)


def test_what_a_cell_cannot_hold_is_told(tmp_path: Path) -> None:
    long, wide = "я" * 10_000_000, "😀" * 16_384
    found, told = book(Labs(result(comment=long), result(id="l2", comment=wide), result(id="l3")), tmp_path, "labs")
    assert not told.complete
    assert [part.what for part in told.missing] == ["l1", "l2"]
    assert "longer than an Excel cell" in told.missing[0].why
    kept = [row["Comment"] for row in rows(found, "Laboratory results")]
    assert kept[0] == "я" * (sheet.MOST_TEXT - 1) + "…"
    assert kept[1] == "😀" * 16_383 + "…"
    assert "l1" in [row[0] for row in found["About this file"].iter_rows(values_only=True)]


def test_rows_without_room_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_ROWS", 2)
    found, told = book(Labs(*(result(id=f"l{n}") for n in range(5))), tmp_path, "labs")
    assert [row["ID"] for row in rows(found, "Laboratory results")] == ["l0", "l1"]
    assert not told.complete
    assert told.missing[0].why == "An Excel sheet holds 2 rows; 3 more found no room."
    assert told.records == {"labs": 2}


def test_a_list_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    server = Server(*CARD)
    server.failing = {"AllergyIntolerance": 500}
    found, told = book(server.card(), tmp_path)
    assert not told.complete
    about = [row[0] for row in found["About this file"].iter_rows(values_only=True)]
    assert about[-1] == "allergies"


def test_nothing_readable_waits_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by a name of the library nor by one of ours; what the spool writes is sealed (`test_encrypted_spool`)."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(archive, "ROWS_IN_MEMORY", 1_000)
    named: list[object] = []
    nameless: list[object] = []
    temporary_file = tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "mkstemp", lambda *args, **options: named.append(args))
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: (nameless.append(1), temporary_file())[1])
    export_card(Server(*CARD).card(), ALL, "xlsx", "-", stdout=io.BytesIO())
    assert named == []
    assert len(nameless) > 1
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "ROWS_IN_MEMORY", 1_000)
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(errors.Storage, match="No space left"):
        book(Server(*CARD).card(), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("form", "module"), [("xlsx", "xlsxwriter"), ("pdf", "reportlab")])
def test_a_missing_extra_is_one_line(
    emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    done = emk("card", "export", "--format", form, "--to", str(tmp_path / "x"), "--json")
    assert done.code == 2, "before anybody has to log in"
    assert done.error["message"] == f"This needs a package that is not installed: {module}."
    assert done.error["hint"] == f"pip install 'emkcli[{form}]'"
    assert not (tmp_path / "x").exists()


def test_a_broken_package_is_not_a_missing_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "outer.py").write_text("import an_inner_one")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="an_inner_one"):
        need("outer", "xlsx")
