"""The person a card is about, and whether a resource says that it is about somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from emkcli.fhir.elements import Resource, contained, element, elements, text
from emkcli.fhir.identity import Identity, name_and_birth_date, same_person
from emkcli.fhir.patient import identity_of

SUBJECTS = (
    *("subject", "patient", "beneficiary", "candidate", "individual", "for", "actor"),
    *("deliverTo", "target"),  # of a SupplyRequest, and of a Provenance
)
"""The elements by which R4's types name their Patient (the compartment of a Patient)."""
NESTED = {
    "Appointment": ("participant", "actor"),
    "AuditEvent": ("entity", "what"),
    "Person": ("link", "target"),
}
"""Types that name it deeper inside. Who reads a card, the agent of an AuditEvent, may be a Patient as well: the reader is
not whom the event is about."""
_PATIENT = re.compile(r"(?:.*/)?Patient/([A-Za-z0-9.\-]{1,64})(?:/_history/.*)?")
Addresses = Mapping[str, bool]
"""Addresses of the Patients that came along → whether they are the person."""


class Owner:
    """`ident` is the person's id at the server, `patient` the Patient as far as the server gave it."""

    def __init__(self, ident: str, patient: Resource) -> None:
        self._idents = {ident}
        self._identity: Identity = identity_of(patient)
        self._accept(patient)

    def is_own(self, patient: Resource) -> bool:
        """Whether a Patient is the person: by id, by a link from one to the other, or by name and birth date; the ids are
        remembered."""
        ident = text(patient, "id")
        if ident is None:
            return same_person(identity_of(patient), self._identity) is not False
        is_linked = ident in self._idents or not self._idents.isdisjoint(_linked(patient))
        if not is_linked and not self._is_alike(identity_of(patient)):
            return False
        self._accept(patient)
        return True

    def _is_alike(self, identity: Identity) -> bool:
        named = name_and_birth_date(identity)
        alike = named is not None and named == name_and_birth_date(self._identity)
        return alike and same_person(identity, self._identity) is True

    def is_of_other(self, resource: Resource, addresses: Addresses) -> bool:
        """Whether a resource names Patients, and none of them is the person."""
        verdicts = {self._names(reference, resource, addresses) for reference in subjects(resource)}
        return False in verdicts and True not in verdicts

    def _accept(self, patient: Resource) -> None:
        self._idents.update(filter(None, (text(patient, "id"), *_linked(patient))))

    def _names(self, reference: Resource, resource: Resource, addresses: Addresses) -> bool | None:
        """None where it cannot be told, or what is named is no Patient."""
        address = text(reference, "reference")
        if address is None:
            return self._has(element(reference, "identifier"))
        if address.startswith("#"):
            return self._is_contained(address[1:], resource)
        if address in addresses:
            return addresses[address]
        ident = _ident(address)
        return None if ident is None else ident in self._idents

    def _is_contained(self, ident: str, resource: Resource) -> bool | None:
        inner = next((patient for patient in contained(resource, "Patient") if text(patient, "id") == ident), None)
        return None if inner is None else same_person(identity_of(inner), self._identity)

    def _has(self, identifier: Resource) -> bool | None:
        """A number of the person, another one of the same kind, or one that says nothing."""
        system = (text(identifier, "system") or "").removeprefix("urn:oid:")
        values = {value for known, value in self._identity.identifiers if system and known == system}
        return text(identifier, "value") in values if values else None


def subjects(resource: Resource) -> Iterator[Resource]:
    """The references by which a resource may name its Patient."""
    for name in SUBJECTS:
        yield from elements(resource, name)
    name, inner = NESTED.get(text(resource, "resourceType") or "", ("", ""))
    yield from (element(part, inner) for part in elements(resource, name))


def replacements(patient: Resource) -> list[str]:
    """The ids of the Patients that are to be used in place of this one."""
    links = (link for link in elements(patient, "link") if text(link, "type") == "replaced-by")
    return sorted(_others(links))


def _linked(patient: Resource) -> set[str]:
    """The ids of the Patients that are the same person (`Patient.link`, whatever its type)."""
    return _others(elements(patient, "link"))


def _others(links: Iterable[Resource]) -> set[str]:
    addresses = (text(link, "other", "reference") for link in links)
    return {ident for address in addresses if address and (ident := _ident(address))}


def _ident(address: str) -> str | None:
    """The id in a relative, absolute or versioned reference to a Patient."""
    match = _PATIENT.fullmatch(address)
    return match[1] if match else None
