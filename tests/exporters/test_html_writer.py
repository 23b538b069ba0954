"""The page: complete, self-contained, and never moved by what a source wrote."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli import errors, locale, models
from emkcli.api.ports import CardQuery
from emkcli.clinical.analytes import Analyte
from emkcli.clinical.trends import trend
from emkcli.exporters.html_writer.sparkline import large, sparkline
from emkcli.plots.series import panels
from emkcli.plots.shapes import colour_of
from tests.clinical.results import result
from tests.exporters.running import export_card
from tests.exporters.test_export import Pieces
from tests.exporters.test_ips_writer import CARD, poisoned
from tests.invented import PATIENT, Server, lab, quantity
from tests.plots.drawn import TRENDS

ALL = CardQuery()
TODAY = {"fetched_at": "2026-04-01T10:00:00+03:00", "demo": True}
VOID = {"meta", "input", "br", "rect", "polyline", "polygon", "circle"}


class Page(HTMLParser):
    """A strict reader: every tag is closed, nothing runs and nothing loads but what belongs there."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(content.decode())
        self.close()
        assert self.open == []

    def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((name, dict(attrs)))
        if name not in VOID:
            self.open.append(name)

    def handle_startendtag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((name, dict(attrs)))

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"script", "style"}:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.seen if found == name]


def written(path: Path, *known: Any, categories: tuple[str, ...] = (), query: CardQuery = ALL) -> bytes:
    export_card(Server(*known).card(), query, "html", str(path), categories=categories, force=True, envelope=TODAY)
    return path.read_bytes()


