"""Other people's programs open what we write: LibreOffice the workbook, poppler the pages; and large cards end in time."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from bench.card import peak, server
from emkcli import models
from emkcli.api.ports import CardQuery
from tests.exporters.running import export_card
from tests.exporters.test_pdf_writer import TODAY, VISIT, Card, result
from tests.exporters.test_xlsx_writer import HOSTILE

RESULTS = 20_000


def run(*command: str, home: Path) -> str:
    assert shutil.which(command[0]), f"{command[0]} is needed: apt-get install libreoffice-calc poppler-utils"
    environment = {**os.environ, "HOME": str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=180, check=True)
    return done.stdout.decode()


def export(card: Any, form: str, target: Path, preset: str | None = None) -> models.ExportResult:
    return export_card(card, CardQuery(), form, str(target), preset=preset, envelope=TODAY)


def test_libreoffice_opens_the_workbook(tmp_path: Path) -> None:
    spared = [text for text in HOSTILE if text.isprintable()]
    labs = [result(f"l{n}", value=text, value_number=5.4, collected_at="2026-03-01") for n, text in enumerate(spared)]
    assert export(Card(labs=labs), "xlsx", tmp_path / "card.xlsx").complete
    filtered = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    run(
        "soffice",
        "--headless",
        "--convert-to",
        filtered,
        "--outdir",
        str(tmp_path),
        str(tmp_path / "card.xlsx"),
        home=tmp_path,
    )
    with (tmp_path / "card-Laboratory results.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Value"] for row in rows] == spared, "nothing was calculated, nothing became a link or a number"
    assert {row["Taken"] for row in rows} <= {"2026-03-01"}, "a date, as an English reader writes it"
    assert {row["Value as a number"] for row in rows} == {"5.4"}
    assert "Not a medical document." in (tmp_path / "card-About this file.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("preset", [None, VISIT])
def test_poppler_shows_the_pages(tmp_path: Path, preset: str | None) -> None:
    target = tmp_path / "card.pdf"
    days = [date(2026, 3, 1) - timedelta(days=number) for number in range(90)]
    labs = [
        result(f"l{number}", value=f"{number},40", comment="×10⁹/л «Ёж» №", collected_at=day.isoformat())
        for number, day in enumerate(days)
    ]
    export(Card(labs=labs, allergies=[models.Allergy(id="a", display="Йод")]), "pdf", target, preset)
    text = run("pdftotext", "-layout", str(target), "-", home=tmp_path)
    for said in ("Пробная Анна", "Глюкоза", "0,40 ммоль/л", "Йод", f"page 1 of {len(PdfReader(target).pages)}"):
        assert said in text
    fonts = run("pdffonts", str(target), home=tmp_path).splitlines()[2:]
    assert fonts
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts), (
        "embedded, a subset, with a way to Unicode"
    )
    run("pdftoppm", "-r", "40", "-png", str(target), str(tmp_path / "page"), home=tmp_path)
    pages = sorted(tmp_path.glob("page*.png"))
    assert len(pages) == len(PdfReader(target).pages)
    for page in pages:
        with Image.open(page) as picture:
            dark = sum(picture.convert("L").histogram()[:160])
            assert 200 < dark < picture.width * picture.height / 5, "letters, and neither an empty page nor a black one"


def test_twenty_thousand_results(tmp_path: Path) -> None:
    with server(RESULTS, tmp_path) as environment:
        for form, most in (("pdf", 160), ("xlsx", 110)):
            target = tmp_path / f"card.{form}"
            seconds, memory = peak(["card", "export", "--format", form, "--to", str(target)], environment)
            assert seconds < 60
            assert memory < most, form
    assert len(PdfReader(tmp_path / "card.pdf").pages) > 400
    assert f"{RESULTS} records" in PdfReader(tmp_path / "card.pdf").pages[0].extract_text()
