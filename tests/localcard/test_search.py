"""Words, queries, snippets and the index of the local card."""

from __future__ import annotations

import json
import tracemalloc
from datetime import date
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import errors, localcard, models
from emkcli.api.ports import CardQuery
from emkcli.clinical.dates import sort_key, within
from emkcli.importers import document_reader
from emkcli.localcard.imported_card import LocalCard
from emkcli.localcard.search import Index, hit, parse
from emkcli.localcard.search.hits import snippet
from emkcli.localcard.search.stems import LONGEST_WORD, stem, words
from emkcli.models import CATEGORIES
from tests.importers import semd_invented as semd
from tests.invented import PATIENT, bundle, encoded, lab

TEXT = "Жалобы на сухой кашель и насморк. Острая инфекция верхних дыхательных путей (J06.9), температура 38,2 °C."
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60) | st.text(
    st.sampled_from("\"'*()^:-+{}.,<> \0«»“”OR AND NEARаёй\u0301J069"), max_size=40
)


def marked(query: str, *texts: str) -> str:
    return snippet(parse(query), texts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("гемоглобином", "гемоглобина"),
        ("лёгких", "легкие"),
        ("лёгких".replace("ё", "е\u0308"), "лёгкое"),
        ("cholesterols", "Cholesterol"),
        ("J06.9", "j06.9"),
        ("А09", "A09"),
        ("прививок", "прививка"),
        ("палец", "пальцы"),
        ("5,4", "5.4"),
        ("ка\u0301шель", "кашель"),
    ],
)
def test_words_that_are_the_same(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("5,4", "5,40"), ("J06.9", "J06"), ("B12", "B120"), ("кот", "который")])
def test_words_that_are_not(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@given(ANYTHING)
def test_words_stand_where_they_say_and_compare_as_one_token(text: str) -> None:
    for word in words(text):
        assert word.stem == stem(text[word.start : word.end])
        assert word.stem
        assert all(sign.isalnum() or sign == "." for sign in word.stem if sign.isascii())
        assert " " not in word.stem


@pytest.fixture(scope="module")
def small() -> Index:
    records = [models.Visit(id="v", date="2025", conclusion=TEXT), models.Study(id="s", type="ecg", title="ЭКГ")]
    return Index.in_memory(
        (
            one.id,
            "visits" if one.id == "v" else "studies",
            sort_key(one.date),
            one.to_json(),
        )
        for one in records
    )


def ids(index: Index, text: str, *categories: str, limit: int = 20) -> list[str]:
    total, rows = index.search(parse(text), limit, None, categories)
    found = [json.loads(content)["id"] for _category, content, _score in rows]
    assert total >= len(found)
    return found


@given(ANYTHING)
def test_nothing_typed_is_syntax(small: Index, text: str) -> None:
    try:
        wanted = parse(text)
    except errors.Usage:
        return
    total, rows = small.search(wanted, 5)
    assert total == len(list(rows))


@given(ANYTHING, ANYTHING)
def test_a_snippet_is_the_original_with_marks(text: str, query: str) -> None:
    try:
        shown = marked(query, text)
    except errors.Usage:
        return
    if "*" not in text and "…" not in text:
        bare = shown.replace("**", "").replace("… ", "").replace(" …", "").strip("… ")
        assert bare in " ".join(text.split())
    assert shown.count("**") % 2 == 0 or "*" in text


def test_the_place_is_found_far_inside_a_long_text() -> None:
    text = "слово " * 40_000 + "сухой кашель и насморк " + "слово " * 40_000
    shown = marked('"сухой кашель" насморк', text)
    assert "**сухой** **кашель** и **насморк**" in shown
    assert len(shown) < 250
    assert "**слово**" not in shown


@pytest.mark.parametrize("letters", ["а" * 300_000, "а\u0301" * 150_000, "1" * 300_000, "1." * 150_000])
def test_a_word_without_an_end_costs_no_more_than_its_text(letters: str) -> None:
    stem.cache_clear()
    tracemalloc.start()
    try:
        longest = max(word.end - word.start for word in words(letters))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert longest <= 21 * (LONGEST_WORD + 1)
    assert peak < 6 * len(letters)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("кашель", True),
        ("КАШЛЕ", True),
        ("насморки кашель", True),
        ("инфекци", True),
        ("дыхат", True),
        ("J06.9", True),
        ("j06", True),
        ("38.2", True),
        ("38", False),
        ('"дыхательные пути"', True),
        ('"пути дыхательные"', False),
        ("«верхние дыхательные»", True),
        ("кашель бронхит", False),
        ("кашель OR бронхит", False),
    ],
)
def test_what_is_found(small: Index, query: str, found: bool) -> None:
    assert (ids(small, query) == ["v"]) is found


