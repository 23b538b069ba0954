"""The medical record: eleven lists, one summary screen, who looked at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emkcli.locale import _, ngettext
from emkcli.views import show
from emkcli.views.columns import STATUS_STYLES, Item, View, flag_style, label
from emkcli.views.generic import detail as fields
from emkcli.views.generic import pairs
from emkcli.views.parts import Bullets, Heading, Pairs, Part, Prose

MOST = 10
"""How much of a list one screen shows; the rest is counted."""


def visit(item: Item) -> list[Part]:
    """An examination as one reads it: who and when, then each text under its own heading."""
    parts: list[Part] = [pairs(item, ("date", "status", "clinic", "doctor", "reason", "id", "source"))]
    parts += _list(item, "diagnoses", show.text)
    return parts + _text(item, "conclusion") + _text(item, "recommendations")


def study(item: Item) -> list[Part]:
    parts: list[Part] = [pairs(item, ("title", "kind", "date", "status", "clinic", "doctor", "id", "source"))]
    return parts + _text(item, "description") + _text(item, "conclusion")


def document(item: Item) -> list[Part]:
    names = ("type", "date", "status", "version", "author", "clinic", "doctor", "patient.name", "patient.birth_date")
    parts: list[Part] = [Heading(show.text(item.get("title"))), pairs(item, (*names, "id", "source"))]
    parts += _list(item, "diagnoses", show.text)
    for section in item.get("sections") or []:
        parts += [Heading(show.text(section.get("title"))), Prose(show.text(section.get("text")))]
    return [*parts, Pairs(((label("signature"), signature(item.get("signature"))),))]


def signature(found: Any) -> str:
    if not isinstance(found, Mapping):
        return ""
    if not found.get("present"):
        return _("none")
    valid = found.get("valid")
    checked = _("not checked") if valid is None else _("valid") if valid else _("NOT valid")
    return ", ".join(filter(None, (show.text(found.get("signer")), checked)))


def summary(item: Item) -> list[Part]:
    """One screen; a section that knows nothing says so, because silence would read as «none»."""
    person = item.get("person")
    name = show.text(person.get("name")) if isinstance(person, Mapping) else ""
    parts: list[Part] = [Heading(name), pairs(item, ("person.birth_date", "clinic", "doctor"))]
    for key, line in SUMMARY_LINES.items():
        parts += _list(item, key, line, empty=_("no records"), most=MOST)
    return parts


def _diagnosis(item: Item) -> str:
    return _line(item.get("code"), item.get("display"), show.date(item.get("date")), _unusual(item))


def _medicine(item: Item) -> str:
    ends = show.date(item.get("expires_on"))
    until = _("until {date}").format(date=ends) if ends else ""
    return _line(item.get("medicine"), item.get("dose"), until, _unusual(item))


def _result(item: Item) -> str:
    measured = " ".join(filter(None, (show.text(item.get("value")), show.text(item.get("unit")))))
    reference = item.get("reference")
    spread = f"[{said}]" if isinstance(reference, Mapping) and (said := show.reference(reference)) else ""
    taken = show.date(item.get("collected_at"))
    return _line(taken, item.get("analyte"), measured, show.flag(item), spread, _unusual(item))


def _vaccination(item: Item) -> str:
    return _line(show.date(item.get("date")), item.get("vaccine"), item.get("infections"), _unusual(item))


def _due(item: Item) -> str:
    return _line(show.date(item.get("date")), item.get("what"))


def _unusual(item: Item) -> str:
    """A status that must not be overlooked: cancelled, amended, not done."""
    return f"({show.word(item['status'])})" if item.get("status") in STATUS_STYLES else ""


def _line(*values: Any) -> str:
    return "  ".join(filter(None, (show.text(value) for value in values)))


SUMMARY_LINES: dict[str, Callable[[Item], str]] = {
    "diagnoses": _diagnosis,
    "allergies": lambda item: _line(item.get("display") or item.get("code"), show.word(item.get("status"))),
    "medicines": _medicine,
    "labs_out_of_range": _result,
    "vaccinations": _vaccination,
    "due": _due,
}


def _list(item: Item, name: str, line: Callable[[Any], str], empty: str = "", most: int | None = None) -> list[Part]:
    things = item.get(name) or []
    if not things and not empty:
        return []
    shown = things[:most]
    lines = [line(thing) for thing in shown]
    if rest := len(things) - len(shown):
        lines.append(ngettext("… and {count} more", "… and {count} more", rest).format(count=rest))
    styles = tuple(flag_style(thing) if isinstance(thing, Mapping) else None for thing in shown)
    return [Heading(label(name)), Bullets(tuple(lines), empty, styles)]


def _text(item: Item, name: str) -> list[Part]:
    return [Heading(label(name)), Prose(show.text(item[name]))] if item.get(name) else []


VIEWS = {
    "visit": View(("id", "date", "reason", "diagnoses", "doctor.name", "clinic.name", "status"), visit),
    "lab_result": View(("id", "collected_at", "analyte", "value", "unit", "reference", "flag", "status")),
    "study": View(("id", "date", "title", "conclusion", "clinic.name", "status"), study),
    "prescription": View(("id", "date", "number", "medicine", "dose", "status", "expires_on")),
    "vaccination": View(("id", "date", "vaccine", "infections", "dose_number", "status")),
    "prevention": View(("id", "date", "kind", "health_group", "conclusion", "next_due", "status")),
    "document": View(("id", "date", "type", "title", "author.name", "clinic.name", "status"), document),
    "diagnosis": View(("id", "date", "code", "display", "kind", "doctor.name", "status")),
    "allergy": View(("id", "date", "code", "display", "status")),
    "vital": View(("id", "date", "display", "value", "unit", "status")),
    "referral": View(("id", "date", "display", "clinic.name", "doctor.name", "status")),
    "access": View(("at", "who", "organisation", "what", "basis"), fields),
    "summary": View(("person.name", "clinic.name", "doctor.name"), summary),
}
