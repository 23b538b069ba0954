"""What the header of a document says of people, clinics and care (HL7 CDA R2 with the extensions of the Ministry of Health)."""

from __future__ import annotations

from typing import Annotated

from emkcli.models.elements import Coding, Model, shown


class Address(Model):
    use: Annotated[str | None, "whether it is that of registration, of residence, …, in the source's words"] = None
    text: Annotated[str | None, "the address as one line, as written"] = None
    region: Annotated[str | None, "the region (субъект РФ) in words"] = None
    postal_code: Annotated[str | None, "postal code"] = None
    fias_object: Annotated[str | None, "number of the street or place in the register of addresses (ФИАС)"] = None
    fias_house: Annotated[str | None, "number of the house there"] = None


class IdentityDocument(Model):
    """A passport, a policy, or what entitles somebody to something."""

    type: Annotated[str | None, "what it is, in the source's words"] = None
    policy_type: Annotated[str | None, "of a policy: its kind"] = None
    series: Annotated[str | None, "series, as written"] = None
    number: Annotated[str | None, "number, as written"] = None
    issued_by: Annotated[str | None, "who issued it"] = None
    department_code: Annotated[str | None, "code of the department that issued it"] = None
    issued_on: Annotated[str | None, "when it was issued (ISO 8601)"] = None
    inn: Annotated[str | None, "ИНН of who issued it"] = None
    starts_on: Annotated[str | None, "first day it is valid (ISO 8601)"] = None
    ends_on: Annotated[str | None, "last day it is valid (ISO 8601)"] = None

    def __repr__(self) -> str:
        return shown(self, but={"series", "number"})


class Organization(Model):
    name: Annotated[str | None, "name as the document wrote it"] = None
    ids: Annotated[list[str], "its OID, its number in a register, its licence: root^extension"] = []
    ogrn: Annotated[str | None, "ОГРН or ОГРНИП"] = None
    okpo: Annotated[str | None, "ОКПО"] = None
    okato: Annotated[str | None, "ОКАТО"] = None
    contacts: Annotated[list[str], "telephone, e-mail and other contacts, as URIs"] = []
    addresses: Annotated[list[Address], "addresses"] = []


class Participant(Model):
    """Somebody who had to do with a document, and how."""

    role: Annotated[
        str,
        "author, legal_authenticator, authenticator, custodian, recipient, referrer, payer, guardian, informant, "
        "performer, provider, subject, or the code of CDA",
    ]
    name: Annotated[str | None, "name as the document wrote it"] = None
    relation: Annotated[str | None, "position, relation to the patient, or source of payment, in words"] = None
    sex: Annotated[str | None, "sex, in the source's words"] = None
    birth_date: Annotated[str | None, "date of birth (ISO 8601)"] = None
    specialty: Annotated[str | None, "specialty in the source's words"] = None
    at: Annotated[str | None, "when they wrote or signed (ISO 8601)"] = None
    ids: Annotated[list[str], "what the clinic knows them by: root^extension"] = []
    snils: Annotated[str | None, "СНИЛС as the document wrote it"] = None
    contacts: Annotated[list[str], "telephone, e-mail and other contacts, as URIs"] = []
    addresses: Annotated[list[Address], "addresses"] = []
    documents: Annotated[
        list[IdentityDocument], "what they are known by or entitled by: passport, policy, contract"
    ] = []
    organization: Annotated[Organization | None, "for whom they act"] = None

    def __repr__(self) -> str:
        return shown(self, but={"snils"})


class Encounter(Model):
    """The case of care that a document belongs to (FHIR Encounter; CDA encompassingEncounter)."""

    ids: Annotated[list[str], "numbers of the case: root^extension"] = []
    record_type: Annotated[str | None, "type of the medical card it stands in"] = None
    record_kind: Annotated[str | None, "kind of that card"] = None
    record_number: Annotated[str | None, "number of that card"] = None
    outcome: Annotated[str | None, "how it ended, in words"] = None
    starts_at: Annotated[str | None, "when it began (ISO 8601)"] = None
    ends_at: Annotated[str | None, "when it ended (ISO 8601)"] = None
    place: Annotated[str | None, "where, by its name"] = None


class ServiceEvent(Model):
    """What the document is the protocol of (CDA serviceEvent)."""

    code: Annotated[Coding | None, "what was done"] = None
    form: Annotated[str | None, "form of care: planned, urgent, …"] = None
    type: Annotated[str | None, "kind of care"] = None
    conditions: Annotated[str | None, "conditions of care: as an outpatient, in hospital, …"] = None
    starts_at: Annotated[str | None, "when it began (ISO 8601)"] = None
    ends_at: Annotated[str | None, "when it ended (ISO 8601)"] = None


class Order(Model):
    """What a document answers (CDA inFulfillmentOf)."""

    ids: Annotated[list[str], "numbers of the referral, at the clinic and in the register: root^extension"] = []
    type: Annotated[str | None, "kind of the referral, in words"] = None