def test_a_snippet_shows_the_words_of_the_original() -> None:
    assert marked("инфекцией", TEXT).startswith("Жалобы на сухой кашель и насморк. Острая **инфекция** верхних")
    assert marked('"дыхательные пути"', "верхних дыхательных путей") == "верхних **дыхательных** **путей**"
    assert marked("кашель ЭКГ", "Кашель.", "Описание: ЭКГ без особенностей") == (
        "**Кашель**. Описание: **ЭКГ** без особенностей"
    )
    assert marked("кашель ЭКГ диета", "Кашель.", "ЭКГ.", "Диета.") == "**Кашель**. **ЭКГ**.", "two places are enough"
    assert len(marked("середина", "слово " * 500 + "середина" + " слово" * 500)) < 260


@pytest.mark.parametrize("empty", ["", "  ", '""', "«»", "***", "-"])
def test_nothing_to_look_for(empty: str) -> None:
    with pytest.raises(errors.Usage):
        parse(empty)


@pytest.mark.parametrize("text", ["a-" * 50_000, '"' + "глюкоза " * 33 + '"', "а-б " * 17])
def test_a_phrase_counts_as_many_words_as_it_has(text: str) -> None:
    with pytest.raises(errors.Usage, match="32"):
        parse(text)


def test_too_many_words() -> None:
    with pytest.raises(errors.Usage):
        parse("слово " * 33)


def test_more_hits_than_are_ranked_are_all_counted_and_within_reach() -> None:
    records = (
        (f"{n}", "visits", sort_key("2025"), b'{"id":"%d","conclusion":"\xd0\xba\xd0\xbe\xd1\x82"}' % n)
        for n in range(6000)
    )
    index = Index.in_memory(records)
    total, rows = index.search(parse("кот"), 5990)
    assert (total, len(list(rows))) == (6000, 5990)


DAYS = st.dates(date(1950, 1, 1), date(2050, 12, 31)).map(str)
OPEN = st.one_of(DAYS, DAYS.map(lambda day: day[:7]), DAYS.map(lambda day: day[:4]), st.none())
AT = st.one_of(OPEN, DAYS.map(lambda day: f"{day}T00:30:00+03:00"), DAYS.map(lambda day: f"{day}T23:30:00-11:00"))


@given(st.lists(AT, max_size=12), OPEN, OPEN)
def test_no_record_that_may_lie_between_two_dates_is_lost(dates: list[str | None], since: str, until: str) -> None:
    known = [models.Visit(id=str(n), date=one, conclusion="cats") for n, one in enumerate(dates)]
    index = Index.in_memory((one.id, "visits", sort_key(one.date), one.to_json()) for one in known)
    total, rows = index.search(parse("cats"), 20, dates=(since, until))
    shown = {json.loads(content)["id"] for _category, content, _score in rows}
    assert len(shown) == total
    assert {one.id for one in known if within(one.date, since, until)} <= shown
    far = {one.id for one in known if since and one.date and one.date[:4] < str(int(since[:4]) - 2)}
    assert not far & shown, "the index does the work"


def test_a_word_that_nearly_every_record_has_shows_the_newest() -> None:
    dates = [f"20{n % 90 + 10}-01-{n // 300 + 1:02}" for n in range(5100)]
    records = (
        (str(n), "visits", sort_key(date), b'{"id":"%d","conclusion":"cat"}' % n) for n, date in enumerate(dates)
    )
    total, rows = Index.in_memory(records).search(parse("cats"), 3)
    found = [json.loads(content)["id"] for _category, content, _score in rows]
    assert total == 5100
    assert [dates[int(one)] for one in found] == sorted(dates, reverse=True)[:3]


# the local card


@pytest.fixture
def take(card: LocalCard, tmp_path: Path) -> Any:
    def take(*documents: bytes, person: str | None = None) -> list[str]:
        names = []
        for number, document in enumerate(documents):
            path = tmp_path / f"{number}.{'xml' if document.startswith(b'<') else 'json'}"
            path.write_bytes(document)
            names.append(str(path))
        return [
            one.status
            for one in localcard.ingest(card, (one for name in names for one in document_reader.read(name)), person)
        ]

    return take


def found(card: LocalCard, text: str, *categories: str, person: str | None = None) -> list[models.SearchHit]:
    wanted = parse(text)
    total, hits = card.search(wanted, person, categories, 50)
    shown = [hit(one, wanted) for one in hits]
    assert total == len(shown)
    return shown


def consultation(text: str, **more: str) -> bytes:
    return semd.document(semd.section("REZKONS", text=text, title="Осмотр"), **more)


