"""The whole card on paper: what stands now, a table of its lists, then every list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from emkcli.exporters import provenance
from emkcli.exporters.current import Current
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.pdf_writer import font, lab_table
from emkcli.exporters.pdf_writer.flowing_table import Column, Row, Table
from emkcli.exporters.pdf_writer.font import BOLD, REGULAR
from emkcli.exporters.pdf_writer.paper import GREY, INK, LEFT, RED, RIGHT, ROOM, TALL, Paper
from emkcli.exporters.pdf_writer.printable_text import Words
from emkcli.locale import _, ngettext
from emkcli.models import BY_CATEGORY, CATEGORIES
from emkcli.views import PAGE, VIEWS
from emkcli.views import Column as Shown
from emkcli.views.card import MOST, SUMMARY_LINES
from emkcli.views.columns import flag_style, label
from emkcli.views.document_header import on_a_page
from emkcli.views.paths import pick
from emkcli.views.record import signature

LONGEST = 20_000
_TECHNICAL = frozenset(
    {
        *("id", "report_id", "document_id", "code_system", "system", "type_code", "source", "sections", "dosage"),
        *("template", "language", "patient", "participants", "encounter", "services", "orders"),
    }
)
"""What is no line of its own: numbers, and what is said in sections."""
_WIDTHS = {
    "date": 66,
    "status": 72,
    "code": 40,
    "number": 66,
    "value": 60,
    "unit": 50,
    "dose": 60,
    "dose_number": 42,
    "health_group": 50,
    "kind": 72,
    "expires_on": 52,
    "next_due": 52,
}
"""The columns that hold no text of any length."""
_SHARED = {"vitals": ("clinic", "doctor")}
"""What many records in a row have in common is said once above them."""
_NOBODY = "—"
_SHORT = 80
_SIZE = 8.5


def paper(job: ExportJob) -> Paper:
    words = Words(job, LONGEST)
    name = words.line(job.owner.name)
    origin = f"{words.line(provenance.source(job))} · {provenance.fetched(job)}"
    sheets = Paper(
        _("Medical card: {name}").format(name=name),
        (_("Medical card: {name}").format(name=name), origin),
        _("Not a medical document."),
    )
    _Card(job, words, sheets).write(name)
    return sheets


class _Card:
    def __init__(self, job: ExportJob, words: Words, paper: Paper) -> None:
        self._job, self._words, self._paper = job, words, paper
        self._current = Current(job)
        self._lists = [name for name in PAGE if name in job.names]

    def write(self, name: str) -> None:
        results = lab_table.analytes(self._current.labs(), self._words) if "labs" in self._job.names else []
        self._title(name)
        self._summary()
        self._contents()
        for category in self._lists:
            self._paper.heading(_(BY_CATEGORY[category].title), category)
            page = self._paper.page
            if category == "labs":
                lab_table.write(results, self._paper)
            else:
                self._list(category)
            self._end(category)
            self._note(category, page)
        self._completeness()

    def _title(self, name: str) -> None:
        paper = self._paper
        paper.prose(name, 17, BOLD)
        paper.y -= 3
        for label_, value in [*provenance.lines(self._job)][1:]:
            if value:
                paper.write(LEFT, label_, _SIZE, REGULAR, GREY)
                for line in font.lines(self._words.line(value), REGULAR, _SIZE, ROOM - 110):
                    paper.write(LEFT + 110, line, _SIZE)
                    paper.y -= _SIZE * 1.45
        paper.y -= 2
        paper.prose(_("Values, units, ranges and flags stand as the laboratories sent them."), 7.6, REGULAR, GREY)

    def _summary(self) -> None:
        self._paper.heading(_("Summary"), "summary")
        for name, (category, chosen) in self._current.chosen().items():
            if category in self._job.names:
                self._part(name, category, chosen)

    def _part(self, name: str, category: str, chosen: Sequence[Any]) -> None:
        paper, items = self._paper, [record.to_builtins() for record in chosen[:MOST]]
        unread = [part.why for part in self._job.missing if part.what == category]
        paper.keep(30)
        paper.write(LEFT, label(name), 9.2, BOLD)
        paper.y -= 13
        for item in items:
            line = " · ".join(filter(None, SUMMARY_LINES[name](item).split("  ")))
            self._bullet(line, RED if flag_style(item) else INK)
        if unread:
            self._bullet(_("Could not be read: {why}").format(why=unread[0]), RED)
        elif not items:
            self._bullet(_("no records"), GREY)
        if rest := len(chosen) - len(items):
            self._bullet(ngettext("… and {count} more", "… and {count} more", rest).format(count=rest), GREY)
        paper.y -= 4

    def _bullet(self, text: str, colour: Sequence[float]) -> None:
        for place, line in enumerate(font.lines(self._words.line(text)[:1000], REGULAR, _SIZE, ROOM - 10)):
            self._paper.keep(_SIZE * TALL)
            self._paper.write(LEFT, "" if place else "•", _SIZE, REGULAR, GREY)
            self._paper.write(LEFT + 10, line, _SIZE, REGULAR, colour)
            self._paper.y -= _SIZE * TALL

    def _contents(self) -> None:
        """Counts and pages are known only when the lists have been written."""
        paper = self._paper
        paper.heading(_("Contents"), "contents", 13.0 * len(self._lists) + 20)
        for category in self._lists:
            paper.link(category, 12)
            paper.write(LEFT, _(BY_CATEGORY[category].title), _SIZE)
            paper.place(f"contents-{category}")
            paper.y -= 13
        paper.place("contents-completeness")
        paper.y -= 14

    def _note(self, category: str, page: int) -> None:
        count = self._job.counts[category]
        with self._paper.later(f"contents-{category}"):
            counted = ngettext("{count} record", "{count} records", count).format(count=count)
            self._paper.right(RIGHT - 40, counted)
            self._paper.right(RIGHT, str(page), _SIZE, INK)

    def _list(self, category: str) -> None:
        fields = [Shown(path) for path in VIEWS[CATEGORIES[category].kind].columns if path != "id"]
        records = list(self._current.records(category))
        if not records:
            return
        items = [record.to_builtins() for record in records]
        fields = [column for column in fields if any(map(column.cell, items))] or fields
        columns = [Column(field.header, _WIDTHS.get(field.path, 0)) for field in fields]
        with Table(self._paper, columns) as table:
            self._rows(table, fields, records, _SHARED.get(category, ()))

    def _rows(self, table: Table, fields: Sequence[Shown], records: Iterable[Any], shared: Sequence[str]) -> None:
        """Row by row; what they share stands above the first row of each that follow each other with the same."""
        above = _NOBODY
        for record in records:
            row, item = self._row(fields, record, shared), record.to_builtins()
            here = self._words.line(" · ".join(filter(None, (_name(item.get(name)) for name in shared)))) or _NOBODY
            if here != above:
                table.group(here, "", row)
                above = here
            table.row(row)

    def _end(self, category: str) -> None:
        unread = [part.why for part in self._job.missing if part.what == category]
        for why in unread:
            self._paper.y -= 4
            self._paper.prose(self._words.line(_("Could not be read: {why}").format(why=why)), _SIZE, BOLD, RED)
        if not self._job.counts[category] and not unread:
            self._paper.prose(_("No records."), _SIZE, REGULAR, GREY)

    def _row(self, fields: Sequence[Shown], record: Any, shared: Sequence[str]) -> Row:
        item = record.to_builtins()
        cells = [self._words.line(column.cell(item), record.id) for column in fields]
        return Row(cells, notes=[*self._more(item, {*shared, *_elements(fields)}, cells), *self._sections(item)])

    def _more(
        self, item: Mapping[str, Any], elsewhere: set[str], cells: Sequence[str]
    ) -> Iterator[tuple[str, list[str]]]:
        """What the columns do not show: short values in one line, long ones each in a paragraph."""
        texts = {label(name): _text(item, name) for name in item if name not in _TECHNICAL | elsewhere}
        texts[_("From the file")] = provenance.file(item.get("source")) or ""
        texts = {name: value for name, value in texts.items() if value and value not in {*cells, self._job.owner.name}}
        short = {name: value for name, value in texts.items() if len(value) <= _SHORT and "\n" not in value}
        if short:
            (name, value), *rest = short.items()
            yield name, [self._words.line(" · ".join([value, *(f"{n}: {v}" for n, v in rest)]), str(item["id"]))]
        for name in (title for title in texts if title not in short):
            yield name, self._words.prose(texts[name], str(item["id"]))

    def _sections(self, item: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
        for part in item.get("sections") or ():
            title = self._words.line(part.get("title") or label("text"), str(item["id"]))
            yield title[:200], self._words.prose(part.get("text"), str(item["id"]))
        for title, text in on_a_page(item):
            yield title, self._words.prose(text, str(item["id"]))

    def _completeness(self) -> None:
        missing, paper = self._words.settle(), self._paper
        paper.heading(_("Completeness"), "completeness")
        complete = _("Everything that was asked for is on these pages.")
        paper.prose(_("Not everything is on these pages. Missing:") if missing else complete, _SIZE)
        for line in missing:
            self._bullet(line, RED)
        with paper.later("contents-completeness"):
            hint = _("Not everything is here: see page {page}.").format(page=paper.page) if missing else ""
            paper.write(LEFT, hint, _SIZE, BOLD, RED)


def _text(item: Mapping[str, Any], name: str) -> str:
    if name == "signature":
        return signature(item.get(name))
    value = pick(item, name)
    return "\n".join(map(str, value)) if _is_texts(value) else Shown(name).cell(item)


def _name(named: Any) -> str:
    return str(named["name"]) if named else ""


def _elements(fields: Sequence[Shown]) -> set[str]:
    """What the columns show, a part of a nested thing or the whole."""
    return {column.path.partition(".")[0] for column in fields}


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
