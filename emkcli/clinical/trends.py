"""The results of an analyte in time, and where they can be compared: one code, unit, specimen and method."""

from __future__ import annotations

from emkcli.clinical import analyte_names as names
from emkcli.clinical import units
from emkcli.clinical.analytes import Analyte
from emkcli.clinical.dates import order
from emkcli.clinical.status import is_withdrawn
from emkcli.models import AnalyteSummary, Coding, LabResult, Trend, TrendPoint, TrendSegment


def trend(analyte: Analyte) -> Trend:
    """The series, oldest first. Values, units, ranges and flags stay as they were sent."""
    results = sorted(analyte.results, key=_age)
    places: dict[tuple[str, ...], int] = {}
    points = [_point(result, places.setdefault(comparable(result), len(places))) for result in results]
    unit = next(
        (result for result in reversed(results) if result.value_number is not None and not is_withdrawn(result)), None
    )
    return Trend(
        analyte=analyte.name,
        codes=[Coding(code=code, system=system, display=analyte.name) for code, system in analyte.codes],
        unit=unit.unit if unit else None,
        points=points,
        segments=[_segment([r for r in results if comparable(r) == key], unit) for key in places],
    )


def summary(analyte: Analyte) -> AnalyteSummary:
    """How many results there are without those taken back, and the newest of them; one taken back where there is no other."""
    newest = sorted(analyte.results, key=lambda result: (not is_withdrawn(result), _age(result)))[-1]
    return AnalyteSummary(
        analyte=analyte.name,
        code=newest.code,
        code_system=newest.code_system,
        specimens=analyte.specimens,
        count=sum(not is_withdrawn(result) for result in analyte.results),
        at=newest.collected_at,
        value=newest.value,
        value_number=newest.value_number,
        unit=newest.unit,
        reference=newest.reference,
        flag=newest.flag,
        interpretation=newest.interpretation,
        out_of_range=newest.out_of_range,
        status=newest.status,
        record_id=newest.id,
    )


def comparable(result: LabResult) -> tuple[str, str, str, str]:
    """What must be the same for two results of an analyte to be one line: an untold method is not a told one."""
    analyte = names.by_code(result.code)
    code = analyte.names[0] if analyte else result.code or ""
    return (code, units.known(result.unit, result.unit_code), names.plain(result.specimen), names.plain(result.method))


def _age(result: LabResult) -> tuple[object, str]:
    return order(result.collected_at), result.id


def _point(result: LabResult, segment: int) -> TrendPoint:
    return TrendPoint(
        at=result.collected_at,
        value=result.value,
        value_number=result.value_number,
        unit=result.unit,
        reference=result.reference,
        flag=result.flag,
        interpretation=result.interpretation,
        out_of_range=result.out_of_range,
        status=result.status,
        clinic=result.clinic,
        record_id=result.id,
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
        count=sum(not is_withdrawn(result) for result in results),
        factor=float(times) if times is not None else None,
    )
