"""Laboratory results by analyte: the last one with its trend, and all of them behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from emkcli.clinical.analytes import key
from emkcli.clinical.dates import order
from emkcli.clinical.out_of_range import is_abnormal
from emkcli.clinical.trends import comparable
from emkcli.exporters.html_writer.record_tables import heading
from emkcli.exporters.html_writer.sparkline import Point, trend
from emkcli.locale import _, ngettext
from emkcli.models import LabResult
from emkcli.plots.markup import safe, tag
from emkcli.views import details, show
from emkcli.views.columns import flag_style, flagged, label

_COLUMNS = ("collected_at", "value", "unit", "reference", "flag", "status", "specimen", "method", "clinic")


@dataclass
class Analyte:
    """`last` is the newest result, `rows` are written already, newest first."""

    last: LabResult
    rows: list[str] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    odd: bool = False


class Analytes:
    def __init__(self, by_key: dict[tuple[str, ...], Analyte]) -> None:
        self._by_key = by_key

    def section(self) -> Iterator[str]:
        """The section, an analyte at a time, in the order of their names."""
        yield heading("labs")
        if not self._by_key:
            yield tag("p", _("No records."), {"class": "note"})
        head = "".join(tag("th", label(name), {"scope": "col"}) for name in _COLUMNS)
        for analyte in sorted(self._by_key.values(), key=lambda analyte: (analyte.last.analyte or "").casefold()):
            odd = " data-odd" if analyte.odd else ""
            yield f'<details class="analyte"{odd}><summary>{_summary(analyte)}</summary><div class="wide" tabindex=0>'
            yield f"<table><thead><tr>{head}</tr></thead><tbody>\n"
            yield from analyte.rows
            yield "</tbody></table></div></details>\n"
        yield "</section>\n"


def analytes(results: Iterable[LabResult]) -> Analytes:
    """Results of one code and one unit belong together; values are never converted to make them so."""
    by_key: dict[tuple[str, ...], Analyte] = {}
    for result in results:
        analyte = by_key.setdefault((*key(result), *comparable(result)), Analyte(result))
        analyte.rows.append(_row(result))
        analyte.odd = analyte.odd or is_abnormal(result)
        if result.value_number is not None and result.collected_at:
            analyte.points.append(Point(order(result.collected_at).timestamp(), result.value_number))
    return Analytes(by_key)


def _row(result: LabResult) -> str:
    cells = (
        show.date(result.collected_at),
        result.value,
        result.unit,
        _range(result),
        _flag(result),
        show.word(result.status),
        result.specimen,
        result.method,
        result.clinic.name if result.clinic else None,
    )
    return (
        f"<tr{' data-odd' if is_abnormal(result) else ''}>{''.join(f'<td>{safe(cell)}</td>' for cell in cells)}</tr>\n"
    )


def _summary(analyte: Analyte) -> str:
    last = analyte.last
    style = flag_style(flagged(last)) or "plain"
    count = len(analyte.rows)
    counted = ngettext("{count} result", "{count} results", count).format(count=count)
    return (
        f"{tag('span', show.named(last.analyte, last.code), {'class': 'name'})} "
        f'<span class="value {style}">{safe(last.value)} {safe(last.unit)} {safe(_flag(last))}</span> '
        f"{tag('span', _range(last), {'class': 'range'})} "
        f"{trend(analyte.points, last.reference)} "
        f"{tag('span', f'{show.date(last.collected_at)[:10]} · {counted}', {'class': 'when'})}"
    )


def _flag(result: LabResult) -> str:
    return " ".join(filter(None, (show.flag(flagged(result)), details.mark_of(result))))


def _range(result: LabResult) -> str:
    return show.reference(result.reference.to_builtins()) if result.reference else ""
