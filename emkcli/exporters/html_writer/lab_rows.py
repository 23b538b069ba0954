"""Laboratory results as the rows of a table: only columns that say something, units as people write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from emkcli.clinical.out_of_range import is_abnormal
from emkcli.models import LabResult
from emkcli.plots.markup import safe, tag
from emkcli.views import details, show
from emkcli.views.columns import flagged, label

COLUMNS: Mapping[str, Callable[[LabResult], str | None]] = {
    "collected_at": lambda result: show.date(result.collected_at),
    "value": lambda result: result.value,
    "unit": lambda result: result.unit,
    "reference": lambda result: reference(result),
    "flag": lambda result: flag(result),
    "status": lambda result: show.word(result.status),
    "specimen": lambda result: result.specimen,
    "method": lambda result: result.method,
    "clinic": lambda result: result.clinic.name if result.clinic else None,
    "comment": lambda result: result.comment,
    "details": lambda result: details.lines(result.to_builtins()).replace("\n", "; ") if result.details else None,
}
_NOTICEABLE = frozenset({"value", "flag"})
_AS_PEOPLE_WRITE = frozenset({"value", "unit", "reference"})


def table(results: Sequence[LabResult], panel_of: Mapping[str, int]) -> Iterator[str]:
    """A row for each result, with the number of the panel that it belongs to."""
    names = [name for name, cell in COLUMNS.items() if any(map(cell, results))]
    head = "".join(tag("th", label(name), {"scope": "col"}) for name in names)
    yield f"<table><thead><tr>{head}</tr></thead><tbody>\n"
    for result in results:
        odd = " data-odd" if is_abnormal(result) else ""
        cells = "".join(_cell(name, result, noticeable=bool(odd)) for name in names)
        yield f"<tr data-p={panel_of[result.id]}{odd}>{cells}</tr>\n"
    yield "</tbody></table>"


def as_people_write(text: str | None) -> tuple[str, str]:
    """The escaped text with its powers raised, and what was sent as an attribute, where that differs."""
    written = show.powers(text or "")
    return safe(written), f' title="{safe(text)}"' if written != (text or "") else ""


def flag(result: LabResult) -> str:
    return " ".join(filter(None, (show.flag(flagged(result)), details.mark_of(result))))


def reference(result: LabResult) -> str:
    return show.reference(result.reference.to_builtins()) if result.reference else ""


def _cell(name: str, result: LabResult, *, noticeable: bool) -> str:
    text = COLUMNS[name](result)
    content, sent = as_people_write(text) if name in _AS_PEOPLE_WRITE else (safe(text), "")
    css_class = " class=odd" if noticeable and name in _NOTICEABLE else ""
    return f"<td{css_class}{sent}>{content}</td>"
