"""AllergyIntolerance ↔ allergies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from emkcli import models
from emkcli.fhir.building import UNKNOWN, codeable_or_unknown, coded_among, dated, filled
from emkcli.fhir.condition import statuses
from emkcli.fhir.elements import Resource, coding, element, label
from emkcli.fhir.graph import Node
from emkcli.fhir.references import fhir_id
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_TERMS = "http://terminology.hl7.org/CodeSystem/"
_CLINICAL = re.compile("active|inactive|resolved")
_VERIFICATION = re.compile("unconfirmed|confirmed|refuted|entered-in-error")
_DATES = ("onsetDateTime", "onsetPeriod", "recordedDate", "lastOccurrence")


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Allergy]:
    """One allergy, by what causes it."""
    shared = scene.fields(resource, node, _DATES, "recorder", "asserter")
    first = coding(element(resource, "code"))
    yield models.Allergy(
        **shared | statuses(resource),
        code=first.code,
        display=first.display or label(element(resource, "reaction", "substance")),
    )


def to_fhir(record: models.Allergy, context: WriteContext) -> Resource:
    """Whether it is active R4 wants to be told, also where nobody said it."""
    stated = record.clinical_status, record.status
    verified = record.verification_status, record.status
    recorder, role = context.parties.recorder(record)
    return filled(
        resourceType="AllergyIntolerance",
        id=fhir_id(record.id),
        contained=role,
        clinicalStatus=coded_among(_CLINICAL, _TERMS + "allergyintolerance-clinical", *stated) or UNKNOWN,
        verificationStatus=coded_among(_VERIFICATION, _TERMS + "allergyintolerance-verification", *verified),
        code=codeable_or_unknown(record.display, record.code),
        patient=context.subject,
        **dated("recordedDate", record.date, record.date_text),
        recorder=recorder,
    )