def harmless_to_open(content: bytes) -> Page:
    page = Page(content)
    assert len(page.all("script")) == len(page.all("style")) == 1
    known = {
        "a",
        "span",
        "p",
        "li",
        "td",
        "th",
        "dt",
        "dd",
        "div",
        "details",
        "summary",
        "svg",
        "ul",
        "dl",
        "tr",
        "table",
        "g",
        "text",
        "small",
    }
    known |= {"html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "form", "label", "input"}
    known |= {"select", "option", "button", "output", "main", "section", "article", "thead", "tbody", "br", "script"}
    assert {name for name, _ in page.seen} <= known | VOID
    for name, attributes in page.seen:
        assert not any(key.startswith("on") or key in {"style", "src", "srcset", "action"} for key in attributes), name
        assert str(attributes.get("href", "#")).startswith("#")
    return page


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    return written(tmp_path / "card.html", *CARD)


def test_everything_is_there(content: bytes) -> None:
    page = harmless_to_open(content)
    assert PATIENT["name"][0]["family"] in page.text
    for told in (
        "Диагноз E06.3",
        "Йод",
        "Глюкоза",
        "5.4 ммоль/л",
        "3–6",
        "ЭКГ",
        "Not a medical document",
    ):
        assert told in page.text
    sections = [one["id"] for one in page.all("section")]
    assert (sections[:2], sections[-2:]) == (["summary", "labs"], ["documents", "completeness"])
    assert "Everything that was asked for is on this page." in page.text
    assert "Invented data of the demonstration." in page.text


def test_nothing_from_outside_is_allowed(content: bytes) -> None:
    text = content.decode()
    (policy,) = (one["content"] for one in Page(content).all("meta") if one.get("http-equiv"))
    assert str(policy).startswith("default-src 'none'; ")
    for name in ("style", "script"):
        (body,) = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        digest = b64encode(sha256(body.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in str(policy)
    assert "http://" not in text
    assert "https://" not in text
    assert not re.search(r"url\(|@import|fetch|XMLHttp|eval|innerHTML", text)


def test_it_can_be_read_without_eyes_and_mouse(content: bytes) -> None:
    page = Page(content)
    assert page.all("html")[0]["lang"] == "en"
    assert [name for name, _ in page.seen if name in {"h1", "h2", "h3"}][:3] == ["h1", "h2", "h3"]
    assert page.all("a")[0]["href"] == "#records"
    assert {one.get("id") for one in page.all("div")} >= {"records"}
    assert all(one.get("scope") == "col" for one in page.all("th"))
    assert page.all("form")[0].keys() == {"role", "hidden"}, "without its script the page shows no dead controls"
    ids = [one["id"] for _, one in page.seen if "id" in one]
    assert len(ids) == len(set(ids))


def test_hostile_text_is_text(tmp_path: Path) -> None:
    content = written(tmp_path / "x", *map(poisoned, CARD))
    page = harmless_to_open(content)
    assert "<script>alert(1)</script>" in page.text
    assert not re.search("[\u202e\x1b]", content.decode())


def test_megabytes_are_cut(tmp_path: Path) -> None:
    huge = "я<" * 2_000_000
    content = written(
        tmp_path / "x", lab("o", code={"text": huge}), {"resourceType": "Condition", "id": "d", "code": {"text": huge}}
    )
    harmless_to_open(content)
    assert len(content) < 100_000


@given(st.text(max_size=60))
def test_no_text_breaks_the_page(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    class One(Pieces):
        def visits(self, query: CardQuery) -> Any:
            return iter([models.Visit(id="v", reason=text, conclusion=text, status=text)])

        def labs(self, query: CardQuery) -> Any:
            return iter([models.LabResult(id="l", analyte=text, value=text, unit=text, flag=text or None)])

    target = tmp_path_factory.mktemp("page") / "x"
    export_card(One(), ALL, "html", str(target), categories=["visits", "labs"])
    harmless_to_open(target.read_bytes())


def test_lists_and_dates(tmp_path: Path) -> None:
    page = harmless_to_open(written(tmp_path / "x", *CARD, categories=("allergies",)))
    assert [one["data-list"] for one in page.all("section") if "data-list" in one] == ["allergies"]
    assert "Глюкоза" not in page.text
    later = harmless_to_open(written(tmp_path / "y", *CARD, query=CardQuery(since="2026-02-15")))
    assert "Диагноз E06.3" not in later.text


def test_an_empty_card_says_so(tmp_path: Path) -> None:
    page = harmless_to_open(written(tmp_path / "x"))
    assert page.text.count("no records") == 5
    assert page.text.count("No records.") == len(models.LISTS)


def test_a_part_that_cannot_be_read(tmp_path: Path) -> None:
    server = Server(*CARD)
    server.failing = {"AllergyIntolerance": 500}
    result = export_card(server.card(), ALL, "html", str(tmp_path / "x"))
    assert not result.complete
    page = harmless_to_open((tmp_path / "x").read_bytes())
    assert "Could not be read" in page.text, "silence would read as: no allergies"
    assert "Not everything could be read" in page.text
    server.failing = {"Patient/p1": 500}
    with pytest.raises(errors.ServerError):
        export_card(server.card(), ALL, "html", str(tmp_path / "y"))
    assert not (tmp_path / "y").exists()


def test_in_russian(tmp_path: Path) -> None:
    locale.use("ru")
    try:
        page = harmless_to_open(written(tmp_path / "x", *CARD))
    finally:
        locale.use("en")
    assert page.all("html")[0]["lang"] == "ru"
    assert "Не является медицинским документом" in page.text
    assert "Анализы" in page.text


def test_results_of_one_unit_make_a_trend(tmp_path: Path) -> None:
    known = [lab(f"o{n}", quantity(5 + n), effectiveDateTime=f"2026-0{n}-01") for n in range(1, 5)]
    other = lab("mg", quantity(90, "мг/дл", "mg/dL"))
    page = harmless_to_open(written(tmp_path / "x", *known, other))
    assert len(page.all("svg")) == 1, "values of different units are never joined"
    assert page.all("svg")[0]["aria-label"] == "Trend: values from 6 to 9; last 9 on 2026-04-01"
    assert page.all("svg")[0]["role"] == "img"


def test_one_label_for_an_analyte_of_a_specimen(tmp_path: Path) -> None:
    """Codes, units and methods are told apart in the picture and the table, not by three entries of one name."""
    first = [lab(f"a{n}", quantity(200 + n), effectiveDateTime=f"2025-0{n}-01") for n in range(1, 4)]
    other = [
        lab(f"b{n}", quantity(200 + n), effectiveDateTime=f"2026-0{n}-01", method={"text": "Счётчик"})
        for n in range(1, 4)
    ]
    percent = lab("c", quantity(0.2, "%", "%"), effectiveDateTime="2026-02-02")
    page = harmless_to_open(written(tmp_path / "x", *first, *other, percent))
    (summary,) = [attributes for name, attributes in page.seen if attributes.get("class") == "analyte"]
    assert summary == {"class": "analyte"}
    values = [attributes for _name, attributes in page.seen if str(attributes.get("class")).startswith("value")]
    assert len(values) == 2, "a value for each unit, and none hidden"
    small, big = page.all("svg")
    assert (small["class"], big["class"]) == ("trend", "picture")
    marks = {str(found["class"]) for name, found in page.seen if name in {"circle", "polygon"}}
    assert {"mark s0", "mark s1"} <= marks
    assert "Счётчик" in page.text


def test_units_of_an_analyte_have_marks_of_their_own(tmp_path: Path) -> None:
    """Blood in mg/dL beside blood in mmol/L: one entry of the page, two figures, and no mark in both."""
    first = [lab(f"a{n}", quantity(5 + n), effectiveDateTime=f"2025-0{n}-01") for n in range(1, 4)]
    other = [lab(f"b{n}", quantity(90 + n, "мг/дл", "mg/dL"), effectiveDateTime=f"2026-0{n}-01") for n in range(1, 4)]
    written(tmp_path / "x", *first, *other)
    figures = re.findall(r'<svg class="trend".*?</svg>', (tmp_path / "x").read_text(encoding="utf-8"))
    assert [sorted(set(re.findall(r'class="mark (s\d)', figure))) for figure in figures] == [["s0"], ["s1"]]
    assert ["<circle" in figure for figure in figures] == [True, False]


def test_specimens_have_a_label_each_and_what_has_no_value_has_none(tmp_path: Path) -> None:
    serum = [lab(f"s{n}", specimen={"display": "Сыворотка"}, effectiveDateTime=f"2026-0{n}-01") for n in (1, 2)]
    whole = lab("w", specimen={"display": "Кровь капиллярная"})
    empty = {**lab("e", specimen={"display": "Сыворотка"}), "status": "registered"}
    del empty["valueQuantity"]
    withdrawn = lab("t", quantity(50), status="entered-in-error", specimen={"display": "Сыворотка"})
    page = harmless_to_open(written(tmp_path / "x", *serum, whole, empty, withdrawn))
    labels = [attributes for _name, attributes in page.seen if attributes.get("class") == "analyte"]
    values = [attributes for _name, attributes in page.seen if str(attributes.get("class")).startswith("value")]
    assert (len(labels), len(values)) == (2, 2)
    assert page.text.count("Глюкоза Кровь капиллярная") == 1
    assert page.text.count("Глюкоза Сыворотка") == 1
    assert "3 results" in page.text, "what was taken back is in the table, and not counted"
    assert "4 results" not in page.text
    assert page.text.count("50 ммоль/л") == 1


def test_a_limit_in_a_small_picture_is_hollow_and_cuts_the_line() -> None:
    results = [result(f"r{n}", value, 2020 + n) for n, value in enumerate(("0.12", "<0.10", "0.13", "<0.10"))]
    (panel,) = panels(trend(Analyte(results)))
    drawn = sparkline(panel)
    assert "<polyline" not in drawn
    assert drawn.count('class="mark s0 hollow"') == 2
    assert "beyond a limit of measurement: 2 (&lt;0.10)" in drawn
    assert "below a limit of measurement" in large(panel)


@given(TRENDS)
@settings(deadline=None)
def test_every_series_can_be_drawn(series: models.Trend) -> None:
    for panel in panels(series):
        drawn = sparkline(panel)
        assert not re.search(r"\bnan\b|\binf\b", drawn.partition(">")[2])
        if len(panel.dots) < 2:
            assert drawn == large(panel) == ""
            continue
        assert drawn.startswith("<svg")
        places = [
            tuple(map(float, pair.split(","))) for pair in re.findall(r"-?[\d.]+,-?[\d.]+", drawn.partition(">")[2])
        ]
        assert all(0 <= x <= 160 and 0 <= y <= 36 for x, y in places)
        marked = set(re.findall(r'class="mark s(\d)', drawn))
        assert marked == {str(colour_of(one.look)) for one in panel.series if one.dots}
