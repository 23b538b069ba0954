"""The summary at the top of the page; the lists it is made of are read once and kept for their own sections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from emkcli.api.models import LabResult
from emkcli.formats.html.text import safe, tag
from emkcli.formats.job import Job
from emkcli.locale import _, ngettext
from emkcli.views.card import SUMMARY_LINES
from emkcli.views.columns import flag_style, label

_SMALL = ("diagnoses", "allergies", "prescriptions", "vaccinations")
_GONE = frozenset({"entered-in-error", "cancelled"})
_NO_LONGER = frozenset({"inactive", "resolved", "remission", "refuted"})
_MOST = 8


class Overview:
    """What stands now: diagnoses, allergies, medicines, results out of range, vaccinations."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._kept = {name: list(job.records(name)) for name in _SMALL if name in job.names}
        self._last: dict[str, LabResult] = {}

    def records(self, category: str) -> Iterable[Any]:
        return self._kept[category] if category in self._kept else self._job.records(category)

    def labs(self) -> Iterator[LabResult]:
        """The results as they come; the newest of each analyte is remembered."""
        for record in self._job.records("labs"):
            if (record.status or "") not in _GONE and record.value is not None:
                self._last.setdefault(record.code or record.analyte or record.id, record)
            yield record

    def sections(self) -> Iterator[str]:
        yield f'<section id="summary" class="static"><h2>{safe(_("Summary"))}</h2><div class="cards">\n'
        for name, (category, chosen) in self._chosen().items():
            if category in self._job.names:
                yield self._card(name, category, chosen)
        yield '</div></section>\n<div id="records" tabindex="-1">\n'

    def _chosen(self) -> dict[str, tuple[str, list[Any]]]:
        def those(category: str, without: frozenset[str] = _GONE) -> list[Any]:
            return [one for one in self._kept.get(category, ()) if (one.status or "") not in without]

        diagnoses: dict[str, Any] = {}
        for one in those("diagnoses", _GONE | _NO_LONGER):
            diagnoses.setdefault(one.code or one.display or one.id, one)
        medicines = [one for one in those("prescriptions") if one.status == "active"]
        return {
            "diagnoses": ("diagnoses", list(diagnoses.values())),
            "allergies": ("allergies", those("allergies")),
            "medicines": ("prescriptions", medicines),
            "labs_out_of_range": ("labs", [one for one in self._last.values() if one.abnormal]),
            "vaccinations": ("vaccinations", those("vaccinations")),
        }

    def _card(self, name: str, category: str, chosen: list[Any]) -> str:
        unread = [part.why for part in self._job.missing if part.what == category]
        items = [one.model_dump(by_alias=True, mode="json") for one in chosen[:_MOST]]
        lines = "".join(tag("li", SUMMARY_LINES[name](item).replace("  ", " · "), _marked(item)) for item in items)
        told = f"<ul>{lines}</ul>" if lines else ""
        if unread:
            told += tag("p", _("Could not be read: {why}").format(why=unread[0]), {"class": "bad"})
        elif not lines:
            told = tag("p", _("no records"), {"class": "note"})
        if (rest := len(chosen) - len(items)) > 0:
            told += tag("p", ngettext("… and {count} more", "… and {count} more", rest).format(count=rest))
        return f'<article class="{name}">{tag("h3", label(name))}{told}</article>\n'


def _marked(item: dict[str, Any]) -> dict[str, str]:
    style = flag_style(item)
    return {"class": style} if style else {}
