"""ESIA's documents as models: accounts, profiles, persons; nothing a server sends can raise here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from emkcli import models
from emkcli.api.esia.people import Document

POLICY = "MDCL_PLCY"
MOBILE, EMAIL = "MBT", "EML"
REGISTRATION, RESIDENCE = "PRG", "PLV"
PARTS = (("house", "д. {}"), ("frame", "корп. {}"), ("building", "стр. {}"), ("flat", "кв. {}"))


def text(document: Document, name: str) -> str | None:
    """A text as it was sent; blank and anything else None."""
    value = document.get(name)
    return value.strip() or None if isinstance(value, str) else None


def name(person: Document) -> str:
    return " ".join(filter(None, (text(person, part) for part in ("lastName", "firstName", "middleName"))))


def birth_date(person: Document) -> str | None:
    """`DD.MM.YYYY` as an ISO date; what is no date stays as it was sent."""
    sent = text(person, "birthDate")
    try:
        return datetime.strptime(sent or "", "%d.%m.%Y").date().isoformat()
    except ValueError:
        return sent


def is_verified(element: Document) -> bool:
    return element.get("vrfStu") == "VERIFIED"


def contact(contacts: Iterable[Document], kind: str) -> Document | None:
    """The contact of a kind, a verified one before others."""
    candidates = sorted((element for element in contacts if element.get("type") == kind), key=is_verified, reverse=True)
    return next((element for element in candidates if text(element, "value")), None)


def phone(contact: Document | None) -> str | None:
    """`+7(910)1234567` without its brackets."""
    value = text(contact, "value") if contact else None
    return re.sub(r"[()\s-]", "", value) if value else None


def address(addresses: Iterable[Document], kind: str) -> str | None:
    match = next((element for element in addresses if element.get("type") == kind), None)
    return _written(match) if match else None


def clinic(documents: Iterable[Document]) -> models.Named | None:
    """The clinic the policy of compulsory insurance is attached to; ESIA gives it a name only."""
    for policy in documents:
        organisation = text(policy, "medicalOrg") if policy.get("type") == POLICY else None
        if organisation:
            return models.Named(id=organisation, name=organisation)
    return None


def trust(person: Document) -> str:
    """`confirmed`, else `simplified`: ESIA does not tell a simplified account from a standard one."""
    return "confirmed" if person.get("trusted") is True else "simplified"


def account(oid: str, person: Document, contacts: Iterable[Document]) -> models.Account:
    snils, mobile = text(person, "snils"), phone(contact(contacts, MOBILE))
    return models.Account(
        id=oid,
        trust=trust(person),
        name=name(person),
        snils=f"***-***-*** {snils[-2:]}" if snils else None,
        phone=f"+7 *** ***-**-{mobile[-2:]}" if mobile else None,
    )


def profile(
    ident: str, person: Document, contacts: list[Document], addresses: list[Document], documents: list[Document]
) -> models.Profile:
    email = contact(contacts, EMAIL)
    return models.Profile(
        person=models.Named(id=ident, name=name(person)),
        name=name(person),
        birth_date=birth_date(person),
        phone=phone(contact(contacts, MOBILE)),
        email=text(email, "value") if email else None,
        registration_address=address(addresses, REGISTRATION),
        residence_address=address(addresses, RESIDENCE),
        clinic=clinic(documents),
    )


def ident(kid: Document) -> str | None:
    """A child's id among its parent's children: its own field, or the end of the address it was found at."""
    for field in ("id", "oid"):
        value = kid.get(field)
        if isinstance(value, int | str) and not isinstance(value, bool) and str(value).strip():
            return str(value)
    return str(kid.get("_address") or "").rstrip("/").rpartition("/")[2] or None


def _written(address: Document) -> str | None:
    parts = [text(address, "zipCode"), text(address, "addressStr")]
    parts += [form.format(text(address, field)) for field, form in PARTS if text(address, field)]
    return ", ".join(filter(None, parts)) or None
