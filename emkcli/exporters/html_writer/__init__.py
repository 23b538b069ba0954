"""The card as one page that needs nothing but itself: summary first, lists and trends, looked through offline."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from emkcli.exporters import provenance
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.html_writer.labs_by_analyte import analytes
from emkcli.exporters.html_writer.overview import Overview
from emkcli.exporters.html_writer.record_tables import table
from emkcli.exporters.targets import Writable
from emkcli.locale import _, language
from emkcli.models import BY_CATEGORY
from emkcli.plots.markup import tag
from emkcli.views import PAGE, show
from emkcli.views.columns import label


def write(job: ExportJob, output: Writable) -> None:
    """The page piece by piece; only what the summary needs, and the results, are held in memory at all."""
    for piece in _page(job):
        output.write(piece.encode("utf-8", "replace"))


def _page(job: ExportJob) -> Iterator[str]:
    overview = Overview(job)
    results = analytes(overview.labs()) if "labs" in job.names else None
    yield from _head(job)
    yield from overview.sections()
    for category in (name for name in PAGE if name in job.names):
        if category == "labs" and results is not None:
            yield from results.section()
        else:
            yield from table(category, overview.records(category))
    yield from _foot(job)


def policy() -> str:
    """What the page may do, as a Content-Security-Policy: run its own style and script, and load nothing."""
    return (
        f"default-src 'none'; style-src {_hash(_part('page.css'))}; script-src {_hash(_part('page.js'))}; "
        "base-uri 'none'; form-action 'none'"
    )


def _head(job: ExportJob) -> Iterator[str]:
    name = job.owner.name
    yield f'<!doctype html>\n<html lang="{language()}">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy()}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
    yield tag("title", _("Medical card: {name}").format(name=name))
    yield f"<style>{_part('page.css')}</style>\n</head>\n<body>\n"
    yield tag("a", _("To the records"), {"class": "skip", "href": "#records"})
    fetched_on = show.date(job.envelope.get("fetched_at"))
    yield f'<header class="top"><div>{tag("h1", name)}{_identity(job)}'
    yield tag("p", _("Medical card, as of {date}. Not a medical document.").format(date=fetched_on), {"class": "note"})
    if died := show.onset(job.owner.deceased):
        yield tag("p", f"{label('deceased')}: {died}", {"class": "note"})
    if job.envelope.get("demo"):
        yield tag("p", _("Invented data of the demonstration."), {"class": "note demo"})
    yield f"</div>{_controls(job)}</header>\n<main>\n"


def _identity(job: ExportJob) -> str:
    """What tells one person from another of the same name, and who looks after them."""
    facts = ((label("birth_date"), show.date(job.owner.birth_date)), *provenance.attached(job))
    return tag("p", " · ".join(f"{name}: {value}" for name, value in facts if value), {"class": "who"})


def _controls(job: ExportJob) -> str:
    """Hidden until the script is there to answer."""
    sections = "".join(tag("option", _(BY_CATEGORY[name].title), {"value": name}) for name in PAGE if name in job.names)
    everything = tag("option", _("All lists"), {"value": ""})
    return (
        '<form role="search" hidden>'
        f"<label>{tag('span', _('Search'))}<input type=search id=q autocomplete=off spellcheck=false></label>"
        f"<label>{tag('span', _('List'))}<select id=list>{everything}{sections}</select></label>"
        f'<label class="check"><input type=checkbox id=odd>{tag("span", _("Only out of range"))}</label>'
        f"{tag('button', _('Open all'), {'type': 'button', 'id': 'open'})}"
        f"{tag('output', '', {'id': 'found', 'aria-live': 'polite', 'data-one': _('Records found: {count}')})}"
        "</form>"
    )


def _foot(job: ExportJob) -> Iterator[str]:
    yield f'<section id="completeness" class="static">{tag("h2", _("Completeness"))}'
    if job.complete:
        yield tag("p", _("Everything that was asked for is on this page."))
    else:
        yield tag("p", _("Not everything could be read. Missing:"), {"class": "bad"})
        yield f"<ul>{''.join(tag('li', f'{part.what}: {part.why}') for part in job.lacking)}</ul>"
    yield "</section>\n</div>\n</main>\n"
    yield f"<script>{_part('page.js')}</script>\n</body>\n</html>\n"


def _part(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
