"""The person a card is about, and whether a resource says that it is about them, about somebody else, or does not tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import cached_property
from typing import Literal, TypeAlias

from emkcli.fhir.elements import Resource, element, elements, text
from emkcli.fhir.identity import SNILS, Identity, digits, is_name_of, name_and_birth_date, same_person
from emkcli.fhir.patient import identity_of

PERSONS = ("subject", "patient", "beneficiary", "candidate", "individual", "for")
"""The elements by which R4's types name their Patient (the compartment of a Patient)."""
_OTHERS = ("actor", "deliverTo", "target")
"""Of a Schedule, a SupplyRequest and a Provenance: places and records stand there as well."""
SUBJECTS = (*PERSONS, *_OTHERS)
NESTED = {
    "Appointment": ("participant", "actor"),
    "AuditEvent": ("entity", "what"),
    "Person": ("link", "target"),
}
"""Types that name it deeper inside. Who reads a card, the agent of an AuditEvent, may be a Patient as well: the reader is
not whom the event is about."""
_ADDRESS = re.compile(r"(?:(?P<base>.*)/)?Patient/(?P<id>[A-Za-z0-9.\-]{1,64})(?:/_history/.*)?")
_CONDITIONAL = re.compile(r"Patient\?identifier=(?:(?P<system>[^|&]*)\|)?(?P<value>[^&]+)")
_GROUP = re.compile(r"(?:.*/)?Group/[A-Za-z0-9.\-]{1,64}(?:/_history/.*)?")
_ADDRESSED = re.compile(r"#|(?:.*/)?(?:Patient|Group)[/?]|urn:")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
Addresses: TypeAlias = Mapping[str, bool]
"""Addresses of the Patients that came along → whether they are the person."""
Whose: TypeAlias = Literal["own", "other", "untold", "nobody"]
"""`other`: of somebody else, or of a group; `untold`: of somebody of whom it cannot be told who that is; `nobody`: no person
is named."""


