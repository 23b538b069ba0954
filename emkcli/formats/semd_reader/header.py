"""The header of a document: what it is, whose, by whom, when and where."""

from __future__ import annotations

from dataclasses import dataclass

from emkcli.api import models
from emkcli.api.mapping.people import Identity
from emkcli.formats.semd_reader.times import iso, moment, time_of
from emkcli.formats.semd_reader.tree import (
    Code,
    Element,
    child,
    children,
    code_of,
    coded,
    get,
    identifier,
    named,
    words,
)

SNILS = "1.2.643.100.3"
POLICY = "urn:emk:oms-policy"
"""No public number of the register of policies is known."""
SEX = {"1": "male", "2": "female"}
HIDDEN = "данные скрыты"
"""What masked documents say in the place of names and numbers."""


@dataclass(frozen=True)
class Header:
    """`series` is the set id that all versions share; `replaces` are documents this one says it replaces."""

    kind: Code
    translation: Code
    title: str | None
    document_id: str | None
    series: str | None
    version: str | None
    replaces: tuple[str, ...]
    date: str | None
    identity: Identity | None
    patient: models.DocumentPatient
    clinic: models.Named | None
    author: models.DoctorRef | None
    event: Code
    event_time: str | None

    @property
    def is_death(self) -> bool:
        """A certificate of death or perinatal death: nobody's living card."""
        names = f"{self.kind.name} {self.translation.name} {self.title}".casefold()
        return "свидетельство о смерти" in names or "свидетельство о перинатальной смерти" in names


def header_of(root: Element) -> Header:
    """Read whatever generation the document is of; anything may be missing."""
    role = child(root, "recordTarget", "patientRole")
    event = child(root, "documentationOf", "serviceEvent")
    series = identifier(child(root, "setId"))
    return Header(
        kind=code_of(root),
        translation=coded(child(root, "code", "translation")),
        title=words(child(root, "title")),
        document_id=identifier(child(root, "id")),
        series=series or identifier(child(root, "id")),
        version=get(child(root, "versionNumber"), "value"),
        replaces=tuple(_replaced(root)),
        date=_date(root, event),
        identity=_identity(role),
        patient=_patient(role),
        clinic=_clinic(root, role),
        author=_author(root),
        event=code_of(event),
        event_time=time_of(event),
    )


def _date(root: Element, event: Element | None) -> str | None:
    """The document's own date; the new generation leaves it out, then the event's, the encounter's, the author's."""
    last = iso(get(child(event, "effectiveTime", "high"), "value")) or time_of(event)
    visit = time_of(child(root, "componentOf", "encompassingEncounter"))
    return time_of(root) or last or visit or moment(child(root, "author", "time")) or _first_time(root)


def _first_time(root: Element) -> str | None:
    times = (moment(one) for one in root.iter("{urn:hl7-org:v3}effectiveTime"))
    return next(filter(None, times), None)


def _replaced(root: Element) -> list[str]:
    parents = (one for one in children(root, "relatedDocument") if get(one, "typeCode") == "RPLC")
    return [known for one in parents for ident in children(one, "parentDocument", "id") if (known := identifier(ident))]


def person_words(name: Element | None) -> tuple[str | None, tuple[str, ...]]:
    """Surname, and first name with patronymic: a second `given` in old documents, an element of its own in new ones."""
    given = [known for one in children(name, "given") if (known := words(one))]
    patronymic = words(named(name, "Patronymic"))
    return words(child(name, "family")), (*given, *([patronymic] if patronymic and patronymic not in given[1:] else []))


def full_name(name: Element | None) -> str | None:
    family, given = person_words(name)
    return " ".join(filter(None, (family, *given))) or words(name)


def shown(text: str | None) -> str | None:
    """None for what was masked."""
    return None if text is None or text.casefold() == HIDDEN else text


def _identity(role: Element | None) -> Identity | None:
    patient = child(role, "patient")
    family, given = person_words(child(patient, "name"))
    given = tuple(one for one in given if shown(one))
    numbers = {
        (root, number)
        for one in children(role, "id")
        if (root := get(one, "root")) and (number := shown(get(one, "extension")))
    }
    name = " ".join(filter(None, (shown(family), *given))) or None
    if policy := shown(words(named(named(role, "InsurancePolicy"), "Number"))):
        numbers.add((POLICY, policy))
    found = Identity(
        name=name,
        family=shown(family),
        given=given,
        birth_date=_day(child(patient, "birthTime")),
        sex=SEX.get(get(child(patient, "administrativeGenderCode"), "code") or ""),
        identifiers=tuple(sorted(numbers)),
    )
    return found if found.name or found.identifiers else None


def _day(birth: Element | None) -> str | None:
    """A newborn's time of birth is a date here."""
    found = moment(birth)
    return found.partition("T")[0] if found else None


def _patient(role: Element | None) -> models.DocumentPatient:
    patient = child(role, "patient")
    snils = next((get(one, "extension") for one in children(role, "id") if get(one, "root") == SNILS), None)
    return models.DocumentPatient(
        name=full_name(child(patient, "name")), birth_date=_day(child(patient, "birthTime")), snils=snils
    )


def _clinic(root: Element, role: Element | None) -> models.Named | None:
    custodian = child(root, "custodian", "assignedCustodian", "representedCustodianOrganization")
    author = child(root, "author", "assignedAuthor", "representedOrganization")
    places = (organisation(one) for one in (child(role, "providerOrganization"), custodian, author))
    return next(filter(None, places), None)


def organisation(element: Element | None) -> models.Named | None:
    """By its number in the federal register; a private practice has none and goes by its name."""
    name = words(child(element, "name"))
    oid = next((root for one in children(element, "id") if (root := get(one, "root"))), None)
    known = oid or name
    return models.Named(id=known, name=name or known) if known else None


def _author(root: Element) -> models.DoctorRef | None:
    found = (doctor(one) for one in children(root, "author", "assignedAuthor"))
    return next(filter(None, found), None)


def doctor(element: Element | None) -> models.DoctorRef | None:
    """An assignedAuthor or assignedEntity with a person; the id is the clinic's own, never a СНИЛС."""
    name = full_name(child(element, "assignedPerson", "name"))
    if name is None:
        return None
    idents = (identifier(one) for one in children(element, "id") if get(one, "root") != SNILS and get(one, "extension"))
    return models.DoctorRef(id=next(filter(None, idents), name), name=name, specialty=code_of(element).name)
