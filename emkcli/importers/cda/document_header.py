"""The header of a document: what it is, whose, by whom, when and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from emkcli import models
from emkcli.fhir.identity import Identity
from emkcli.importers.cda.document_kind import kind_of
from emkcli.importers.cda.times import Moment, moment, span_of, time_in, time_of
from emkcli.importers.cda.tree import (
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
OF_THE_DEAD = ("о смерти", "перинатальной смерти", "посмертный эпикриз", "патолого-анатомического вскрытия")
"""How documents are called that nobody living has."""
DEATHS, CERTIFICATES = frozenset({"35", "36", "37", "38", "93"}), frozenset({"13", "14", "385"})
"""Kinds of СЭМД and of medical documents about a death."""
HIDDEN = "данные скрыты"
"""What masked documents say in the place of names and numbers."""


@dataclass(frozen=True)
class Header:
    """`series` is the set id that all versions share; `replaces` are documents this one says it replaces; `performer` is who
    did, before others, what the document is about: the event, with the moments when that began and ended."""

    kind: Code
    translation: Code
    title: str | None
    document_id: str | None
    series: str | None
    version: str | None
    replaces: tuple[str, ...]
    appends: tuple[str, ...]
    time: Moment
    subjects: tuple[Identity, ...]
    patient: models.DocumentPatient
    clinic: models.Named | None
    author: models.DoctorRef | None
    event: Code
    event_time: Moment
    event_days: tuple[str | None, str | None]
    performer: models.DoctorRef | None

    @property
    def date(self) -> str | None:
        return self.time.iso

    @property
    def identity(self) -> Identity | None:
        return next(iter(self.subjects), None)

    @property
    def is_shared(self) -> bool:
        """Whether it is about several people."""
        return len({(subject.name, subject.birth_date) for subject in self.subjects}) > 1

    @property
    def is_death(self) -> bool:
        """A certificate of death or perinatal death, or what follows one: nobody's living card."""
        known = kind_of(self.kind, None)
        names = f"{self.kind.name} {self.translation.name} {self.title} {known and known.name}".casefold()
        coded = (self.translation.of("99.2.1079") and self.translation.code in DEATHS) or (
            self.kind.of("11.1522", "11.1115") and self.kind.code in CERTIFICATES
        )
        return coded or any(phrase in names for phrase in OF_THE_DEAD)


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
        replaces=tuple(_parents(root, "RPLC")),
        appends=tuple(_parents(root, "APND")),
        time=_time(root, event),
        subjects=tuple(dict.fromkeys(filter(None, map(_identity, children(root, "recordTarget", "patientRole"))))),
        patient=_patient(role),
        clinic=_clinic(root, role),
        author=_author(root),
        event=code_of(event),
        event_time=time_of(event),
        event_days=(None, None) if event is None else span_of(event),
        performer=_performer(event),
    )


def _time(root: Element, event: Element | None) -> Moment:
    """The document's own date; the new generation leaves it out, then the event's, the encounter's, the author's. A
    broken one is kept as it was written, beside the next that can be read."""
    own = time_of(root)
    if own.iso:
        return own
    visit = child(root, "componentOf", "encompassingEncounter")
    last = moment(get(child(event, "effectiveTime", "high"), "value"))
    fallbacks = (last, time_of(event), time_of(visit), time_in(child(root, "author", "time")), *_times(root))
    return Moment(next((fallback.iso for fallback in fallbacks if fallback.iso), None), own.written)


def _times(root: Element) -> list[Moment]:
    return [time_in(element) for element in root.iter("{urn:hl7-org:v3}effectiveTime")]


def _parents(root: Element, relation: str) -> Iterator[str]:
    """Documents it is related to so, by their ids; where only their set is told, by that."""
    for related in children(root, "relatedDocument"):
        parent = child(related, "parentDocument")
        if get(related, "typeCode") == relation and parent is not None:
            named = [name for ident in children(parent, "id") if (name := identifier(ident))]
            series = identifier(child(parent, "setId"))
            yield from named or ([series] if series else [])


