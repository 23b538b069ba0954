"""What a person looks for on the page: whose it is, no empty columns, units as people write them, a day's panel."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from emkcli import models
from emkcli.api.ports import CardQuery
from emkcli.exporters import export
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.export_request import ExportRequest
from emkcli.views import show
from tests.exporters.running import export_card
from tests.exporters.test_export import Pieces
from tests.exporters.test_html_writer import ALL, TODAY, Page, harmless_to_open, written
from tests.exporters.test_ips_writer import CARD
from tests.invented import Server


@pytest.mark.parametrize(
    ("sent", "people_write"),
    [
        ("10^9/л", "10⁹/л"),
        ("x10*9/L", "×10⁹/L"),
        ("10*-3/мл", "10⁻³/мл"),
        ("10**12/л", "10¹²/л"),
        ("2.5*10^9", "2.5×10⁹"),
        ("4,0-9,0 x10^9/л", "4,0-9,0 ×10⁹/л"),
        ("10⁹/л", "10⁹/л"),
        ("110^9", "110^9"),
        ("10*20 мм", "10*20 мм"),
        ("10*20*30 мм", "10*20*30 мм"),
        ("ммоль/л", "ммоль/л"),
    ],
)
def test_powers_of_ten(sent: str, people_write: str) -> None:
    assert show.powers(sent) == people_write


def test_who_it_is_stands_at_the_top(tmp_path: Path) -> None:
    profile = models.Profile(
        name="Пробная Анна",
        clinic=models.Named(id="c", name="Поликлиника № 1"),
        doctor=models.DoctorRef(id="d", name="Лечащий Пётр"),
    )
    asked = ExportRequest("html", str(tmp_path / "x"))
    export.export_card(ExportJob(asked, Server(*CARD).card(), ALL, TODAY, read_profile=lambda: profile))
    head = Page((tmp_path / "x").read_bytes()).text.partition("Summary")[0]
    assert "Birth date: 1979-06-01 · Clinic: Поликлиника № 1 · Doctor: Лечащий Пётр" in head
    unknown = Page(written(tmp_path / "y", *CARD)).text.partition("Summary")[0]
    assert "Birth date: 1979-06-01 Medical card" in unknown
    assert "Doctor:" not in unknown


class Labs(Pieces):
    """A card of nothing but these results."""

    def __init__(self, *results: models.LabResult) -> None:
        self._results = results

    def labs(self, query: CardQuery) -> Any:
        return iter(self._results)


def page_of(path: Path, *results: models.LabResult) -> tuple[Page, str]:
    export_card(Labs(*results), ALL, "html", str(path), categories=["labs"], force=True)
    return harmless_to_open(path.read_bytes()), path.read_text(encoding="utf-8")


def result(ident: str, analyte: str = "Глюкоза", **more: Any) -> models.LabResult:
    known = {"value": "5.4", "unit": "ммоль/л", "collected_at": "2026-03-01T08:30:00+03:00", "status": "final"}
    return models.LabResult(id=ident, analyte=analyte, **(known | more))


def test_no_column_is_empty(tmp_path: Path) -> None:
    _page, plain_text = page_of(tmp_path / "x", result("a"))
    assert plain_text.count('<th scope="col">') == 4
    assert ">Method</th>" not in plain_text
    _page, with_method = page_of(tmp_path / "y", result("a"), result("b", method="глюкозооксидазный"))
    assert ">Method</th>" in with_method
    assert "<td></td>" in with_method, "the result without it keeps its place"


def test_no_column_of_another_list_is_empty(tmp_path: Path) -> None:
    text = written(tmp_path / "x", {"resourceType": "Condition", "id": "d", "code": {"text": "Грипп"}}).decode()
    diagnoses = text.partition('<section id="diagnoses"')[2].partition("</section>")[0]
    assert ">Name</th>" in diagnoses
    assert ">Doctor</th>" not in diagnoses
    assert "<td></td>" not in diagnoses


def test_a_normal_flag_is_plain(tmp_path: Path) -> None:
    _page, text = page_of(tmp_path / "x", result("a", flag="N"), result("b", "Натрий", flag="H"))
    assert '<span class="value plain">5.4 ммоль/л <small>N</small></span>' in text
    assert '<span class="value red">5.4 ммоль/л <small>↑H</small></span>' in text
    assert "<td>N</td>" in text
    assert "<td class=odd>↑H</td>" in text


def test_powers_are_written_as_people_do_and_the_sent_text_is_kept(tmp_path: Path) -> None:
    _page, text = page_of(tmp_path / "x", result("a", "Тромбоциты", value="339", unit="10^9/л"))
    assert '<td title="10^9/л">10⁹/л</td>' in text
    assert '339 <span title="10^9/л">10⁹/л</span>' in text
    assert ">10^9/л<" not in text
    assert "<td>339</td>" in text, "what reads alike has no title"


def test_the_panels_of_a_day(tmp_path: Path) -> None:
    first = [
        result(f"a{n}", f"Показатель {n}", report_id="r1", specimen="Моча", flag="H" if n else "N") for n in (0, 1)
    ]
    named = result("b", "Гемоглобин", panel=["Общий анализ крови", "Эритроциты"], specimen="Кровь")
    later = result("c", collected_at="2026-03-05", report_id="r2")
    page, text = page_of(tmp_path / "x", *first, named, later)
    titles = re.findall(r"<details class=day id=p(\d+)><summary>(.*?)</summary>", text)
    assert [re.sub("<[^>]+>", "", title) for _number, title in titles] == [
        "2026-03-05 · 1 result",
        "2026-03-01 08:30 · Общий анализ крови · 1 result",
        "2026-03-01 08:30 · Моча · 2 results, out of range: 1",
    ]
    assert [text.count(f"<tr data-p={number}") for number, _title in titles] == [1, 1, 2]
    (days,) = (one for one in page.all("div") if one.get("id") == "days")
    assert "hidden" in days, "without its script the page shows no dead controls"
    assert str(days["data-columns"]).startswith("Analyte|Taken|Value|")
