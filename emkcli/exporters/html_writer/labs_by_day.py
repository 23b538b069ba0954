"""Laboratory results by day and panel: what a laboratory printed on one sheet, newest first.

The rows stand once on the page, with their analytes; the script brings those of a panel together when it is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from emkcli.clinical.dates import order
from emkcli.clinical.out_of_range import is_abnormal
from emkcli.exporters.html_writer.lab_rows import COLUMNS
from emkcli.locale import _, ngettext
from emkcli.models import LabResult
from emkcli.plots.markup import safe, tag
from emkcli.views import show
from emkcli.views.columns import label

_MOST_SPECIMENS = 3


@dataclass
class Panel:
    number: int
    results: list[LabResult] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The day, the panel's name or else what was examined, and where."""
        first = self.results[0]
        specimens = dict.fromkeys(result.specimen for result in self.results if result.specimen)
        what = first.panel[0] if first.panel else ", ".join([*specimens][:_MOST_SPECIMENS])
        where = first.clinic.name if first.clinic else ""
        return " · ".join(filter(None, (show.date(first.collected_at), what, where)))

    @property
    def counted(self) -> str:
        count, abnormal = len(self.results), sum(map(is_abnormal, self.results))
        results = ngettext("{count} result", "{count} results", count).format(count=count)
        return ", ".join([results, *([_("out of range: {count}").format(count=abnormal)] if abnormal else [])])


class Panels:
    """`of` numbers the panel of each result by its id."""

    def __init__(self, results: Sequence[LabResult]) -> None:
        by_key: dict[tuple[str, str, str], Panel] = {}
        for result in sorted(results, key=lambda result: order(result.collected_at), reverse=True):
            by_key.setdefault(_key(result), Panel(len(by_key))).results.append(result)
        self._panels = list(by_key.values())
        self.of = {result.id: panel.number for panel in self._panels for result in panel.results}

    def list(self) -> Iterator[str]:
        """Hidden until the script is there to fill the panels."""
        if not self._panels:
            return
        button = tag("button", _("By day and panel"), {"type": "button", "id": "by-day", "aria-pressed": "false"})
        columns = "|".join([label("analyte"), *map(label, COLUMNS)])
        yield f'<p class="views" hidden>{button}</p>\n<div id="days" data-columns="{safe(columns)}" hidden>\n'
        for panel in self._panels:
            odd = " class=red" if any(map(is_abnormal, panel.results)) else ""
            yield (
                f"<details class=day id=p{panel.number}><summary>{safe(panel.title)} · "
                f"<span{odd}>{safe(panel.counted)}</span></summary></details>\n"
            )
        yield "</div>\n"


def _key(result: LabResult) -> tuple[str, str, str]:
    """The day, the panel's name or else the laboratory's report, and the clinic."""
    panel = result.panel[0] if result.panel else result.report_id or ""
    return (result.collected_at or "")[:10], panel, result.clinic.name if result.clinic else ""
