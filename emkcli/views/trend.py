"""A trend on a terminal: what it is, its picture in characters, and every result as it was sent."""

from __future__ import annotations

from collections.abc import Sequence

from emkcli.clinical.status import WITHDRAWN
from emkcli.locale import N_, _
from emkcli.views import show
from emkcli.views.columns import Item, View, label
from emkcli.views.parts import Drawing, Heading, Pairs, Part, Prose, Rows

POINTS = ("at", "value", "unit", "reference", "flag", "record_id", "clinic.name")
LEAST = 5
LEGEND = {
    "in": N_("in the range, or without one"),
    "above": N_("above the range"),
    "below": N_("below the range"),
    "flagged": N_("flagged otherwise"),
    "text": N_("not a number"),
    "range": N_("the range sent with the results"),
}


def trend(item: Item) -> list[Part]:
    count = sum(point.get("status") not in WITHDRAWN for point in item.get("points") or [])
    codes = "; ".join(filter(None, (show.text(coding.get("code")) for coding in item.get("codes") or [])))
    head = Pairs(((label("code"), codes), (label("unit"), show.text(item.get("unit"))), (_("Results"), str(count))))
    parts: list[Part] = [Heading(show.text(item.get("analyte"))), head]
    parts += _segments(item)
    parts.append(Drawing(lambda columns, unicode: _drawn(item, columns, unicode=unicode)))
    return [*parts, Rows(POINTS, tuple(item.get("points") or []), LEAST)]


def _segments(item: Item) -> list[Part]:
    """Where results cannot be compared, it is said in what they differ."""
    segments = item.get("segments") or []
    if len(segments) < 2:
        return []
    names = ("code", "unit", "specimen", "method", "since", "until", "count")
    notice = Prose(_("These differ in code, unit, specimen or method, so no line joins one with another:"))
    return [notice, Rows(names, tuple(segments))]


def _drawn(item: Item, columns: int, *, unicode: bool) -> Sequence[str]:
    from emkcli.models import Trend
    from emkcli.plots.characters import legend, plot
    from emkcli.plots.panels import panels

    lines: list[str] = []
    for panel in panels(Trend.from_builtins(dict(item))):
        if drawn := plot(panel, columns, unicode=unicode):
            lines += [*([""] if lines else []), panel.unit, *drawn, ""] if panel.unit else [*drawn, ""]
            lines.append("  ".join(f"{sign} {_(LEGEND[name])}" for sign, name in legend(panel, unicode=unicode)))
            if panel.scaled:
                notice = _("Drawn in {unit} by an exact factor: {others}. The values below are as they were sent.")
                lines.append(notice.format(unit=panel.unit, others=", ".join(panel.scaled)))
    return lines


VIEW = View(tuple(f"points.{name}" for name in POINTS), trend, rows="points")
