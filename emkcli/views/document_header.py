"""The header of a document as a person reads it: whose it is, which case of care it belongs to, who had to do with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from emkcli.locale import N_, _
from emkcli.views import show
from emkcli.views.columns import Item, label
from emkcli.views.generic import pairs
from emkcli.views.parts import Bullets, Heading, Part

ROLES = {
    "author": N_("author"),
    "authenticator": N_("signed by"),
    "custodian": N_("kept by"),
    "data_enterer": N_("entered by"),
    "guardian": N_("guardian"),
    "informant": N_("told by"),
    "legal_authenticator": N_("signed for the clinic by"),
    "payer": N_("paid by"),
    "performer": N_("performed by"),
    "provider": N_("clinic of the patient"),
    "recipient": N_("sent to"),
    "referrer": N_("referred by"),
    "subject": N_("about"),
}
_PATIENT, _NAMED = ("sex", "snils"), ("name", "birth_date", "sex")
_ENCOUNTER = ("record_type", "record_kind", "record_number", "starts_at", "ends_at", "place", "outcome")
_DOCUMENT = ("type", "policy_type", "series", "number", "issued_by", "department_code", "issued_on", "inn")


def header(item: Item) -> list[Part]:
    """Nothing where the source has no header of this kind."""
    patient, encounter = _mapping(item.get("patient")), _mapping(item.get("encounter"))
    parts: list[Part] = [pairs(item, ("confidentiality", "language", "template"))]
    if any(patient.get(name) for name in (*_PATIENT, "documents", "addresses", "contacts")):
        parts += [Heading(label("patient")), pairs(patient, _PATIENT), Bullets(tuple(_known_by(patient)))]
    if encounter:
        parts += [Heading(label("encounter")), pairs(encounter, _ENCOUNTER)]
    for name, lines in _lists(item):
        parts += [Heading(label(name)), Bullets(lines)]
    return parts


def on_a_page(item: Item) -> Iterator[tuple[str, str]]:
    """Titles and texts for a page, which is handed on: without passport, policy, addresses and contacts."""
    for name, fields in (("patient", _NAMED), ("encounter", _ENCOUNTER)):
        if lines := [f"{title}: {value}" for title, value in pairs(_mapping(item.get(name)), fields).rows if value]:
            yield label(name), "\n".join(lines)
    parties = [{**party, "documents": (), "contacts": ()} for party in item.get("participants") or []]
    yield from ((label(name), "\n".join(lines)) for name, lines in _lists({**item, "participants": parties}))


def _lists(item: Item) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each list that says something, a line for each thing in it."""
    told = {**item, "participants": [party for party in item.get("participants") or [] if not _is_said(party, item)]}
    for name, words in (("services", _service), ("orders", _order), ("participants", _participant)):
        if lines := tuple(filter(None, ("; ".join(words(thing)) for thing in told.get(name) or []))):
            yield name, lines


def _is_said(party: Item, document: Item) -> bool:
    """Who stands at the head of the document already."""
    author = _mapping(document.get("author")).get("name")
    return bool(author) and (party.get("role"), party.get("name")) == ("author", author)


def _mapping(value: Any) -> Item:
    return value if isinstance(value, Mapping) else {}


def _known_by(party: Item) -> Iterator[str]:
    """Documents, addresses and contacts, each as a line; numbers that only programs read stand in the JSON."""
    yield from (_joined(_document(one)) for one in party.get("documents") or [])
    yield from (_joined(_address(one)) for one in party.get("addresses") or [])
    yield from party.get("contacts") or []


def _document(document: Item) -> Iterator[str]:
    yield from (show.date(document.get(name)) for name in _DOCUMENT if document.get(name))
    span = " – ".join(filter(None, (show.date(document.get(name)) for name in ("starts_on", "ends_on"))))
    if span:
        yield _("valid {span}").format(span=span)


def _address(address: Item) -> Iterator[str]:
    yield from (show.text(address.get(name)) for name in ("use", "postal_code", "text"))
    if not address.get("text"):
        yield show.text(address.get("region"))


def _participant(party: Item) -> Iterator[str]:
    """Somebody with their clinic; the clinic's numbers and addresses stand in the JSON."""
    role, organization = show.text(party.get("role")), _mapping(party.get("organization"))
    named = [show.text(party.get("name")), show.text(party.get("relation")), show.text(organization.get("name"))]
    yield ": ".join(filter(None, (_(ROLES.get(role, role)), _joined(named))))
    yield from filter(None, [show.date(party.get("at"))])
    yield from party.get("contacts") or []
    yield from (_joined(_document(one)) for one in party.get("documents") or [])


def _service(service: Item) -> Iterator[str]:
    yield from filter(None, (show.text(service.get(name)) for name in ("code", "form", "type", "conditions")))
    span = " – ".join(dict.fromkeys(filter(None, (show.date(service.get(name)) for name in ("starts_at", "ends_at")))))
    yield from filter(None, [span])


def _order(order: Item) -> Iterator[str]:
    yield from filter(None, [show.text(order.get("type"))])
    yield from order.get("ids") or []


def _joined(words: Iterable[str]) -> str:
    return ", ".join(filter(None, words))