class Owner:
    """`patients` are the states of the person's Patient as far as they are known, `addresses` what else names the person;
    `bases` gives the addresses of the servers that name them by relative ones."""

    def __init__(
        self,
        patients: Iterable[Resource],
        addresses: Iterable[str] = (),
        bases: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self._idents: set[str] = set()
        self._told_bases = bases
        self._addresses = set(addresses)
        self._identities: list[Identity] = []
        self._named_as: list[Identity] = []
        self._idents.update(filter(None, map(self._ident_here, self._addresses)))
        for patient in patients:
            self._identities.append(identity_of(patient))
            self._named_as += [identity_of({"name": [name]}) for name in elements(patient, "name")]
            self._accept(patient)

    @cached_property
    def _bases(self) -> set[str]:
        return {_bare(base) for base in self._told_bases()}

    def is_own(self, patient: Resource) -> bool:
        """Whether a Patient is the person: by id, by a link from one to the other, or by name and birth date; the ids are
        remembered."""
        ident, identity = text(patient, "id"), identity_of(patient)
        if ident is None:
            return all(same_person(identity, own) is not False for own in self._identities)
        is_linked = ident in self._idents or not self._idents.isdisjoint(map(_ident, _linked(patient)))
        if not is_linked and not self._is_alike(identity):
            return False
        self._accept(patient)
        return True

    def is_of_other(self, resource: Resource, addresses: Addresses, base: str | None = None) -> bool:
        """Whether a resource names people, and none of them is the person."""
        return self.whose(resource, addresses, base) == "other"

    def whose(self, resource: Resource, addresses: Addresses, base: str | None = None) -> Whose:
        """Whose a resource is by all that it names; `base` is where it came from itself."""
        verdicts = {self._named(reference, resource, addresses, base) for reference in subjects(resource)}
        return next((whose for whose in _BY_WEIGHT if whose in verdicts), "nobody")

    def _is_alike(self, identity: Identity) -> bool:
        named = name_and_birth_date(identity)
        return named is not None and any(
            named == name_and_birth_date(own) and same_person(identity, own) is True for own in self._identities
        )

    def _accept(self, patient: Resource) -> None:
        linked = _linked(patient)
        self._addresses.update(linked)
        self._idents.update(filter(None, (text(patient, "id"), *map(self._ident_here, linked))))

    def _named(self, reference: Resource, resource: Resource, addresses: Addresses, base: str | None) -> Whose:
        address = text(reference, "reference")
        if address is None:
            return self._by_words(reference)
        if address.startswith("#"):
            return self._by_contained(address[1:], resource)
        bare = address.partition("/_history/")[0]
        if bare in addresses:
            return "own" if addresses[bare] else "other"
        return self._by_address(bare, base)

    def _by_address(self, address: str, base: str | None) -> Whose:
        if address in self._addresses:
            return "own"
        if named := _ADDRESS.fullmatch(address):
            return "own" if named["id"] in self._idents and self._is_here(named["base"], base) else "other"
        if searched := _CONDITIONAL.fullmatch(address):
            return self._by_number(searched["system"], searched["value"])
        return "other" if _GROUP.fullmatch(address) else "nobody"

    def _is_here(self, named: str | None, base: str | None) -> bool:
        """Whether an id is one of the server that the card is from; another server's equal id is another person's."""
        if not named:
            return True
        return _bare(named) in self._bases or (base is not None and _bare(named) == _bare(base))

    def _ident_here(self, address: str) -> str | None:
        named = _ADDRESS.fullmatch(address)
        return named["id"] if named and self._is_here(named["base"], None) else None

    def _by_contained(self, ident: str, resource: Resource) -> Whose:
        inner = next((one for one in elements(resource, "contained") if text(one, "id") == ident), None)
        if inner is None or text(inner, "resourceType") != "Patient":
            return "other" if inner and text(inner, "resourceType") == "Group" else "nobody"
        identity = identity_of(inner)
        verdicts = {same_person(identity, own) for own in self._identities}
        if False in verdicts or True in verdicts:
            return "other" if False in verdicts else "own"
        return self._by_name(identity.name) if identity.name or identity.identifiers else "nobody"

    def _by_words(self, reference: Resource) -> Whose:
        """A number or a name in place of an address."""
        kind = text(reference, "type")
        if kind not in (None, "Patient"):
            return "other" if kind == "Group" else "nobody"
        number, display = element(reference, "identifier"), text(reference, "display")
        if text(number, "value") is None and display is None:
            return "nobody"
        by_number = self._by_number(text(number, "system"), text(number, "value"))
        return by_number if by_number != "untold" else self._by_name(display)

    def _by_number(self, system: str | None, value: str | None) -> Whose:
        """A number of the person, another one of the same kind, or one that says nothing."""
        bare = (system or "").removeprefix("urn:oid:")
        own = {
            _number(known, number)
            for identity in self._identities
            for known, number in identity.identifiers
            if bare and (known == bare or {known, bare} <= SNILS)
        }
        if not own or value is None:
            return "untold"
        return "own" if _number(bare, value) in own else "other"

    def _by_name(self, written: str | None) -> Whose:
        """By any of the names that the person has or had."""
        verdicts = {is_name_of(written, named) for named in self._named_as} if written else set()
        if True in verdicts:
            return "own"
        return "other" if verdicts == {False} else "untold"


_BY_WEIGHT: tuple[Whose, ...] = ("own", "other", "untold")


def subjects(resource: Resource) -> Iterator[Resource]:
    """The references by which a resource may name its Patient; words in place of an address only where nobody but a person
    is named so."""
    for name in PERSONS:
        if name in resource:
            yield from elements(resource, name)
    yield from (
        reference for reference in _participants(resource) if _ADDRESSED.match(text(reference, "reference") or "")
    )


def _participants(resource: Resource) -> Iterator[Resource]:
    for name in _OTHERS:
        if name in resource:
            yield from elements(resource, name)
    if nested := NESTED.get(text(resource, "resourceType") or ""):
        name, inner = nested
        yield from (element(part, inner) for part in elements(resource, name))


def replacements(patient: Resource) -> list[str]:
    """The ids of the Patients that are to be used in place of this one."""
    links = (link for link in elements(patient, "link") if text(link, "type") == "replaced-by")
    return sorted(filter(None, map(_ident, _others(links))))


def _bare(base: str) -> str:
    """The address of a server, as it is the same through a proxy that ends TLS."""
    return _SCHEME.sub("", base).rstrip("/").lower()


def base_of(address: str | None, kind: str) -> str | None:
    """The server of a full address of a resource of a type."""
    base, mark, ident = (address or "").rpartition(f"/{kind}/")
    return base if mark and "/" not in ident and _SCHEME.match(base) else None


def is_patient(address: str) -> bool:
    """Whether it is the address of a Patient, as far as it tells what it names."""
    return _ADDRESS.fullmatch(address) is not None


def _linked(patient: Resource) -> Set[str]:
    """The addresses of the Patients that are the same person (`Patient.link`, whatever its type)."""
    return _others(elements(patient, "link"))


def _others(links: Iterable[Resource]) -> set[str]:
    addresses = (text(link, "other", "reference") for link in links)
    return {address.partition("/_history/")[0] for address in addresses if address and _ident(address)}


def _ident(address: str) -> str | None:
    """The id in a relative, absolute or versioned reference to a Patient."""
    match = _ADDRESS.fullmatch(address)
    return match["id"] if match else None


def _number(system: str, value: str) -> str:
    """A number as it is compared: that of СНИЛС is written with and without its marks."""
    return digits(value) if system in SNILS else value
