"""A list of the card as a table whose long texts unfold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from emkcli.locale import _
from emkcli.models import BY_CATEGORY, CATEGORIES
from emkcli.plots.markup import prose, safe, tag
from emkcli.views import VIEWS, Column
from emkcli.views.columns import label
from emkcli.views.document_header import on_a_page

_MORE = {
    "visits": ("conclusion", "recommendations"),
    "studies": ("description",),
    "prescriptions": ("form", "quantity", "reason", "note"),
    "vaccinations": ("dose", "lot", "manufacturer", "reaction"),
    "diagnoses": ("severity", "onset", "abatement", "note"),
    "allergies": ("category", "code", "note"),
    "vitals": ("interpretation", "note"),
    "referrals": ("reason",),
    "prevention": ("recommendations",),
    "procedures": ("date_text", "code", "reason", "outcome", "note"),
    "other": ("date_text", "text", "clinic.name", "doctor.name"),
}
"""What unfolds below a row."""


def heading(category: str) -> str:
    return f'<section id="{category}" data-list="{category}"><h2>{safe(_(BY_CATEGORY[category].title))}</h2>'


def table(category: str, records: Iterable[Any]) -> Iterator[str]:
    """The section, row by row, without the columns that no record fills; without any record it says so.

    The rows of the list are held until it ends: only then it is known which columns are empty."""
    view = VIEWS[CATEGORIES[category].kind]
    columns = [Column(path, view.labels.get(path)) for path in view.columns if path != "id"]
    yield heading(category)
    rows = [_Row(category, columns, record.to_builtins()) for record in records]
    if not rows:
        yield f"{tag('p', _('No records.'), {'class': 'note'})}</section>\n"
        return
    filled = [place for place in range(len(columns)) if any(row.cells[place] for row in rows)]
    head = "".join(tag("th", columns[place].header, {"scope": "col"}) for place in filled)
    yield f'<div class="wide" tabindex=0 role=region aria-label="{safe(_(BY_CATEGORY[category].title))}">'
    yield f"<table><thead><tr>{head}</tr></thead><tbody>\n"
    for row in rows:
        yield f"<tr>{''.join(_cell(columns[place], row.cells[place]) for place in filled)}</tr>\n"
        yield _unfolding(row.more, len(filled))
    yield "</tbody></table></div></section>\n"


class _Row:
    """The texts of a record's cells, escaped, and what unfolds below them."""

    def __init__(self, category: str, columns: Sequence[Column], item: Mapping[str, Any]) -> None:
        self.cells = [safe(column.list_cell(item)) for column in columns]
        self.more = _more(category, item)


def _cell(column: Column, content: str) -> str:
    css_class = ' class="one"' if column.unbroken else ""
    return f"<td{css_class}>{content}</td>"


def _more(category: str, item: Mapping[str, Any]) -> str:
    if category == "documents":
        parts = [(part.get("title") or "", part.get("text")) for part in item.get("sections") or ()]
        parts += on_a_page(item)
    else:
        parts = [(label(name), _text(name, item)) for name in _MORE.get(category, ())]
    parts.append((label("details"), _text("details", item)))
    return "".join(f"<dt>{safe(name)}</dt><dd>{prose(text)}</dd>" for name, text in parts if text)


def _unfolding(definitions: str, width: int) -> str:
    if not definitions:
        return ""
    summary = tag("summary", _("More"))
    return f'<tr class="more"><td colspan="{width}"><details>{summary}<dl>{definitions}</dl></details></td></tr>\n'


def _text(name: str, item: Mapping[str, Any]) -> str:
    value = item.get(name)
    is_texts = isinstance(value, list) and all(isinstance(part, str) for part in value)
    return "\n".join(value or ()) if is_texts else Column(name).cell(item)
