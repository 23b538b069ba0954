"""The analytes of a card, and the trend of one on a terminal: what it is, its picture in characters, and every result as it was sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from emkcli.clinical.status import WITHDRAWN
from emkcli.locale import N_, _
from emkcli.views import show
from emkcli.views.columns import Column, Item, View, label, side_style
from emkcli.views.parts import Drawing, Heading, Line, Pairs, Part, Prose, Rows

if TYPE_CHECKING:
    from emkcli.plots.series import Panel

POINTS = ("at", "value", "unit", "reference", "flag", "record_id", "clinic.name")
LEAST = 5


def trend(item: Item) -> list[Part]:
    count = sum(point.get("status") not in WITHDRAWN for point in item.get("points") or [])
    codes = "; ".join(filter(None, (show.text(coding.get("code")) for coding in item.get("codes") or [])))
    head = Pairs(((label("code"), codes), (label("unit"), _unit(item)), (_("Results"), str(count))))
    parts: list[Part] = [Heading(show.text(item.get("analyte"))), head]
    parts += _segments(item)
    parts.append(Drawing(lambda columns, unicode: _drawn(item, columns, unicode=unicode)))
    return [*parts, _points(item)]


def _unit(item: Item) -> str:
    """That of all results; where they have several, each series says its own."""
    units = {show.text(segment.get("unit")) for segment in item.get("segments") or []}
    return show.text(item.get("unit")) if len(units) < 2 else ""


def _points(item: Item) -> Rows:
    """Every result as it was sent; where there are several series, whose it is."""
    points = item.get("points") or []
    if len(item.get("segments") or []) < 2:
        return Rows(POINTS, tuple(points), LEAST)
    lettered = tuple({**point, "segment": _letter(point.get("segment") or 0)} for point in points)
    return Rows(("segment", *POINTS), lettered, LEAST + 1)


def _letter(number: int) -> str:
    from emkcli.plots.signs import letter

    return letter(number)


def _segments(item: Item) -> list[Part]:
    """Where results cannot be compared, it is said in what they differ."""
    segments = item.get("segments") or []
    if len(segments) < 2:
        return []
    names = ("segment", "code", "unit", "specimen", "method", "since", "until", "count")
    lettered = tuple({**segment, "segment": _letter(number)} for number, segment in enumerate(segments))
    notice = Prose(_("These differ in code, unit, specimen or method, so no line joins one with another:"))
    return [notice, Rows(names, lettered)]


def _drawn(item: Item, columns: int, *, unicode: bool) -> Sequence[Line]:
    from emkcli.models import Trend
    from emkcli.plots.series import panels

    lines: list[Line] = []
    for panel in panels(Trend.from_builtins(dict(item))):
        lines += [*([""] if lines else []), *_panel(panel, columns, unicode=unicode)]
    return lines


def _panel(panel: Panel, columns: int, *, unicode: bool) -> list[Line]:
    """A panel with its legend; where there is no plot, what it would say in words."""
    from emkcli.plots.characters import plot
    from emkcli.plots.signs import legend

    lines: list[Line] = [panel.unit] if panel.unit else []
    if drawn := plot(panel, columns, unicode=unicode):
        lines += [*map(_styled, drawn), "", *map(_styled, legend(panel, columns, unicode=unicode))]
    return [*lines, *_told(panel, drawn=bool(drawn))]


def _told(panel: Panel, *, drawn: bool) -> Iterator[str]:
    from emkcli.plots import wording

    if caption := wording.caption(panel):
        yield caption
    if panel.undrawn:
        yield wording.undrawn(panel.undrawn)
    if drawn and panel.scaled:
        notice = _("Drawn in {unit} by an exact factor: {others}. The values below are as they were sent.")
        yield notice.format(unit=panel.unit, others=", ".join(panel.scaled))


def _styled(spans: Sequence[tuple[str, int]]) -> Line:
    """Colour says what the shape says already."""
    return [(text, side_style(side)) for text, side in spans]


def _last(item: Item) -> str:
    """The newest value with its unit and flag."""
    return " ".join(filter(None, (show.measured(item), Column("flag").table_cell(item))))


VIEWS = {
    "analyte": View(
        ("analyte", "value", "unit", "flag", "at", "count", "code", "specimens"),
        shows={"at": show.day},
        labels={"count": N_("Count")},
        leaving=("code", "specimens"),
        elsewhere=("unit", "flag"),
        on_screen={"value": _last},
    ),
    "trend": View(tuple(f"points.{name}" for name in POINTS), trend, rows="points"),
}
