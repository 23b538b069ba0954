"""The portal's things: account, consents, clinics, applications, requests, notifications."""

from __future__ import annotations

from collections.abc import Mapping

from emkcli.locale import N_, _
from emkcli.views import show
from emkcli.views.columns import Item, View, application_status, label
from emkcli.views.generic import detail as fields
from emkcli.views.generic import pairs
from emkcli.views.parts import Bullets, Heading, Pairs, Part, Prose, Rows

APPLICATION_SHOWS = {"status": application_status}


def application(item: Item) -> list[Part]:
    """Where it stands in one sentence, what it is about, how it came there."""
    about = ("person", "service", "clinic", "doctor", "submitted_at", "expected_by", "activated_at", "reason", "id")
    parts: list[Part] = [Prose(_standing(item), "bold"), pairs(item, about)]
    if history := item.get("history"):
        parts += [Heading(label("history")), Bullets(tuple(_step(step) for step in history))]
    if item.get("next"):
        parts.append(Pairs(((label("next"), show.text(item["next"])),)))
    return parts


def _standing(item: Item) -> str:
    status, by = application_word(item), show.date(item.get("expected_by"))
    if item.get("status") in {"submitted", "in_progress"} and by:
        return _("{status}: an answer is expected by {by}.").format(status=status, by=by)
    if item.get("status") in {"refused", "cancelled"} and item.get("reason"):
        return _("{status}: {reason}").format(status=status, reason=item["reason"])
    if item.get("status") == "draft":
        return _("{status}: the application has not been submitted yet.").format(status=status)
    if item.get("status") == "activated":
        return _("{status}: the card is open.").format(status=status)
    return f"{status}."


def application_word(item: Item) -> str:
    """The status in the reader's language; the portal's own word for one we do not know."""
    translated = application_status(item.get("status"))
    return show.text(item.get("status_name")) or translated if translated == item.get("status") else translated


def _step(step: Item) -> str:
    line = f"{show.date(step.get('at'))}  {application_word(step)}"
    return f"{line} — {step['comment']}" if step.get("comment") else line


def consent(item: Item) -> list[Part]:
    """The whole text, then what identifies it."""
    names = ("status", "service", "id", "version", "sha256", "accepted_at", "revoked_at", "receipt")
    return [Heading(show.text(item.get("title"))), Prose(show.text(item.get("text"))), pairs(item, names)]


def transfer(item: Item) -> list[Part]:
    """To whom and how long; then the records, with what they say as long as they are only proposed. A flag says in a table what
    the status would not let one overlook."""
    about = pairs(item, [name for name in item if name not in {"records", "preview"}])
    records = tuple(item.get("preview") or item.get("records") or ())
    return [
        about,
        Heading(label("records")),
        Rows(("date", "title", "value", "flag", "kind", "id"), records, least=3),
    ]


def notification(item: Item) -> list[Part]:
    contact = item.get("contact")
    ask = "  ".join(show.text(part) for part in contact.values() if part) if isinstance(contact, Mapping) else ""
    return [
        Heading(show.text(item.get("title"))),
        Prose(show.text(item.get("text"))),
        pairs(item, ("at", "channel", "read", "id")),
        Pairs(((label("contact"), ask),)),
    ]


def next_step(item: Item) -> list[Part]:
    return [Prose(show.text(item.get("command")), "bold"), Prose(show.text(item.get("why")))]


OF_A_PERSON = {"name": N_("Full name")}
"""Russian has one word for what a clinic is called and another for what a person is called."""


def account(item: Item) -> list[Part]:
    plain = {name: value for name, value in item.items() if name != "verification"}
    checked = item.get("verification")
    if not isinstance(checked, Mapping) or checked.get("status") in {"none", "confirmed"}:
        return fields(plain, labels=OF_A_PERSON)
    return [*fields(plain, labels=OF_A_PERSON), Heading(label("verification")), *fields(checked)]


VIEWS = {
    "account": View(("id", "name", "trust", "snils", "phone", "next"), account, labels=OF_A_PERSON),
    "person": View(
        ("id", "name", "relation", "birth_date", "deceased", "access_until", "application_status"), labels=OF_A_PERSON
    ),
    "service": View(("id", "title", "region", "connected", "pinned")),
    "consent": View(("id", "version", "title", "status", "accepted_at", "revoked_at"), consent),
    "clinic": View(
        ("id", "name", "district", "address", "accepts", "distance_km", "phone"),
        leaving=("phone", "district"),
        on_screen={"name": lambda clinic: show.text(clinic.get("short_name")) or show.text(clinic.get("name"))},
    ),
    "doctor": View(("id", "name", "specialty", "clinic.name", "panel_open"), labels=OF_A_PERSON),
    "application": View(
        ("id", "status", "person.name", "clinic.name", "doctor.name", "submitted_at", "expected_by"),
        application,
        APPLICATION_SHOWS,
    ),
    "request": View(("id", "created_at", "kind", "medicine", "status", "doctor.name", "clinic.name", "result_id")),
    "transfer": View(("id", "created_at", "to.name", "status", "expires_at", "revoked_at"), transfer),
    "profile": View(
        ("name", "birth_date", "phone", "email", "residence_address", "clinic.name", "doctor.name"),
        labels=OF_A_PERSON,
    ),
    "notification": View(("id", "at", "channel", "title", "text", "read"), notification),
    "next": View(("command", "why"), next_step),
}
