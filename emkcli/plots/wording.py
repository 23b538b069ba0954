"""What stands beside a picture in words: its series, what could not be drawn, and what it shows for who cannot see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from emkcli.clinical.dates import readable
from emkcli.clinical.written_range import in_words
from emkcli.locale import N_, _, language, ngettext
from emkcli.models import Reference, TrendPoint
from emkcli.plots.series import Panel, Series

MOST_LISTED = 6
SIGNS = {
    "in": N_("in the range, without one, or not compared with it"),
    "above": N_("above the range"),
    "below": N_("below the range"),
    "flagged": N_("flagged otherwise"),
    "out": N_("out of the range, or flagged"),
    "less": N_("below a limit of measurement"),
    "more": N_("above a limit of measurement"),
    "range": N_("the range sent with the results"),
}


def names(panel: Panel) -> list[str]:
    """What each series is: specimen, code, unit and method, as sent; never two of them alike."""
    called = [_name(series) for series in panel.series]
    return [
        name if called.count(name) == 1 else f"{name} ({series.segment.unit_code or f'#{series.number + 1}'})"
        for name, series in zip(called, panel.series, strict=True)
    ]


def _name(series: Series) -> str:
    segment = series.segment
    return " · ".join(filter(None, (segment.specimen, segment.code, segment.unit, segment.method))) or _("as sent")


def caption(panel: Panel) -> str:
    """As sent, in the unit that its name says.

    From where to where, the last value, the range, and how much of it is no number; of several series each by its name."""
    facts = ["; ".join(_facts(series)) for series in panel.series]
    if len(facts) == 1:
        return facts[0]
    return ". ".join(f"{name}: {told}" for name, told in zip(names(panel), facts, strict=True) if told)


def _facts(series: Series) -> Iterator[str]:
    numbers = sorted(series.numbers, key=lambda dot: dot.value)
    if numbers:
        least, most = (dot.point.value or dot.label for dot in (numbers[0], numbers[-1]))
        yield _("values from {least} to {most}").format(least=least, most=most)
    if dots := series.dots:
        yield _("last {value} on {date}").format(value=dots[-1].point.value or "", date=day_of(dots[-1].point))
    if sent := range_of(series):
        yield _("range {range}").format(range=sent)
    limits = [dot.point.value or "" for dot in series.censored]
    if limits:
        yield _("beyond a limit of measurement: {count} ({values})").format(
            count=len(limits), values=", ".join(islice(dict.fromkeys(limits), MOST_LISTED))
        )
    if series.undrawn:
        yield _("not drawn: {count}").format(count=len(series.undrawn))


def unit(panel: Panel) -> str:
    if not panel.scaled:
        return panel.unit
    message = _("{unit}; drawn in it by an exact factor: {others}")
    return message.format(unit=panel.unit, others=", ".join(panel.scaled))


def undrawn(points: Sequence[TrendPoint]) -> str:
    """Results without a number or a date, the newest first and as sent; the rest of a long list is counted."""
    newest = islice(reversed(points), MOST_LISTED)
    listed = [f"{day_of(point) or _('without a date')} {point.value or ''}".strip() for point in newest]
    if rest := len(points) - len(listed):
        listed.append(ngettext("… and {count} more", "… and {count} more", rest).format(count=rest))
    return _("Not drawn: {results}").format(results="; ".join(listed))


def range_of(series: Series) -> str:
    """The last range that was sent, as sent."""
    sent = [words for dot in series.dots if (words := limits(dot.point.reference))]
    return sent[-1] if sent else ""


def limits(reference: Reference | None) -> str:
    return in_words(reference.low, reference.high, reference.text) if reference else ""


def day_of(point: TrendPoint) -> str:
    return readable((point.at or "")[:10], language())


def measured(point: TrendPoint) -> str:
    """One result in a line, as it was sent."""
    told = " ".join(filter(None, (point.value, point.unit, point.flag or point.interpretation)))
    spread = limits(point.reference)
    return f"{day_of(point)}: {told}" + (f" [{spread}]" if spread else "")