def person_words(name: Element | None) -> tuple[str | None, tuple[str, ...]]:
    """Surname, and first name with patronymic: a second `given` in old documents, an element of its own in new ones."""
    given = [text for element in children(name, "given") if (text := words(element))]
    patronymic = words(named(name, "Patronymic"))
    return words(child(name, "family")), (*given, *([patronymic] if patronymic and patronymic not in given[1:] else []))


def full_name(name: Element | None) -> str | None:
    family, given = person_words(name)
    return " ".join(filter(None, (family, *given))) or words(name)


def _plain(name: Element | None) -> str | None:
    """A name written as one text."""
    return None if name is None or len(name) else shown(words(name))


def shown(text: str | None) -> str | None:
    """None for what was masked."""
    return None if text is None or text.casefold() == HIDDEN else text


def _identity(role: Element | None) -> Identity | None:
    patient = child(role, "patient")
    family, given = person_words(child(patient, "name"))
    given = tuple(name for name in given if shown(name))
    numbers = {
        (root, number)
        for ident in children(role, "id")
        if (root := get(ident, "root")) and (number := shown(get(ident, "extension")))
    }
    name = " ".join(filter(None, (shown(family), *given))) or _plain(child(patient, "name"))
    if policy := shown(words(named(named(role, "InsurancePolicy"), "Number"))):
        numbers.add((POLICY, policy))
    identity = Identity(
        name=name,
        family=shown(family),
        given=given,
        birth_date=_day(child(patient, "birthTime")),
        sex=SEX.get(get(child(patient, "administrativeGenderCode"), "code") or ""),
        identifiers=tuple(sorted(numbers)),
    )
    return identity if identity.name or identity.identifiers else None


def _day(birth: Element | None) -> str | None:
    """A newborn's time of birth is a date here."""
    time = time_in(birth).iso
    return time.partition("T")[0] if time else None


def _patient(role: Element | None) -> models.DocumentPatient:
    patient = child(role, "patient")
    snils = next((get(ident, "extension") for ident in children(role, "id") if get(ident, "root") == SNILS), None)
    return models.DocumentPatient(
        name=full_name(child(patient, "name")), birth_date=_day(child(patient, "birthTime")), snils=snils
    )


def _clinic(root: Element, role: Element | None) -> models.Named | None:
    custodian = child(root, "custodian", "assignedCustodian", "representedCustodianOrganization")
    author = child(root, "author", "assignedAuthor", "representedOrganization")
    places = (organisation(place) for place in (child(role, "providerOrganization"), custodian, author))
    return next(filter(None, places), None)


def _performer(event: Element | None) -> models.DoctorRef | None:
    """The main one; of several that nothing tells apart the first."""
    performers = sorted(children(event, "performer"), key=lambda performer: get(performer, "typeCode") != "PPRF")
    return next(filter(None, (doctor(child(performer, "assignedEntity")) for performer in performers)), None)


def organisation(element: Element | None) -> models.Named | None:
    """By its number in the federal register; a private practice has none and goes by its name."""
    name = words(child(element, "name"))
    oid = next((root for ident in children(element, "id") if (root := get(ident, "root"))), None)
    key = oid or name
    return models.Named(id=key, name=name or key) if key else None


def _author(root: Element) -> models.DoctorRef | None:
    authors = (doctor(author) for author in children(root, "author", "assignedAuthor"))
    return next(filter(None, authors), None)


def doctor(element: Element | None) -> models.DoctorRef | None:
    """An assignedAuthor or assignedEntity with a person; the id is the clinic's own, never a СНИЛС."""
    name = full_name(child(element, "assignedPerson", "name"))
    if name is None:
        return None
    idents = (
        identifier(ident)
        for ident in children(element, "id")
        if get(ident, "root") != SNILS and get(ident, "extension")
    )
    return models.DoctorRef(id=next(filter(None, idents), name), name=name, specialty=code_of(element).name)
