"""Trends of any values for the tests of what is drawn: numbers, limits, words, several series, every flag."""

from __future__ import annotations

from hypothesis import strategies as st

from emkcli.clinical.analytes import Analyte
from emkcli.clinical.trends import trend
from emkcli.models import LabResult, Reference, Trend
from tests.clinical.results import result

VALUES = (
    st.floats(-1e6, 1e6, allow_nan=False).map(str)
    | st.sampled_from(["<0.10", "> 90", "<0", "≥5", "отрицательно", "1:160", "", "1e300", "<1,000", "менее 5"])
    | st.integers(0, 200).map(str)
)
KINDS = st.sampled_from(
    [
        {},
        {"specimen": "Кровь капиллярная"},
        {"code": "2345-7"},
        {"method": "Глюкозооксидазный"},
        {"unit": "мг/дл", "unit_code": "mg/dL"},
        {"unit": None, "unit_code": None},
        {"unit": "моль/л", "unit_code": "mol/L"},
        {"specimen": None},
        *({"method": f"Метод {number}"} for number in range(8)),
    ]
)


def _results(rows: list[tuple[str, str, dict[str, str | None], str | None, str | None]]) -> list[LabResult]:
    return [
        result(f"r{number}", value, collected_at=at, flag=flag, reference=Reference(low=low, high="7"), **more)
        for number, (value, at, more, flag, low) in enumerate(rows)
    ]


TRENDS: st.SearchStrategy[Trend] = (
    st.lists(
        st.tuples(
            VALUES,
            st.dates().map(str) | st.sampled_from(["2024", "2024-03", "2024-03-01T10:00:00+03:00", "0001-01-01", None]),
            KINDS,
            st.sampled_from([None, "H", "L", "A", "N"]),
            st.sampled_from([None, "3", "-5,5", "1e400"]),
        ),
        min_size=1,
        max_size=14,
    )
    .map(_results)
    .map(lambda results: trend(Analyte(results)))
)
