"""How one field is shown wherever it stands: its label, its text, its colour, whether its words may be broken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emkcli.clinical.interpretation import side_of
from emkcli.clinical.out_of_range import flag_side
from emkcli.clinical.status import NOT_ORDERED, PROVISIONAL, WITHDRAWN
from emkcli.locale import _
from emkcli.models import LabResult, short_ids
from emkcli.views import addresses, details, show
from emkcli.views.parts import Part
from emkcli.views.paths import pick
from emkcli.views.resource_words import LISTED, TYPES
from emkcli.views.words import APPLICATION, LABELS

Item = Mapping[str, Any]
Show = Callable[[Any], str]
Detail = Callable[[Item], list[Part]]

DATE_ENDINGS = ("_at", "_on", "_until", "_by", "_date")
DATES = {"date", "at", "now", "next_due", "planned_for", "since", "until"}
WORDED = {
    "status",
    "clinical_status",
    "verification_status",
    "intent",
    "course",
    "kind",
    "place",
    "trust",
    "relation",
    "channel",
    "accepts",
    "source",
    "token_source",
    "storage",
    "severity",
    "criticality",
}
BY_ITEM: dict[str, Callable[[Item], str]] = {
    "flag": show.flag,
    "analyte": show.analyte,
    "distance_km": show.distance,
    "instructions": show.how_to_take,
    "category": show.category,
    "origin": lambda item: show.origin(item.get("origin")),
    "reactions": show.reactions,
    "next_event": lambda item: show.event(item.get("next_event")),
    "details": details.lines,
    "onset": lambda item: show.onset(item.get("onset")),
    "abatement": lambda item: show.onset(item.get("abatement")),
}
NAMES = {"display", "medicine", "vaccine"}
"""What a record is known by."""
UNBROKEN = {"id", "record_id", "flag", "value", "number", "snils", "phone", "status"}
COMFORT = {
    **dict.fromkeys(("id", "record_id", "date", "at", "accepts"), 10),
    **dict.fromkeys(("flag", "count"), 6),
    **dict.fromkeys(("distance_km", "dose_number", "health_group"), 4),
    **dict.fromkeys(("specimens", "criticality"), 12),
    **dict.fromkeys(("doctor.name", "author.name", "performer.name", "clinic.name", "kind"), 18),
    "code": 8,
    "reference": 14,
}
SHORT, TEXT = 12, 24
"""Comfortable widths of a value in one piece and of words."""
STATUS_STYLES = {
    **dict.fromkeys((*WITHDRAWN, "revoked", "superseded", "expired", "stopped"), "dim"),
    **dict.fromkeys(
        (*PROVISIONAL, *NOT_ORDERED, "preliminary", "on_hold", "amended", "corrected", "required", "not-done", "warn"),
        "yellow",
    ),
    **dict.fromkeys(("prohibited", "refused", "failed", "rejected", "other_person", "fail"), "red"),
}


@dataclass(frozen=True)
class View:
    """The columns of a list and, where the fields alone do not read well, the parts of a single thing.

    `leaving` are those that a table too narrow for all does without, the first first.
    `heading` stands above the rows of a terminal that have it in common; cells `on_screen` say there what is read at a
    glance, more or less than their column does in other formats; the columns `elsewhere` have their text in one of these.
    `rows` names the list a single thing consists of: `plain`, `csv` and `tsv` write that, a line for each."""

    columns: tuple[str, ...]
    detail: Detail | None = None
    shows: Mapping[str, Show] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    rows: str = ""
    leaving: tuple[str, ...] = ()
    heading: Callable[[Item], str] | None = None
    elsewhere: tuple[str, ...] = ()
    on_screen: Mapping[str, Callable[[Item], str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    path: str
    label: str | None = None
    show: Show | None = None

    @property
    def header(self) -> str:
        return _(self.label) if self.label else label(self.path)

    @property
    def unbroken(self) -> bool:
        """Its words stay in one piece as long as a table is possible at all."""
        return self.path in UNBROKEN or self.is_date

    @property
    def is_date(self) -> bool:
        return is_date(self.path)

    @property
    def comfort(self) -> int:
        """The width at which it is read with ease, in characters."""
        return COMFORT.get(self.path) or (SHORT if self.unbroken else TEXT)

    def cell(self, item: Item) -> str:
        if self.path in BY_ITEM:
            return BY_ITEM[self.path](item)
        if self.path == "status":
            return _status((self.show or show.word)(item.get("status")), item)
        if self.path in NAMES:
            return show.named(item.get(self.path), item.get("code"))
        if self.path == "text" and item.get("type") in TYPES.keys() | LISTED.keys():
            return details.in_words(show.text(item.get("text")))
        return (self.show or shower(self.path))(pick(item, self.path))

    def list_cell(self, item: Item) -> str:
        """In a list the dose stands with how it is taken."""
        return show.taken(item) if self.path == "dose" else self.cell(item)

    def table_cell(self, item: Item) -> str:
        """In a table an id goes without its type, and a flag says what its status would not let one overlook, which saves a
        column."""
        if self.path in {"id", "record_id"}:
            return short_ids.without_type(show.text(item.get(self.path)))
        return _flag(self.cell(item), item) if self.path == "flag" else self.list_cell(item)

    def address(self, item: Item) -> str | None:
        """What its cell leads to, for a terminal that knows hyperlinks."""
        value = pick(item, self.path)
        return addresses.of(self.path, value) if isinstance(value, str) else None

    def style(self, item: Item) -> str | None:
        unusual = STATUS_STYLES.get(str(item.get("status")))
        if self.path == "snippet":
            return "marked"
        noticeable = unusual or ("yellow" if details.mark(item) else None)
        if self.path in {"flag", "value"}:
            return flag_style(item) or (noticeable if self.path == "flag" else None)
        return noticeable if self.path == "status" else None


def _status(words: str, item: Item) -> str:
    """With what must not be overlooked beside it."""
    intent = item.get("intent")
    unordered = f"({show.word(intent)})" if intent in NOT_ORDERED else ""
    return " ".join(filter(None, (words, unordered, details.mark(item))))


def _flag(words: str, item: Item) -> str:
    unusual = show.word(item["status"]) if item.get("status") in STATUS_STYLES else ""
    return " ".join(filter(None, (words, unusual, details.mark(item))))


def label(path: str) -> str:
    """The header of a dotted name: its own, else its last step's; a name is labelled by whose it is."""
    above, _dot, last = path.rpartition(".")
    return _(LABELS.get(path) or LABELS.get((above.rpartition(".")[2] or last) if last == "name" else last) or path)


