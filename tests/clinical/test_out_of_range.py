"""Which results are noticeable, and to which side."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from emkcli.clinical.out_of_range import bounds, flag_side, is_abnormal, side
from emkcli.models import Reference
from tests.clinical.results import result

RANGE = Reference(low="4,0", high="6.0")


@pytest.mark.parametrize(
    ("flag", "out_of_range", "abnormal"),
    [
        (None, None, False),
        (None, False, False),
        (None, True, True),
        ("N", True, False),
        ("H", False, True),
        ("A", None, True),
        ("POS", None, True),
        ("NEG", None, True),
    ],
)
def test_the_flag_decides_and_without_one_the_range(
    flag: str | None, out_of_range: bool | None, abnormal: bool
) -> None:
    assert is_abnormal(result("a", "5", flag=flag, out_of_range=out_of_range)) is abnormal


@pytest.mark.parametrize(
    ("flag", "which"),
    [("H", 1), ("HH", 1), (">", 1), ("L", -1), ("VL", -1), ("<", -1), ("N", 0), ("NEG", 0), ("A", 2), ("DET", 2)],
)
def test_the_side_of_a_flag(flag: str, which: int) -> None:
    assert flag_side(flag) == which
    assert side(result("a", "5", flag=flag, out_of_range=True, reference=RANGE)) == which


@pytest.mark.parametrize(
    ("value", "out_of_range", "which"),
    [("7", True, 1), ("3", True, -1), ("5", False, 0), ("7", None, 0), ("много", True, 0)],
)
def test_the_side_of_a_value(value: str, out_of_range: bool | None, which: int) -> None:
    assert side(result("a", value, out_of_range=out_of_range, reference=RANGE)) == which


@pytest.mark.parametrize(
    ("reference", "ends"),
    [
        (RANGE, (4.0, 6.0)),
        (Reference(low="-1", high="до 5"), (-1.0, None)),
        (Reference(high="1e400"), (None, None)),
        (None, (None, None)),
    ],
)
def test_the_ends_of_a_range(reference: Reference | None, ends: tuple[float | None, float | None]) -> None:
    assert bounds(reference) == ends


@pytest.mark.parametrize(("value", "which"), [("1,040", 1), ("1,001", -1)])
def test_the_side_where_value_and_range_are_written_alike(value: str, which: int) -> None:
    density = result("a", value, out_of_range=True, reference=Reference(text="1,003 - 1,035"))
    assert side(replace(density, value_number=float(value.replace(",", ".")))) == which
