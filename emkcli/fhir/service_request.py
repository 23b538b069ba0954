"""ServiceRequest ↔ referrals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from emkcli import models
from emkcli.fhir.building import code_among, codeable, dated, filled
from emkcli.fhir.elements import Resource, coding, element, when
from emkcli.fhir.graph import Node
from emkcli.fhir.references import fhir_id
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_OCCURRENCE = ("occurrenceDateTime", "occurrencePeriod", "occurrenceTiming")
_STATUSES = re.compile("draft|active|on-hold|revoked|completed|entered-in-error|unknown")


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Referral]:
    """One referral, by the service asked for."""
    shared = scene.fields(resource, node, ("authoredOn", *_OCCURRENCE), "requester")
    first = coding(element(resource, "code"))
    yield models.Referral(
        **shared,
        code=first.code,
        display=first.display,
        reason=scene.reasons(resource),
        planned_for=when(resource, *_OCCURRENCE),
    )


def to_fhir(record: models.Referral, context: WriteContext) -> Resource:
    """A document orders what it refers to."""
    requester, role = context.parties.requester(record)
    return filled(
        resourceType="ServiceRequest",
        id=fhir_id(record.id),
        contained=role,
        doNotPerform=True if record.status == "prohibited" else None,
        status=code_among(_STATUSES, record.status, "unknown"),
        intent="order",
        code=codeable(record.display, record.code),
        subject=context.subject,
        **dated("authoredOn", record.date, record.date_text),
        **dated("occurrenceDateTime", record.planned_for),
        requester=requester,
        reasonCode=[codeable(record.reason)] if record.reason else None,
    )