def shower(path: str) -> Show:
    last = path.rpartition(".")[2]
    if is_date(path):
        return show.date
    if last == "deceased":
        return show.onset
    if last == "application_status":
        return application_status
    if last == "reason":
        return show.sentence
    if last in {"type", "what"}:
        return resource_type
    return show.word if last in WORDED else show.shown


def is_date(path: str) -> bool:
    last = path.rpartition(".")[2]
    return last in DATES or last.endswith(DATE_ENDINGS)


def application_status(value: Any) -> str:
    status = show.text(value)
    return _(APPLICATION.get(status, status))


def resource_type(value: Any) -> str:
    """A type of FHIR in words; what a source calls its documents passes through."""
    kind = show.text(value)
    return _(TYPES.get(kind) or LISTED.get(kind, kind))


def flagged(result: LabResult) -> Item:
    """What a flag is shown by."""
    return {"flag": result.flag, "interpretation": result.interpretation, "out_of_range": result.out_of_range}


def flag_style(item: Item) -> str | None:
    """Blue below its range, red where it is noticeable otherwise."""
    by_words = side_of(show.text(item.get("interpretation"))) or 2 * bool(item.get("out_of_range"))
    side = flag_side(str(item["flag"])) if item.get("flag") else by_words
    return side_style(side)


def side_style(side: int) -> str | None:
    """The colour of a side as `out_of_range.side` tells it."""
    return "blue" if side < 0 else "red" if side else None
