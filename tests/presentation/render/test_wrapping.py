"""Rows on a terminal: as `wcwidth` breaks them, in time that grows with the text."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import wcwidth
from hypothesis import given
from hypothesis import strategies as st

from emkcli.fhir.xhtml import words
from emkcli.importers.cda.narrative import _unmarked
from emkcli.presentation.render.wrapping import longest_word, width, wrap

LETTERS = ["a", "b-", "слово", " ", "  ", "\t", "漢", "e\u0301", "\u200b", "👩\u200d👩", "🇷🇺", "❤\ufe0f", "\u0301"]


@given(
    st.lists(st.sampled_from([one for one in LETTERS if "-" not in one]), max_size=40).map(
        lambda letters: "".join(letters).lstrip()
    ),
    st.integers(4, 30),
)
def test_rows_are_those_of_wcwidth(text: str, room: int) -> None:
    """The oracle takes the square of a long word, and is asked for short texts only; of blanks at the beginning that are
    wider than a row it keeps some."""
    if width(text) > room:
        kept_as_they_are = {"break_on_hyphens": False, "expand_tabs": False, "replace_whitespace": False}
        assert wrap(text, room) == wcwidth.wrap(text, room, control_codes="ignore", **kept_as_they_are)
    else:
        assert wrap(text, room) == [text]


@given(st.lists(st.sampled_from(LETTERS), max_size=40).map("".join), st.integers(4, 30))
def test_no_row_is_wider_than_the_room_and_no_word_is_lost(text: str, room: int) -> None:
    rows = wrap(text, room)
    assert max(map(width, rows), default=0) <= max(room, 0)
    assert "".join("".join(rows).split()) == "".join(text.split())


def seconds(work: Callable[[str], object], text: str) -> float:
    """Of the processor, the best of three: what else the machine does does not count."""
    runs = []
    for _run in range(3):
        began = time.process_time()
        work(text)
        runs.append(time.process_time() - began)
    return min(runs)


@pytest.mark.parametrize("letter", ["a", "漢", "e\u0301", "\u200b", "\u0301", "🇷", "👩\u200d👩", "a ", "a-", "\xa0"])
@pytest.mark.parametrize("work", [lambda text: wrap(text, 40), width, longest_word], ids=["wrap", "width", "word"])
def test_twice_the_text_takes_about_twice_the_time(work: Callable[[str], object], letter: str) -> None:
    size = 40_000
    once, twice = (seconds(work, (letter * number)[:number]) for number in (size, 2 * size))
    assert twice < 3 * once + 0.02


@pytest.mark.parametrize("piece", ["<p>", "<a ", "<!--", "<", "&#1", "&amp", "</p ", "<p\"='>", "<!", "a"])
def test_markup_takes_time_that_grows_with_it(piece: str) -> None:
    size = 200_000
    once, twice = (seconds(words, (piece * number)[:number]) for number in (size, 2 * size))
    assert twice < 3 * once + 0.02


@pytest.mark.parametrize("piece", ["\n", " ", "\n \t", "А.\n", "- ", "</p ", "<br ", "a\n"])
def test_paragraphs_take_time_that_grows_with_them(piece: str) -> None:
    size = 200_000
    once, twice = (seconds(_unmarked, "а" + (piece * number)[:number] + "б") for number in (size, 2 * size))
    assert twice < 3 * once + 0.02


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<p>a</p><p>b</p>", "\na\n\nb\n"),
        ("<tr><td>1</td><TD class='x'>2</TD></tr>", "\n\t1\t2\n"),
        ("1 < 2 и 3 > 2", "1 < 2 и 3 > 2"),
        ("a<!-- <p>no</p> -->b<!-- open", "ab<!-- open"),
        ("<?xml version='1'?><!DOCTYPE html>a", "a"),
        ("&lt;p&gt; &amp; &#1046; &nbsp;", "<p> & Ж \xa0"),
        ("&#" + "9" * 5000 + ";", "\ufffd"),
        ("a\nb<br/>c", "a b\nc"),
        ("<a title='x", "<a title='x"),
    ],
)
def test_the_words_in_markup(markup: str, shown: str) -> None:
    assert words(markup) == shown


def test_a_word_is_parted_behind_its_hyphen_before_it_is_broken() -> None:
    assert wrap("начальных дегенеративно-дистрофических изменений", 20) == [
        "начальных",
        "дегенеративно-",
        "дистрофических",
        "изменений",
    ]
    assert wrap("результат 19,0-37,0", 14) == ["результат", "19,0-37,0"]
    assert longest_word("дегенеративно-дистрофических") == 14
    assert longest_word("visit-zh4nbm-0070", whole=True) == 17
