"""Laboratory results by analyte and specimen: the last one with its trend, and all of them behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from emkcli.clinical import analytes as same
from emkcli.clinical import trends
from emkcli.clinical.analyte_names import plain
from emkcli.clinical.dates import order
from emkcli.clinical.out_of_range import is_abnormal
from emkcli.clinical.status import is_withdrawn
from emkcli.clinical.units import measure
from emkcli.exporters.html_writer.lab_rows import as_people_write, flag, reference, table
from emkcli.exporters.html_writer.labs_by_day import Panels
from emkcli.exporters.html_writer.record_tables import heading
from emkcli.exporters.html_writer.sparkline import large, sparkline
from emkcli.locale import _, ngettext
from emkcli.models import LabResult
from emkcli.plots.markup import safe, tag
from emkcli.plots.series import Panel, panels
from emkcli.views import show
from emkcli.views.columns import flag_style, flagged

_MOST = 80
"""So many of the newest results of a unit are drawn."""


@dataclass
class Measured:
    """The results of an analyte that one axis holds, newest first; `before` so many series of its other units are drawn."""

    results: list[LabResult] = field(default_factory=list)
    before: int = 0

    @property
    def last(self) -> LabResult:
        """The newest that was not taken back."""
        return next((result for result in self.results if not is_withdrawn(result)), self.results[0])

    @cached_property
    def panels(self) -> list[Panel]:
        newest = sorted(self.results, key=lambda result: order(result.collected_at))[-_MOST:]
        return panels(trends.trend(same.Analyte(newest)), self.before)


@dataclass
class Labelled:
    """An analyte of one specimen, which has one place on the page, whatever codes, units and methods its results have."""

    name: str
    specimen: str
    results: list[LabResult]

    @property
    def measured(self) -> list[Measured]:
        """Values of units that no exact factor joins stand one below the other: none hides another; what has no value has no
        line of its own."""
        by_unit: dict[str, Measured] = {}
        for result in sorted(self.results, key=lambda result: not result.value):
            unit = measure(result.unit, result.unit_code) if result.value else next(iter(by_unit), "")
            by_unit.setdefault(unit, Measured()).results.append(result)
        drawn = 0
        for part in by_unit.values():
            part.before = drawn
            drawn += sum(len(panel.series) for panel in part.panels)
        return list(by_unit.values())


class Analytes:
    def __init__(self, labelled: list[Labelled]) -> None:
        self._labelled = sorted(labelled, key=lambda one: (one.name.casefold(), one.specimen.casefold()))

    def section(self) -> Iterator[str]:
        """The section, an analyte at a time, in the order of their names; the specimen is said where a name has several."""
        yield heading("labs")
        if not self._labelled:
            yield tag("p", _("No records."), {"class": "note"})
        named = Counter(plain(one.name) for one in self._labelled)
        days = Panels([result for one in self._labelled for result in one.results])
        yield from days.list()
        yield '<div id="analytes">\n'
        for one in self._labelled:
            yield from _analyte(one, one.specimen if named[plain(one.name)] > 1 else "", days.of)
        yield "</div></section>\n"


def analytes(results: Iterable[LabResult]) -> Analytes:
    """Results of one analyte and one specimen belong together; values are never converted to make them so."""
    return Analytes([labelled for analyte in same.grouped(results) for labelled in _by_specimen(analyte)])


def _by_specimen(analyte: same.Analyte) -> Iterator[Labelled]:
    """A result that does not say its specimen belongs to the only one that is told."""
    told = {plain(specimen): specimen for specimen in reversed(analyte.specimens)}
    lone = next(iter(told)) if len(told) == 1 else ""
    by_specimen: dict[str, list[LabResult]] = {}
    for result in analyte.results:
        by_specimen.setdefault(plain(result.specimen) or lone, []).append(result)
    for specimen, results in by_specimen.items():
        yield Labelled(same.Analyte(results).name, told.get(specimen, ""), results)


def _analyte(one: Labelled, specimen: str, panel_of: Mapping[str, int]) -> Iterator[str]:
    odd = " data-odd" if any(map(is_abnormal, one.results)) else ""
    measured = one.measured
    yield f'<details class="analyte"{odd}><summary>{_summary(one.name, specimen, measured)}</summary>'
    yield '<div class="wide" tabindex=0>'
    yield from (large(panel) for part in measured for panel in part.panels)
    yield from table(one.results, panel_of)
    yield "</div></details>\n"


def _summary(name: str, specimen: str, measured: list[Measured]) -> str:
    """The name once, and a line for each unit."""
    named = f'<span class="name">{safe(show.named(name))}{" " + tag("small", specimen) if specimen else ""}</span> '
    return '<span class="name"></span> '.join([named + _last(measured[0]), *map(_last, measured[1:])])


def _last(part: Measured) -> str:
    last, count = part.last, sum(not is_withdrawn(result) for result in part.results)
    style = flag_style(flagged(last)) or "plain"
    limits, sent_reference = as_people_write(reference(last))
    counted = ngettext("{count} result", "{count} results", count).format(count=count)
    return (
        f'<span class="value {style}">{_measured(last)} {tag("small", flag(last))}</span> '
        f'<span class="range"{sent_reference}>{limits}</span> '
        f'<span class="trends">{"".join(map(sparkline, part.panels))}</span> '
        f"{tag('span', f'{show.date(last.collected_at)[:10]} · {counted}', {'class': 'when'})}"
    )


def _measured(result: LabResult) -> str:
    """The value and its unit, each with what was sent where people write it otherwise."""
    value, sent_value = as_people_write(result.value)
    unit, sent_unit = as_people_write(result.unit)
    return f"{f'<span{sent_value}>{value}</span>' if sent_value else value} {f'<span{sent_unit}>{unit}</span>' if sent_unit else unit}"
