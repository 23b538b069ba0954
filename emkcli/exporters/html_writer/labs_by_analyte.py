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
from emkcli.views import show
from emkcli.views.columns import flag_style, label

_COLUMNS = ("collected_at", "value", "unit", "reference", "flag", "status", "specimen", "method", "clinic")


@dataclass
class Analyte:
    """`last` is the newest result, `rows` are written already, newest first."""

    last: LabResult
    rows: list[str] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    odd: bool = False


class Analytes:
    def __init__(self, known: dict[tuple[str, ...], Analyte]) -> None:
        self._known = known

    def section(self) -> Iterator[str]:
        """The section, an analyte at a time, in the order of their names."""
        yield heading("labs")
        if not self._known:
            yield tag("p", _("No records."), {"class": "note"})
        head = "".join(tag("th", label(name), {"scope": "col"}) for name in _COLUMNS)
        for analyte in sorted(self._known.values(), key=lambda one: (one.last.analyte or "").casefold()):
            odd = " data-odd" if analyte.odd else ""
            yield f'<details class="analyte"{odd}><summary>{_summary(analyte)}</summary><div class="wide" tabindex=0>'
            yield f"<table><thead><tr>{head}</tr></thead><tbody>\n"
            yield from analyte.rows
            yield "</tbody></table></div></details>\n"
        yield "</section>\n"


def analytes(results: Iterable[LabResult]) -> Analytes:
    """Results of one code and one unit belong together; values are never converted to make them so."""
    known: dict[tuple[str, ...], Analyte] = {}
    for one in results:
        found = known.setdefault((*key(one), *comparable(one)), Analyte(one))
        found.rows.append(_row(one))
        found.odd = found.odd or is_abnormal(one)
        if one.value_number is not None and one.collected_at:
            found.points.append(Point(order(one.collected_at).timestamp(), one.value_number))
    return Analytes(known)


def _row(one: LabResult) -> str:
    cells = (
        show.date(one.collected_at),
        one.value,
        one.unit,
        _range(one),
        _flag(one),
        show.word(one.status),
        one.specimen,
        one.method,
        one.clinic.name if one.clinic else None,
    )
    return f"<tr{' data-odd' if is_abnormal(one) else ''}>{''.join(f'<td>{safe(cell)}</td>' for cell in cells)}</tr>\n"


def _summary(analyte: Analyte) -> str:
    last = analyte.last
    style = flag_style({"flag": last.flag, "out_of_range": last.out_of_range}) or "plain"
    count = len(analyte.rows)
    counted = ngettext("{count} result", "{count} results", count).format(count=count)
    return (
        f"{tag('span', last.analyte or last.code or '', {'class': 'name'})} "
        f'<span class="value {style}">{safe(last.value)} {safe(last.unit)} {safe(_flag(last))}</span> '
        f"{tag('span', _range(last), {'class': 'range'})} "
        f"{trend(analyte.points, last.reference)} "
        f"{tag('span', f'{show.date(last.collected_at)[:10]} · {counted}', {'class': 'when'})}"
    )


def _flag(one: LabResult) -> str:
    return show.flag({"flag": one.flag, "out_of_range": one.out_of_range})


def _range(one: LabResult) -> str:
    return show.reference(one.reference.to_builtins()) if one.reference else ""
