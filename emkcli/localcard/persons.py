"""Whose cards are kept here, and which of them a document belongs to."""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from emkcli import errors
from emkcli.fhir.identity import Identity, looks_alike, same_person
from emkcli.localcard.store import Store
from emkcli.locale import _

NEW, AUTO = "new", "auto"


def persons(store: Store) -> list[tuple[str, Identity]]:
    """Ids and identities, the owner of the card first."""
    return [(ident, _identity(text)) for ident, text in store.rows("SELECT id, identity FROM person ORDER BY number")]


def find(store: Store, person: str | None) -> tuple[str, Identity]:
    """The person of that id, or the first. `NotFound`."""
    known = persons(store)
    if person is None and known:
        return known[0]
    for ident, identity in known:
        if ident == person:
            return ident, identity
    if not known:
        raise errors.NotFound(_("The local card is empty."), hint="emk card import FILE")
    raise errors.NotFound(
        _("There is no such person in the local card."),
        hint=_("one of: {names}").format(names=", ".join(ident for ident, _identity in known)),
    )


def add(store: Store, identity: Identity, ident: str | None = None) -> str:
    """A new person; the id follows from the identity, or from how many there are when nothing is known of it."""
    count = len(persons(store))
    told = "\x1f".join([identity.snils or "", identity.name or "", identity.birth_date or "", str(count)])
    ident = ident or f"p-{sha256(told.encode()).hexdigest()[:8]}"
    store.run("INSERT INTO person (id, identity) VALUES (?, ?)", ident, _text(identity))
    return ident


def complete(store: Store, ident: str, identity: Identity) -> None:
    """Remember what a further document says about the person."""
    known = find(store, ident)[1]
    merged = Identity(
        name=known.name or identity.name,
        family=known.family or identity.family,
        given=known.given or identity.given,
        birth_date=_longer(known.birth_date, identity.birth_date),
        sex=known.sex or identity.sex,
        identifiers=tuple(sorted({*known.identifiers, *identity.identifiers})),
    )
    if merged != known:
        store.run("UPDATE person SET identity = ? WHERE id = ?", _text(merged), ident)


def replace(store: Store, ident: str, identity: Identity) -> None:
    """What a server says now of the person."""
    store.run("UPDATE person SET identity = ? WHERE id = ?", _text(identity), ident)


def is_same(known: Identity, found: Identity) -> bool | None:
    """Whether a document may go to a person, None where it does not tell; one whose identity is not told yet takes it."""
    return True if known == Identity() else same_person(known, found)


def fitting(store: Store, found: Identity) -> list[str]:
    """Whose documents these are; where too little is told, those of the person of whom just as little is known."""
    known = persons(store)
    sure = [ident for ident, who in known if is_same(who, found)]
    return sure or [ident for ident, who in known if looks_alike(who, found)]


def _longer(one: str | None, other: str | None) -> str | None:
    return max((one, other), key=lambda date: len(date or ""))


def _text(identity: Identity) -> str:
    return json.dumps(asdict(identity), ensure_ascii=False)


def _identity(text: str) -> Identity:
    found: dict[str, Any] = json.loads(text)
    pairs = tuple((system, value) for system, value in found.pop("identifiers"))
    return Identity(**found | {"given": tuple(found["given"]), "identifiers": pairs})
