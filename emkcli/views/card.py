"""The medical record: its lists, one summary screen, who looked at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emkcli.clinical.status import sounds_provisional
from emkcli.locale import N_, _, ngettext
from emkcli.views import details, record, show
from emkcli.views.columns import STATUS_STYLES, Item, View, flag_style, label
from emkcli.views.generic import detail as fields
from emkcli.views.generic import pairs
from emkcli.views.parts import Bullets, Heading, Part

MADE_OF = {
    "diagnoses": ("diagnoses",),
    "allergies": ("allergies",),
    "medicines": ("prescriptions",),
    "labs_out_of_range": ("labs",),
    "vaccinations": ("vaccinations",),
    "due": ("prescriptions", "prevention"),
}
"""The lists of the card that a part of the summary is made of."""
MOST = 10
"""How much of a list one screen shows; the rest is counted."""


def summary(item: Item) -> list[Part]:
    """One screen; a section that knows nothing says so, because silence would read as «none»."""
    person = item.get("person")
    name = show.text(person.get("name")) if isinstance(person, Mapping) else ""
    parts: list[Part] = [Heading(name), pairs(item, ("person.birth_date", "person.deceased", "clinic", "doctor"))]
    missing = {gap.get("what"): gap.get("why") for gap in item.get("missing") or []}
    for key, line in SUMMARY_LINES.items():
        gaps = [missing[name] for name in MADE_OF[key] if name in missing]
        parts += _list(item, key, line, empty=_("no records"), most=MOST, gap=gaps[0] if gaps else None)
    return parts


def _diagnosis(item: Item) -> str:
    return _line(
        item.get("code"),
        item.get("display") or ("" if item.get("code") else show.named()),
        show.word(item.get("severity")),
        show.date(item.get("date")),
        _unusual(item),
    )


def _allergy(item: Item) -> str:
    """With their criticality, and what happened."""
    return _line(
        show.named(item.get("display"), item.get("code")),
        show.criticality(item),
        show.reactions(item),
        item.get("note"),
        show.word(item.get("status")),
        details.mark(item),
    )


def _medicine(item: Item) -> str:
    ends = show.date(item.get("expires_on") or item.get("ends_on"))
    until = _("until {date}").format(date=ends) if ends else ""
    unclear = "" if until or item.get("status") else f"({_('status not stated')})"
    return _line(show.named(item.get("medicine")), show.taken(item), until, _unusual(item), unclear)


def _result(item: Item) -> str:
    reference = item.get("reference")
    spread = f"[{limits}]" if isinstance(reference, Mapping) and (limits := show.reference(reference)) else ""
    collected_on = show.date(item.get("collected_at"))
    return _line(collected_on, show.analyte(item), show.measured(item), show.flag(item), spread, _unusual(item))


def _vaccination(item: Item) -> str:
    return _line(
        show.date(item.get("date")),
        show.named(item.get("vaccine")),
        item.get("infections"),
        _unusual(item),
        item.get("status_reason"),
    )


def _due(item: Item) -> str:
    return _line(show.date(item.get("date")), item.get("what"))


def _unusual(item: Item) -> str:
    """What must not be overlooked: cancelled, amended, provisional, not done; or it means something else."""
    sent = show.text(item.get("status"))
    status = f"({show.word(sent)})" if sent in STATUS_STYLES or sounds_provisional(sent) else ""
    return " ".join(filter(None, (status, details.mark(item))))


def _line(*values: Any) -> str:
    return "  ".join(filter(None, (show.text(value) for value in values)))


SUMMARY_LINES: dict[str, Callable[[Item], str]] = {
    "diagnoses": _diagnosis,
    "allergies": _allergy,
    "medicines": _medicine,
    "labs_out_of_range": _result,
    "vaccinations": _vaccination,
    "due": _due,
}


def _list(
    item: Item, name: str, line: Callable[[Any], str], empty: str = "", most: int | None = None, gap: str | None = None
) -> list[Part]:
    things = item.get(name) or []
    if not things and not empty:
        return []
    visible = things[:most]
    lines = [line(thing) for thing in visible]
    if rest := len(things) - len(visible):
        lines.append(ngettext("… and {count} more", "… and {count} more", rest).format(count=rest))
    if gap is not None:
        lines.append(_("could not be read: {why}").format(why=gap))
    styles = tuple(flag_style(thing) if isinstance(thing, Mapping) else None for thing in visible)
    return [Heading(label(name)), Bullets(tuple(lines), empty, styles)]


def _sample(item: Item) -> str:
    """When it was taken, and the panel that it belongs to."""
    return _line(show.date(item.get("collected_at")), " · ".join(item.get("panel") or ()))


def _occasion(visit: Item) -> str:
    """What was found, or else why one came, which is no diagnosis."""
    found, reason = show.text(visit.get("diagnoses")), show.sentence(visit.get("reason"))
    return found or (_("reason: {reason}").format(reason=reason) if reason else "")


def _day(item: Item) -> str:
    """In a list of a year or more the hour is in the way."""
    return show.day(item.get("date"))


VIEWS = {
    "visit": View(
        ("id", "date", "reason", "diagnoses", "doctor.name", "clinic.name", "status"),
        record.visit,
        leaving=("reason", "clinic.name", "doctor.name"),
        on_screen={"date": _day, "diagnoses": _occasion},
    ),
    "lab_result": View(
        ("id", "collected_at", "analyte", "value", "unit", "reference", "flag", "status"),
        record.lab_result,
        leaving=("reference", "id"),
        heading=_sample,
        elsewhere=("collected_at", "unit"),
        on_screen={"value": show.measured},
    ),
    "study": View(
        ("id", "date", "title", "conclusion", "clinic.name", "status"),
        record.study,
        leaving=("clinic.name", "conclusion"),
        on_screen={"date": _day},
    ),
    "prescription": View(
        ("id", "date", "number", "medicine", "dose", "status", "expires_on"),
        record.prescription,
        labels={"dose": N_("How to take")},
        leaving=("number", "dose", "expires_on", "date", "id"),
        on_screen={"date": _day},
    ),
    "vaccination": View(
        ("id", "date", "vaccine", "infections", "dose_number", "status", "status_reason"),
        record.of("vaccine", "infections", "date", "status", "status_reason", "dose", "dose_number"),
        leaving=("dose_number", "infections", "status_reason", "id"),
    ),
    "prevention": View(
        ("id", "date", "kind", "health_group", "conclusion", "next_due", "status"),
        record.of("kind", "date", "status", "health_group", "conclusion", "recommendations", "next_due"),
        leaving=("conclusion", "health_group", "next_due", "id"),
        on_screen={"date": _day},
    ),
    "document": View(
        ("id", "date", "type", "title", "author.name", "clinic.name", "status"),
        record.document,
        leaving=("clinic.name", "type", "author.name", "id"),
        on_screen={"date": _day},
    ),
    "diagnosis": View(
        ("id", "date", "code", "display", "kind", "doctor.name", "status"),
        record.of(
            *("display", "code", "kind", "severity", "date", "onset", "abatement"),
            *("status", "clinical_status", "verification_status", "note"),
        ),
        leaving=("doctor.name", "kind", "code", "id"),
        on_screen={"date": _day},
    ),
    "allergy": View(
        ("id", "date", "code", "display", "status", "criticality", "reactions"),
        record.of(
            *("display", "code", "category", "criticality", "reactions", "note"),
            *("date", "status", "clinical_status", "verification_status"),
        ),
        leaving=("code", "date", "reactions", "id"),
        on_screen={"date": _day},
    ),
    "procedure": View(
        ("id", "date", "display", "body_site", "performer.name", "clinic.name", "status"),
        record.of("display", "code", "date", "status", "reason", "body_site", "outcome"),
        leaving=("clinic.name", "performer.name", "body_site", "id"),
        on_screen={"date": _day},
    ),
    "vital": View(
        ("id", "date", "display", "value", "unit", "status", "reference", "flag"),
        record.of("display", "value", "unit", "reference", "flag", "interpretation", "note", "date", "status"),
        leaving=("reference", "id"),
        elsewhere=("unit",),
        on_screen={"value": show.measured},
    ),
    "referral": View(
        ("id", "date", "display", "clinic.name", "doctor.name", "status"),
        record.of("display", "code", "reason", "date", "planned_for", "status"),
        leaving=("clinic.name", "doctor.name", "id"),
        on_screen={"date": _day},
    ),
    "other": View(
        ("id", "date", "type", "title", "value", "unit", "status"),
        record.other,
        leaving=("type", "value", "id"),
        elsewhere=("unit",),
        on_screen={"date": _day, "value": show.measured},
    ),
    "search_hit": View(("date", "kind", "title", "snippet", "id"), leaving=("kind", "title", "date")),
    "access": View(("at", "who", "organisation", "what", "basis"), fields, leaving=("basis", "organisation")),
    "summary": View(("person.name", "clinic.name", "doctor.name"), summary),
}
