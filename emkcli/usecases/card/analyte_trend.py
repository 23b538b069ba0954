"""The analytes of a card, and one of them in time: found by what people call it, drawn to a file when asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.locale import _, first_few
from emkcli.results import Listing, Outcome
from emkcli.usecases.card import records

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.clinical.analytes import Analyte
    from emkcli.models import Trend
    from emkcli.results import Value
    from emkcli.usecases.card.records import Wanted


@dataclass(frozen=True)
class Drawings:
    """Where it is to be drawn, and whether what is there may be replaced."""

    svg: str | None = None
    png: str | None = None
    force: bool = False


def asked(app: App, name: str, wanted: Wanted, drawings: Drawings) -> Value:
    """The trend of the analyte that is named, or what there is to name; `Usage` for an option that only the other takes."""
    if name:
        if wanted.limit is not None:
            raise errors.Usage(
                _("--limit is for the list of analytes."), hint=_("a trend is cut by --since and --until")
            )
        return trend(app, name, wanted, drawings)
    if drawings.svg or drawings.png:
        raise errors.Usage(_("One analyte is drawn at a time: name it."), hint="emk card trend")
    return analytes(app, wanted)


def analytes(app: App, wanted: Wanted) -> Value:
    """Every analyte of the card, that of the newest result first; exit 12 where results are lacking."""
    from emkcli.clinical import trends
    from emkcli.clinical.analytes import grouped
    from emkcli.clinical.dates import order
    from emkcli.models import AnalyteSummary

    results = _results(app, wanted)
    found = sorted(map(trends.summary, grouped(results)), key=lambda summary: summary.analyte.casefold())
    found.sort(key=lambda summary: order(summary.at).date(), reverse=True)
    listing = Listing(found, AnalyteSummary, wanted.limit, app.owner, len(found))
    listing.is_incomplete = results.is_incomplete
    return listing


def trend(app: App, name: str, wanted: Wanted, drawings: Drawings) -> Value:
    """`NotFound` without such results, `Usage` when several analytes are called so; exit 12 where results are lacking."""
    from emkcli.clinical import analytes, trends
    from emkcli.exporters.targets.files import FileTarget

    for path in filter(None, (drawings.svg, drawings.png)):
        FileTarget(Path(path)).check_free(force=drawings.force)
    results = _results(app, wanted)
    analyte_trend = trends.trend(_only(analytes.grouped(results), name))
    _tell_withdrawn(app, analyte_trend)
    _draw(app, analyte_trend, drawings)
    return Outcome(analyte_trend, 12) if results.is_incomplete() else analyte_trend


def _results(app: App, wanted: Wanted) -> records.Read:
    card = records.opened(app)
    query = records.query(app, wanted, "labs")
    return records.Read(card.labs(query), app.notice, query)


def _tell_withdrawn(app: App, analyte_trend: Trend) -> None:
    """What was taken back stands among the points with its status, and is neither counted nor drawn."""
    from emkcli.clinical.status import is_withdrawn

    if count := sum(map(is_withdrawn, analyte_trend.points)):
        app.notice(_("Results that were taken back, neither counted nor drawn: {count}.").format(count=count))


def _only(candidates: list[Analyte], name: str) -> Analyte:
    from emkcli.clinical import analytes

    matches = analytes.chosen(candidates, name)
    if not matches:
        raise errors.NotFound(
            _("There are no results of {analyte} in this card.").format(analyte=name), hint="emk card trend"
        )
    if len(matches) > 1:
        message = _("Several analytes are called so: {names}.")
        named_alike = len({match.name for match in matches}) == 1
        raise errors.Usage(
            message.format(names=first_few([*map(_described, matches)])),
            hint=_("name one by its code") if named_alike else _("name one of them in full, or by its code"),
        )
    return matches[0]


def _described(analyte: Analyte) -> str:
    details = ", ".join([*(code for code, _system in analyte.codes), *analyte.specimens[:2]])
    return f"{analyte.name} ({details})" if details else analyte.name


def _draw(app: App, analyte_trend: Trend, drawings: Drawings) -> None:
    from emkcli.plots.picture import picture

    if drawings.svg:
        from emkcli.plots.svg import svg

        _save(app, Path(drawings.svg), svg(picture(analyte_trend)), force=drawings.force)
    if drawings.png:
        from emkcli.plots.png import png, without_glyph

        drawn = picture(analyte_trend)
        _save(app, Path(drawings.png), png(drawn), force=drawings.force)
        if lacking := without_glyph(drawn):
            app.notice(
                _("PNG has no sign for {signs} in its font and leaves it out; SVG has it.").format(signs=lacking)
            )


def _save(app: App, target: Path, content: bytes, *, force: bool) -> None:
    from emkcli.exporters.targets.files import FileTarget

    with FileTarget(target).new_file(force=force) as output:
        output.write(content)
    app.notice(_("Drawn to {path}, {bytes} bytes.").format(path=target, bytes=output.bytes))
