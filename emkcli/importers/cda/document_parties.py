"""Who had to do with a document, where, and within which case of care: everything that its header says of that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emkcli import models
from emkcli.importers.cda.addresses import address
from emkcli.importers.cda.document_header import SNILS, full_name, shown
from emkcli.importers.cda.times import iso, time_in
from emkcli.importers.cda.tree import Element, H, child, children, code_of, coded, get, identifier, local, named, words
from emkcli.models.document_parties import (
    Address,
    Encounter,
    IdentityDocument,
    Order,
    Organization,
    Participant,
    ServiceEvent,
)

_PARTIES = (
    ("author", ("author", "assignedAuthor")),
    ("data_enterer", ("dataEnterer", "assignedEntity")),
    ("informant", ("informant", "assignedEntity")),
    ("informant", ("informant", "relatedEntity")),
    ("custodian", ("custodian", "assignedCustodian")),
    ("recipient", ("informationRecipient", "intendedRecipient")),
    ("legal_authenticator", ("legalAuthenticator", "assignedEntity")),
    ("authenticator", ("authenticator", "assignedEntity")),
    ("performer", ("documentationOf", "serviceEvent", "performer", "assignedEntity")),
    ("guardian", ("recordTarget", "patientRole", "patient", "guardian")),
    ("provider", ("recordTarget", "patientRole")),
)
"""Role → where the header has those who play it."""
_ROLES = {"IND": "payer", "REF": "referrer"}
"""What the ministry uses the types of other participants for."""
_ORGANIZATIONS = tuple(
    H + name
    for name in (
        "representedOrganization",
        "representedCustodianOrganization",
        "receivedOrganization",
        "scopingOrganization",
        "providerOrganization",
        "guardianOrganization",
    )
)
_PEOPLE = tuple(
    H + name
    for name in (
        "assignedPerson",
        "associatedPerson",
        "informationRecipient",
        "guardianPerson",
        "relatedPerson",
        "subject",
    )
)
_DOCUMENTS = ("IdentityDoc", "AuthorityDoc", "InsurancePolicy", "DocInfo")


def participants(root: Element) -> list[Participant]:
    """In the order of their roles; the place where the patient is registered is a participant too."""
    listed = [participant for role, path in _PARTIES for participant in _played(root, role, path)]
    others = (
        _participant(entity, _ROLES.get(get(element, "typeCode") or "", get(element, "typeCode") or "participant"))
        for element in children(root, "participant")
        for entity in children(element, "associatedEntity")
    )
    subjects = (_participant(related, "subject") for related in root.iter(f"{H}relatedSubject"))
    return [*listed, *others, *subjects]


def _played(root: Element, role: str, path: tuple[str, ...]) -> Iterator[Participant]:
    for element in children(root, *path):
        if role != "provider":
            yield _participant(element, role)
        elif organization := _organization(child(element, "providerOrganization")):
            yield Participant(role=role, organization=organization)


def _participant(element: Element, role: str) -> Participant:
    parent = element.getparent()
    person = _first(element, _PEOPLE)
    return Participant(
        role=role,
        name=shown(full_name(child(person, "name"))),
        sex=coded(child(person, "administrativeGenderCode")).name,
        birth_date=time_in(child(person, "birthTime")).iso,
        relation=code_of(element).name,
        specialty=coded(child(parent, "functionCode")).name,
        at=time_in(child(parent, "time")).iso,
        ids=ids(element),
        snils=snils_of(element),
        contacts=contacts(element),
        addresses=addresses(element),
        documents=documents(element),
        organization=_organization(_first(element, _ORGANIZATIONS)),
    )


def _first(element: Element, tags: Iterable[str]) -> Element | None:
    return next(element.iterchildren(*tags), None)


def subject(element: Element) -> Participant | None:
    """Whom a section or a statement is about, where that is not the patient."""
    related = child(element, "subject", "relatedSubject")
    return _participant(related, "subject") if related is not None else None


def snils_of(element: Element | None) -> str | None:
    """As it was written; None where it was masked."""
    return next((shown(get(one, "extension")) for one in children(element, "id") if get(one, "root") == SNILS), None)


def ids(element: Element | None) -> list[str]:
    """Without the СНИЛС, which has a place of its own, and without what was masked."""
    idents = (
        one for one in children(element, "id") if get(one, "root") != SNILS and shown(get(one, "extension") or "-")
    )
    return [name for one in idents if (name := identifier(one))]


def contacts(element: Element | None) -> list[str]:
    """`tel:`, `mailto:` and others, as sent."""
    return [value for telecom in children(element, "telecom") if (value := get(telecom, "value"))]


def addresses(element: Element | None) -> list[Address]:
    return list(filter(None, map(address, children(element, "addr"))))


def documents(element: Element | None) -> list[IdentityDocument]:
    """Passports, policies and what entitles to something."""
    own = (inner for inner in (element if element is not None else ()) if local(inner) in _DOCUMENTS)
    return [found for found in map(_document, own) if found != IdentityDocument()]


def _document(element: Element) -> IdentityDocument:
    is_policy = local(element) == "InsurancePolicy"
    kind = named(element, "IdentityCardType", "IdentityCardTypeId", "IdentityDocType")
    policy, validity = coded(named(element, "InsurancePolicyType")), named(element, "effectiveTime", "effectivetime")
    return IdentityDocument(
        type=policy.name if is_policy else coded(kind).name,
        policy_type=None if is_policy else policy.name,
        series=shown(words(named(element, "Series"))),
        number=shown(words(named(element, "Number"))),
        issued_by=words(named(element, "IssueOrgName")),
        department_code=words(named(element, "IssueOrgCode")),
        issued_on=iso(get(named(element, "IssueDate"), "value")),
        inn=words(named(element, "INN")),
        starts_on=iso(get(named(validity, "low"), "value")),
        ends_on=iso(get(named(validity, "high"), "value")),
    )


def _organization(element: Element | None) -> Organization | None:
    if element is None:
        return None
    props = named(element, "Props")
    found = Organization(
        name=words(child(element, "name")),
        ids=ids(element),
        ogrn=words(named(props, "Ogrn")) or words(named(props, "Ogrnip")),
        okpo=words(named(props, "Okpo")),
        okato=words(named(props, "Okato")),
        contacts=contacts(element),
        addresses=addresses(element),
    )
    return None if found == Organization() else found


def encounter(root: Element) -> Encounter | None:
    """The case of care, and the medical card that it stands in."""
    element = child(root, "componentOf", "encompassingEncounter")
    if element is None:
        return None
    starts_at, ends_at = _bounds(element)
    found = Encounter(
        ids=ids(element),
        record_type=code_of(element).name,
        record_kind=coded(named(element, "DocType")).name,
        record_number=words(named(element, "DocNumber")),
        outcome=coded(child(element, "dischargeDispositionCode")).name,
        starts_at=starts_at,
        ends_at=ends_at,
        place=_place(child(element, "location", "healthCareFacility")),
    )
    return None if found == Encounter() else found


def _place(facility: Element | None) -> str | None:
    """The clinic, else the ward; by its number where that is all there is."""
    names = (child(facility, "serviceProviderOrganization", "name"), child(facility, "location", "name"))
    return next(filter(None, (shown(words(name)) for name in names)), None) or identifier(child(facility, "id"))


def services(root: Element) -> list[ServiceEvent]:
    events = map(_service, children(root, "documentationOf", "serviceEvent"))
    return [event for event in events if event != ServiceEvent()]


def _service(element: Element) -> ServiceEvent:
    code = code_of(element)
    starts_at, ends_at = _bounds(element)
    return ServiceEvent(
        code=models.Coding(code=code.code, system=code.uri, display=code.name) if code.code or code.name else None,
        form=coded(named(element, "serviceForm")).name,
        type=coded(named(element, "serviceType")).name,
        conditions=coded(named(element, "serviceCond")).name,
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _bounds(element: Element) -> tuple[str | None, str | None]:
    time = child(element, "effectiveTime")
    begin = get(child(time, "low"), "value") or get(time, "value")
    return iso(begin), iso(get(child(time, "high"), "value"))


def orders(root: Element) -> list[Order]:
    """Referrals that the document answers."""
    found = (Order(ids=ids(order), type=code_of(order).name) for order in children(root, "inFulfillmentOf", "order"))
    return [order for order in found if order != Order()]
