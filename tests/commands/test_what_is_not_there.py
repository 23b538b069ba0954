"""What is not there is named, with what it is; a person who is not there is told how to be listed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import Emk

MISSING = [
    ("clinic show gp-999", "There is no clinic gp-999.", "Поликлиники gp-999 нет."),
    ("doctor list --clinic gp-999", "There is no clinic gp-999.", "Поликлиники gp-999 нет."),
    ("doctor show d-9", "There is no doctor d-9.", "Врача d-9 нет."),
    ("application show a-9", "There is no application a-9.", "Заявки a-9 нет."),
    ("request show r-9", "There is no request r-9.", "Запроса r-9 нет."),
    ("transfer show t-9", "There is no transfer t-9.", "Передачи данных t-9 нет."),
    ("consent show c-9", "There is no consent c-9.", "Согласия c-9 нет."),
    ("notification show n-9", "There is no notification n-9.", "Уведомления n-9 нет."),
]


@pytest.mark.parametrize(("line", "english", "russian"), MISSING)
def test_a_thing_that_is_not_there_is_named(
    emk: Emk, seeded: Callable[[], None], line: str, english: str, russian: str
) -> None:
    seeded()
    for language, sentence in (("en", english), ("ru", russian)):
        result = emk(*line.split(), "-o", "table", env={"EMK_LANG": language})
        assert result.code == 3
        assert result.err.splitlines()[0] == f"emk: {sentence}"


@pytest.mark.parametrize(
    "line", ["card labs", "card summary", "card show lab-1", "status", "request list", "clinic list"]
)
def test_a_person_who_is_not_there_is_named_with_the_list_of_those_who_are(
    emk: Emk, seeded: Callable[[], None], line: str
) -> None:
    seeded()
    result = emk(*line.split(), "--person", "zz", "-o", "table", env={"EMK_LANG": "en"})
    assert result.code in (3, 5)
    assert result.err == "emk: There is no person zz in this account.\nhint: emk person list\n"
