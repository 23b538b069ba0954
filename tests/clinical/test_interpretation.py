"""What an interpretation in words says."""

from __future__ import annotations

import pytest

from emkcli.clinical.interpretation import side_of
from emkcli.clinical.out_of_range import is_abnormal, side
from emkcli.models import LabResult, Reference


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("above high normal", 1),
        ("High", 1),
        ("Выше нормы, не критично", 1),
        ("Критически высокий", 1),
        ("below low normal", -1),
        ("Ниже нормы", -1),
        ("↓", -1),
        ("↑↑", 1),
        ("Снижен", -1),
        ("Abnormal", 2),
        ("Обнаружено", 2),
        ("Есть отклонения", 2),
        ("Above absolute low-off instrument scale", 2),
        ("Normal", 0),
        ("within normal limits", 0),
        ("В норме", 0),
        ("not detected", 0),
        ("no significant abnormality", 0),
        ("Не обнаружено", 0),
        ("Не был обнаружен", 0),
        ("Отклонений не выявлено", 0),
        ("Отрицательно", 0),
        ("см. комментарий", 0),
        (None, 0),
    ],
)
def test_the_side_that_words_tell(words: str | None, expected: int) -> None:
    assert side_of(words) == expected
    unflagged = LabResult(id="a", interpretation=words)
    assert (is_abnormal(unflagged), side(unflagged)) == (expected != 0, expected)


def test_a_flag_decides_before_words_and_words_before_the_range() -> None:
    assert not is_abnormal(LabResult(id="a", flag="N", interpretation="выше нормы"))
    assert side(LabResult(id="a", flag="L", interpretation="выше нормы")) == -1
    assert is_abnormal(LabResult(id="a", interpretation="в норме", out_of_range=True))
    assert is_abnormal(LabResult(id="a", interpretation="выше нормы", out_of_range=False))


@pytest.mark.parametrize(("value", "expected"), [(6.3, 1), (3.0, -1)])
def test_the_side_of_a_range_in_words(value: float, expected: int) -> None:
    beyond = LabResult(id="a", value_number=value, out_of_range=True, reference=Reference(text="3,5 - 5,1 ммоль/л"))
    assert side(beyond) == expected
