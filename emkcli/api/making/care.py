"""Visits, diagnoses, medicines and the rest of care → the resources of R4 that stand for them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from emkcli import models
from emkcli.api.making.elements import (
    UNKNOWN,
    amount,
    coded,
    concept,
    filled,
    ident,
    moment,
    narrative,
    notes,
    reference,
    stated,
)
from emkcli.api.making.parties import Parties
from emkcli.api.mapping.elements import Resource
from emkcli.api.mapping.encounters import is_preventive

_TERMS = "http://terminology.hl7.org/CodeSystem/"
_CLINICAL = re.compile("active|recurrence|relapse|inactive|remission|resolved")
_STAGES = {"предварит": "provisional", "заключит": "confirmed"}
"""How sure a diagnosis is: the directory of stages (…11.1076) → R4."""
_ORDERS = {"active": "active", "expired": "active", "dispensed": "completed", "cancelled": "cancelled"}
_REQUESTS = re.compile("draft|active|on-hold|revoked|completed|entered-in-error|unknown")
_ENCOUNTERS = re.compile("planned|arrived|triaged|in-progress|onleave|finished|cancelled|entered-in-error")


def visit(record: models.Visit, diagnoses: Sequence[models.Diagnosis], parties: Parties) -> Resource:
    """Its diagnoses are those of the document with the same code; what was found and advised is its narrative."""
    codes = {one.code for one in record.diagnoses if one.code}
    found = [{"condition": reference("Condition", one.id)} for one in diagnoses if one.code in codes]
    return filled(
        **_encounter(record, parties),
        text=narrative(record.date_text, record.reason, record.conclusion, record.recommendations),
        reasonCode=[concept(record.reason)] if record.reason else None,
        diagnosis=found,
    )


def prevention(record: models.Prevention, parties: Parties) -> Resource:
    """R4 tells a check-up from a visit by words alone: where the document's own do not, its kind of service does."""
    told = (record.type, record.health_group, record.conclusion, *record.recommendations, record.next_due)
    made = filled(
        **_encounter(record, parties),
        text=narrative(record.date_text, *told),
        type=[concept(record.type)] if record.type else None,
    )
    return made if is_preventive(made) else {**made, "serviceType": {"text": "Профилактический осмотр"}}


def diagnosis(record: models.Diagnosis, parties: Parties) -> Resource:
    status = record.status or ""
    clinical = coded(_TERMS + "condition-clinical", status) if _CLINICAL.fullmatch(status) else None
    stage = next((code for word, code in _STAGES.items() if word in status.casefold()), None)
    sure = {**coded(_TERMS + "condition-ver-status", stage), "text": status} if stage else None
    return filled(
        resourceType="Condition",
        id=ident(record.id),
        clinicalStatus=clinical,
        verificationStatus=sure,
        category=[concept(record.type)] if record.type else None,
        code=stated(record.display, record.code, record.system),
        subject=parties.subject,
        recordedDate=moment(record.date),
        recorder=parties.doctor(record),
        note=notes(record.date_text, None if clinical or sure else status),
    )


def allergy(record: models.Allergy, parties: Parties) -> Resource:
    """Whether it is active R4 wants to be told, also where nobody said it."""
    status = record.status or ""
    return filled(
        resourceType="AllergyIntolerance",
        id=ident(record.id),
        clinicalStatus=coded(_TERMS + "allergyintolerance-clinical", status)
        if status in ("active", "inactive", "resolved")
        else UNKNOWN,
        code=stated(record.display, record.code),
        patient=parties.subject,
        recordedDate=moment(record.date),
        recorder=parties.doctor(record),
        note=notes(record.date_text),
    )


def prescription(record: models.Prescription, parties: Parties) -> Resource:
    """A dose or a quantity that is no amount is told with the instructions, or as a note."""
    dose, quantity = amount(record.dose), amount(record.quantity)
    words = "; ".join(filter(None, (None if dose else record.dose, record.instructions)))
    medicine = filled(
        resourceType="Medication", id="medicine", code=concept(record.medicine), form=concept(record.form)
    )
    return filled(
        resourceType="MedicationRequest",
        id=ident(record.id),
        contained=[medicine] if record.form else None,
        groupIdentifier=filled(value=record.number),
        status=_ORDERS.get(record.status or "", "unknown"),
        intent="order",
        medicationCodeableConcept=None if record.form else stated(record.medicine),
        medicationReference={"reference": "#medicine"} if record.form else None,
        subject=parties.subject,
        authoredOn=moment(record.date),
        requester=parties.doctor(record) or parties.clinic(record),
        dosageInstruction=_dosage(words, dose),
        dispenseRequest=filled(
            quantity=quantity,
            validityPeriod=filled(end=moment(record.expires_on)),
            performer=parties.clinic(record) if record.doctor else None,
        ),
        note=notes(record.date_text, None if quantity else record.quantity),
    )


def vaccination(record: models.Vaccination, parties: Parties) -> Resource:
    when = moment(record.date)
    maker = filled(resourceType="Organization", id="maker", name=record.manufacturer)
    return filled(
        resourceType="Immunization",
        id=ident(record.id),
        contained=[maker] if record.manufacturer else None,
        status=record.status if record.status in ("entered-in-error", "not-done") else "completed",
        vaccineCode=stated(record.vaccine),
        patient=parties.subject,
        occurrenceDateTime=when,
        occurrenceString=None if when else record.date_text,
        _occurrenceDateTime=None if when or record.date_text else UNKNOWN,
        lotNumber=record.lot,
        manufacturer={"reference": "#maker"} if record.manufacturer else None,
        performer=[{"actor": one} for one in parties.all(record)],
        reaction=[{"detail": {"display": record.reaction}}] if record.reaction else None,
        protocolApplied=_protocol(record),
    )


def referral(record: models.Referral, parties: Parties) -> Resource:
    return filled(
        resourceType="ServiceRequest",
        id=ident(record.id),
        status=_status(record.status, _REQUESTS, "unknown"),
        intent="order",
        code=concept(record.display, record.code),
        subject=parties.subject,
        authoredOn=moment(record.date),
        requester=parties.doctor(record) or parties.clinic(record),
        note=notes(record.date_text),
    )


def _encounter(record: models.Visit | models.Prevention, parties: Parties) -> Resource:
    """Whether it was at the clinic, at home or a stay is not in the record."""
    seen_by = parties.doctor(record)
    return filled(
        resourceType="Encounter",
        id=ident(record.id),
        status=_status(record.status, _ENCOUNTERS, "finished"),
        **{"class": UNKNOWN},
        subject=parties.subject,
        participant=[{"individual": seen_by}] if seen_by else None,
        period=filled(start=moment(record.date)),
        serviceProvider=parties.clinic(record),
    )


def _status(status: str | None, known: re.Pattern[str], other: str) -> str:
    """As the document has it where R4 knows the word."""
    return status if status and known.fullmatch(status) else other


def _dosage(words: str, dose: Resource | None) -> list[Resource]:
    found = filled(text=words, doseAndRate=[{"doseQuantity": dose}] if dose else None)
    return [found] if found else []


def _protocol(record: models.Vaccination) -> list[Resource]:
    """R4 wants the number of a dose wherever it is told what the dose is against."""
    if not (record.infections or record.dose_number):
        return []
    number = {"doseNumberString": record.dose_number} if record.dose_number else {"_doseNumberString": UNKNOWN}
    return [filled(targetDisease=[concept(one) for one in record.infections if one], **number)]