def test_the_index_follows_the_records(card: LocalCard, take: Any) -> None:
    assert take(consultation("Жалобы на кашель.")) == ["added"]
    assert found(card, "кашлем")
    assert take(consultation("Жалобы на боль.", version="2", ident="8")) == ["added"]
    assert found(card, "кашель") == []
    assert found(card, "боли")
    count = card.store.row("SELECT (SELECT count(*) FROM search), (SELECT count(*) FROM record)")
    assert count is not None
    assert count[0] == count[1]


def test_a_refused_document_leaves_no_words(card: LocalCard, take: Any) -> None:
    take(consultation("Жалобы на кашель."))
    assert take(
        consultation("Чужой бронхит.", family="Чужая", snils="000-000-101 23", birth="19600101", series="9")
    ) == ["other_person"]
    assert found(card, "бронхит") == []


def test_people_are_kept_apart(card: LocalCard, take: Any) -> None:
    other = {"family": "Чужая", "given": "Ева", "snils": "000-000-101 23", "birth": "20160101", "series": "9"}
    take(consultation("Жалобы на кашель."), consultation("Сухой кашель.", **other), person="auto")
    owner, child = card.persons()
    mine, hers = found(card, "кашель"), found(card, "кашель", person=child.id)
    assert mine
    assert hers
    assert not {one.id for one in mine} & {one.id for one in hers}
    assert found(card, "кашель", person=owner.id) == mine


def test_a_store_made_earlier_is_indexed_when_it_is_first_searched(card: LocalCard, take: Any) -> None:
    take(consultation("Жалобы на кашель."))
    before = found(card, "кашель")
    for name in ("search_insert", "search_delete", "search_update"):
        card.store.db.execute(f"DROP TRIGGER {name}")
    card.store.db.execute("DROP TABLE search; DROP TABLE search_pending")
    assert found(card, "кашель") == before


def test_a_writer_that_knows_no_index_is_caught_up_with(card: LocalCard, take: Any) -> None:
    take(encoded(bundle(PATIENT, lab("a"))))
    content = models.Visit(id="x", conclusion="Подагра").to_json()
    sql = """INSERT OR REPLACE INTO record (piece, person, id, category, moment, json)
             SELECT piece, person, 'x', 'visits', '', ? FROM record LIMIT 1"""
    card.store.db.execute(sql, (content,))
    assert [one.id for one in found(card, "подагра")] == ["x"]
    card.store.db.execute(
        "UPDATE record SET json = ? WHERE id = 'x'", (content.replace("Подагра".encode(), "Ангина".encode()),)
    )
    assert found(card, "подагра") == []
    assert found(card, "ангина")
    card.store.db.execute(sql, (content,))
    assert found(card, "ангина") == []
    card.store.db.execute("DELETE FROM record WHERE id = 'x'")
    assert found(card, "подагра") == []


def test_categories_and_order(card: LocalCard, take: Any) -> None:
    take(
        encoded(
            bundle(PATIENT, lab("old", effectiveDateTime="2015"), lab("new"), lab("undated", effectiveDateTime=None))
        )
    )
    assert [one.date for one in found(card, "глюкоза", "labs")] == ["2026-03-01T08:00:00+03:00", "2015", None]
    assert found(card, "глюкоза", "visits") == []


def test_the_same_from_memory_and_from_the_store(card: LocalCard, take: Any) -> None:
    take(
        consultation("Жалобы на кашель и боль в горле. Лейкоциты повышены."),
        encoded(bundle(PATIENT, *(lab(f"l{n}", n, effectiveDateTime=f"20{10 + n}-01-01") for n in range(9)))),
    )
    everything = [
        (one.id, name, sort_key(one.date), one.to_json())
        for name in CATEGORIES
        for one in getattr(card, name)(CardQuery())
    ]
    index = Index.in_memory(everything)
    for text in ("кашель", "глюкоза", "поликлиника", "боль", "7"):
        assert sorted(ids(index, text)) == sorted(one.id for one in found(card, text))
        best = [content for _c, content, _s in index.search(parse(text), 3)[1]]
        assert [json.loads(one)["id"] for one in best] == [one.id for one in found(card, text)[:3]]


def test_what_identifies_a_person_is_not_indexed(card: LocalCard, take: Any) -> None:
    take(consultation("Жалобы на кашель."))
    assert found(card, "Пробная") == []
    with pytest.raises(errors.Usage):
        found(card, "-- -")
    assert found(card, "000-000-102") == []


def test_nothing_of_the_words_is_on_disk_in_clear(card: LocalCard, take: Any, home: Path) -> None:
    take(consultation("Жалобы на подагру."))
    assert found(card, "подагра")
    for path in home.iterdir():
        assert "подагр".encode() not in path.read_bytes()


def test_fts5_is_there() -> None:
    assert "ENABLE_FTS5" in apsw.compile_options
