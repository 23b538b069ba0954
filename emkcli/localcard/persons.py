"""Whose cards are kept here, and which of them a document belongs to."""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from emkcli import errors
from emkcli.clinical.dates import order
from emkcli.fhir.identity import Identity, looks_alike, same_person
from emkcli.localcard.store import Store
from emkcli.locale import _

NEW, AUTO = "new", "auto"


def persons(store: Store) -> list[tuple[str, Identity]]:
    """Ids and identities, the owner of the card first."""
    return [(ident, _identity(text)) for ident, text in store.rows("SELECT id, identity FROM person ORDER BY number")]


def find(store: Store, person: str | None) -> tuple[str, Identity]:
    """The person of that id, or the first. `NotFound`."""
    sql = "SELECT id, identity FROM person WHERE ?1 IS NULL OR id = ?1 ORDER BY number LIMIT 1"
    if row := store.row(sql, person):
        return row[0], _identity(row[1])
    identities = persons(store)
    if not identities:
        raise errors.NotFound(_("The local card is empty."), hint="emk card import FILE")
    raise errors.NotFound(
        _("There is no person {id} in the local card.").format(id=person),
        hint=_("one of: {names}").format(names=", ".join(ident for ident, _identity in identities)),
    )


def add(store: Store, identity: Identity, ident: str | None = None) -> str:
    """A new person; the id follows from the identity, or from how many there are when nothing is known of it."""
    count = len(persons(store))
    seed = "\x1f".join([identity.snils or "", identity.name or "", identity.birth_date or "", str(count)])
    ident = ident or f"p-{sha256(seed.encode()).hexdigest()[:8]}"
    store.run("INSERT INTO person (id, identity) VALUES (?, ?)", ident, _text(identity))
    return ident


def complete(store: Store, ident: str, identity: Identity) -> None:
    """Remember what a further document says about the person; what was written down last counts."""
    stored = find(store, ident)[1]
    is_ordered = bool(stored.told_at and identity.told_at) and order(identity.told_at) != order(stored.told_at)
    is_newer = is_ordered and order(identity.told_at) > order(stored.told_at)
    last, other = (identity, stored) if is_newer else (stored, identity)
    is_named = bool(last.name)
    merged = Identity(
        name=last.name or other.name,
        family=last.family if is_named else other.family,
        given=last.given if is_named else other.given,
        birth_date=_longer(last.birth_date, other.birth_date),
        sex=last.sex or other.sex,
        # an older document knows of no death that a later one does not
        deceased=last.deceased if is_ordered else _day_of_death(last.deceased, other.deceased),
        identifiers=tuple(sorted({*stored.identifiers, *identity.identifiers})),
        told_at=last.told_at or other.told_at,
    )
    if (merged, merged.told_at) != (stored, stored.told_at):
        store.run("UPDATE person SET identity = ? WHERE id = ?", _text(merged), ident)


def replace(store: Store, ident: str, identity: Identity) -> None:
    """What a server says now of the person."""
    store.run("UPDATE person SET identity = ? WHERE id = ?", _text(identity), ident)


def is_same(identity: Identity, patient: Identity) -> bool | None:
    """Whether a document may go to a person, None where it does not tell; one whose identity is not told yet takes it."""
    return True if identity == Identity() else same_person(identity, patient)


def fitting(store: Store, patient: Identity) -> list[str]:
    """Whose documents these are; where too little is told, those of the person of whom just as little is known."""
    identities = persons(store)
    sure = [ident for ident, identity in identities if is_same(identity, patient)]
    return sure or [ident for ident, identity in identities if looks_alike(identity, patient)]


def _longer(birth_date: str | None, other: str | None) -> str | None:
    return max((birth_date, other), key=lambda date: len(date or ""))


def _day_of_death(*told: str | None) -> str | None:
    """A day says more than that there was one."""
    return next(filter(None, sorted(filter(None, told), key="true".__eq__)), None)


def _text(identity: Identity) -> str:
    return json.dumps(asdict(identity), ensure_ascii=False)


def _identity(text: str) -> Identity:
    fields: dict[str, Any] = json.loads(text)
    pairs = tuple((system, value) for system, value in fields.pop("identifiers"))
    return Identity(**fields | {"given": tuple(fields["given"]), "identifiers": pairs})
