"""One analyte of the card in time: found by what people call it, drawn to a file when asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.locale import _
from emkcli.usecases.card import records

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.clinical.analytes import Analyte
    from emkcli.models import Trend
    from emkcli.usecases.card.records import Wanted

MOST_NAMED = 12


@dataclass(frozen=True)
class Drawings:
    """Where it is to be drawn, and whether what is there may be replaced."""

    svg: str | None = None
    png: str | None = None
    force: bool = False


def trend(app: App, asked: str, among: Wanted, drawings: Drawings) -> Trend:
    """`NotFound` without such results, `Usage` when several analytes are called so."""
    from emkcli.clinical import analytes, trends
    from emkcli.exporters.targets.files import FileTarget

    for path in filter(None, (drawings.svg, drawings.png)):
        FileTarget(Path(path)).check_free(force=drawings.force)
    card = records.opened(app)
    known = analytes.grouped(card.labs(records.query(app, among, "labs")))
    found = trends.trend(_only(known, asked))
    _draw(app, found, drawings)
    return found


def _only(known: list[Analyte], asked: str) -> Analyte:
    from emkcli.clinical import analytes

    found = analytes.chosen(known, asked)
    if not found:
        raise errors.NotFound(
            _("There are no results of {analyte} in this card.").format(analyte=asked), hint="emk card labs"
        )
    if len(found) > 1:
        told = _("Several analytes are called so: {names}.")
        raise errors.Usage(
            told.format(
                names="; ".join(map(_described, found[:MOST_NAMED])) + (" …" if len(found) > MOST_NAMED else "")
            ),
            hint=_("name one of them in full, or by its code"),
        )
    return found[0]


def _described(analyte: Analyte) -> str:
    beside = ", ".join([*(code for code, _system in analyte.codes), *analyte.specimens[:2]])
    return f"{analyte.name} ({beside})" if beside else analyte.name


def _draw(app: App, found: Trend, drawings: Drawings) -> None:
    from emkcli.plots.picture import picture

    if drawings.svg:
        from emkcli.plots.svg import svg

        _save(app, Path(drawings.svg), svg(picture(found)), force=drawings.force)
    if drawings.png:
        from emkcli.plots.png import png

        _save(app, Path(drawings.png), png(picture(found)), force=drawings.force)


def _save(app: App, target: Path, content: bytes, *, force: bool) -> None:
    from emkcli.exporters.targets.files import FileTarget

    with FileTarget(target).new_file(force=force) as output:
        output.write(content)
    app.notice(_("Drawn to {path}, {bytes} bytes.").format(path=target, bytes=output.bytes))
