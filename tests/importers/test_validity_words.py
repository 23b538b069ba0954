"""Until when a document is good: in words, in a row of its text, as a span; and what is not understood is said."""

from __future__ import annotations

import io

import pytest

from emkcli import models
from emkcli.importers.document_reader import read
from tests.importers import semd_invented as x

ISSUED = "20260228"


def told(content: bytes) -> tuple[str | None, str]:
    """Until when it is good, and what is said of it at the import."""
    (parsed,) = read("-", io.BytesIO(content))
    (piece,) = parsed.pieces()
    document = piece.records[0]
    assert isinstance(document, models.Document)
    return document.expires_on, "\n".join(piece.contradictions)


def field(inner: str) -> bytes:
    entry = f"<entry>{x.observation(x.code('10001', x.FIELD) + inner)}</entry>"
    return x.document(x.section("DOCINFO", entry), date=ISSUED)


def row(head: str, said: str) -> bytes:
    table = f"<table><tbody><tr><td>{head}</td><td>{said}</td></tr></tbody></table>"
    return x.document(x.section("DOCINFO", text=table), date=ISSUED)


UNDERSTOOD = [
    ("до 28 февраля 2027 г.", "2027-02-28"),
    ("по «9» мая 2026 года включительно", "2026-05-09"),
    ("не действителен после 31.12.2026", "2026-12-31"),
    ("недействительна после 3 марта 2026", "2026-03-03"),
    ("1 год 6 месяцев", "2027-08-28"),
    ("1 месяц и 10 дней", "2026-04-07"),
    ("один год", "2027-02-28"),
    ("в течение двух недель со дня выдачи", "2026-03-14"),
    ("действительна 30 (тридцать) дней с даты выдачи", "2026-03-30"),
    ("14 календарных дней", "2026-03-14"),
    ("полгода", "2026-08-28"),
]
NOT_UNDERSTOOD = [
    "10 рабочих дней",
    "до 31 февраля 2027 г.",
    "до 2027 г.",
    "не более 10 дней",
    "после 31.12.2026",
    "сто лет",
]


@pytest.mark.parametrize(("words", "ends"), UNDERSTOOD)
def test_words_are_a_day(words: str, ends: str) -> None:
    for content in (field(x.told(words)), row("Срок действия справки", words)):
        day, warnings = told(content)
        assert day == ends
        assert "not understood" not in warnings


@pytest.mark.parametrize("words", NOT_UNDERSTOOD)
def test_what_is_not_understood_is_said(words: str) -> None:
    for content in (field(x.told(words)), row("Срок действия:", words)):
        day, warnings = told(content)
        assert day == words
        assert f"until when it is good is not understood: {words}" in warnings


def test_no_end_is_understood() -> None:
    assert told(field(x.told("бессрочно"))) == ("бессрочно", "")


@pytest.mark.parametrize("head", ["Срок действия полиса", "Срок действия паспорта", "Срок беременности"])
def test_the_row_of_something_else_is_no_end(head: str) -> None:
    assert told(row(head, "1 год")) == (None, "")


def test_the_end_of_a_span_decides() -> None:
    span = '<value xsi:type="IVL_TS"><low value="20260228"/><high value="20270227"/></value>'
    assert told(field(span)) == ("2027-02-27", "")
