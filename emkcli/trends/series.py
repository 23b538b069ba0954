"""The results of an analyte in time, and where they can be compared: one code, unit, specimen and method."""

from __future__ import annotations

from math import isfinite

from emkcli import units
from emkcli.api.dates import order
from emkcli.models import Coding, LabResult, Reference, Trend, TrendPoint, TrendSegment
from emkcli.trends import names
from emkcli.trends.analytes import Analyte

GONE = frozenset({"entered-in-error", "cancelled"})
"""A result that was taken back is listed with its status and is no point of a picture."""
_UP = frozenset({"H", "HH", "HU", "VH", ">"})
_DOWN = frozenset({"L", "LL", "LU", "VL", "<"})
_IN_RANGE = frozenset({"N", "S", "ND", "NEG"})


def trend(analyte: Analyte) -> Trend:
    """The series, oldest first. Values, units, ranges and flags stay as they were sent."""
    results = sorted(analyte.results, key=_age)
    places: dict[tuple[str, ...], int] = {}
    points = [_point(one, places.setdefault(comparable(one), len(places))) for one in results]
    unit = next((one for one in reversed(results) if one.value_number is not None and one.status not in GONE), None)
    return Trend(
        analyte=analyte.name,
        codes=[Coding(code=code, system=system, display=analyte.name) for code, system in analyte.codes],
        unit=unit.unit if unit else None,
        points=points,
        segments=[_segment([r for r in results if comparable(r) == key], unit) for key in places],
    )


def comparable(one: LabResult) -> tuple[str, str, str, str]:
    """What must be the same for two results of an analyte to be one line: an untold method is not a told one."""
    known = names.by_code(one.code)
    code = known.names[0] if known else one.code or ""
    return (code, units.known(one.unit, one.unit_code), names.plain(one.specimen), names.plain(one.method))


def number(text: str | None) -> float | None:
    """A bound of a range as a number; None for anything else."""
    try:
        found = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return found if isfinite(found) else None


def side(point: TrendPoint) -> int:
    """1 above its range, -1 below, 2 otherwise noticeable, 0 within it or unknown; the laboratory's flag decides."""
    if point.flag:
        if point.flag in _UP or point.flag in _DOWN:
            return 1 if point.flag in _UP else -1
        return 0 if point.flag in _IN_RANGE else 2
    high = number(point.reference.high) if point.reference else None
    if not point.out_of_range or point.value_number is None:
        return 0
    return 1 if high is not None and point.value_number > high else -1


def _age(one: LabResult) -> tuple[object, str]:
    return order(one.collected_at), one.id


def _point(one: LabResult, segment: int) -> TrendPoint:
    return TrendPoint(
        at=one.collected_at,
        value=one.value,
        value_number=one.value_number,
        unit=one.unit,
        reference=one.reference,
        flag=one.flag,
        out_of_range=one.out_of_range,
        status=one.status,
        clinic=one.clinic,
        record_id=one.id,
        segment=segment,
    )


def _segment(results: list[LabResult], newest: LabResult | None) -> TrendSegment:
    first, last = results[0], results[-1]
    times = None
    if newest:
        times = units.factor(units.known(last.unit, last.unit_code), units.known(newest.unit, newest.unit_code))
    return TrendSegment(
        code=last.code,
        code_system=last.code_system,
        unit=last.unit,
        unit_code=last.unit_code,
        specimen=last.specimen,
        method=last.method,
        since=first.collected_at,
        until=last.collected_at,
        count=len(results),
        factor=float(times) if times is not None else None,
    )


def bounds(reference: Reference | None) -> tuple[float | None, float | None]:
    """The ends of a range, where they are numbers."""
    return (number(reference.low), number(reference.high)) if reference else (None, None)
