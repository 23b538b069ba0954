"""Which texts are a limit that was sent in place of a number."""

from __future__ import annotations

import pytest

from emkcli.clinical.censored import censored


@pytest.mark.parametrize(
    ("value", "limit"),
    [
        ("<0.10", (0.1, -1)),
        ("< 0,10", (0.1, -1)),
        (">90", (90, 1)),
        ("≥ 5", (5, 1)),
        ("менее 5", (5, -1)),
        ("<0", (0, -1)),
        ("<0.10 ммоль/л", (0.1, -1)),
        ("<0.10 мг/дл", None),
        ("0.12", None),
        ("0-1", None),
        ("<1,000", None),
        ("отрицательно", None),
        ("1:160", None),
        ("<", None),
        ("", None),
        (None, None),
    ],
)
def test_limits(value: str | None, limit: tuple[float, int] | None) -> None:
    assert censored(value, "ммоль/л", "mmol/L") == limit
