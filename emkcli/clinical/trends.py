"""The results of an analyte in time, and where they can be compared: one code, unit, specimen and method."""

from __future__ import annotations

from emkcli.clinical import analyte_names as names
from emkcli.clinical import units
from emkcli.clinical.analytes import Analyte
from emkcli.clinical.dates import order
from emkcli.clinical.status import is_withdrawn
from emkcli.models import Coding, LabResult, Trend, TrendPoint, TrendSegment


def trend(analyte: Analyte) -> Trend:
    """The series, oldest first. Values, units, ranges and flags stay as they were sent."""
    results = sorted(analyte.results, key=_age)
    places: dict[tuple[str, ...], int] = {}
    points = [_point(one, places.setdefault(comparable(one), len(places))) for one in results]
    unit = next((one for one in reversed(results) if one.value_number is not None and not is_withdrawn(one)), None)
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
