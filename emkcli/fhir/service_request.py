"""ServiceRequest ↔ referrals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from emkcli import models
from emkcli.fhir.building import UNKNOWN, code_among, codeable, dated, filled
from emkcli.fhir.elements import Resource, coding, element, original_text, when
from emkcli.fhir.graph import Node
from emkcli.fhir.references import fhir_id
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_AUTHORED = frozenset({"authoredOn", "_authoredOn"})
_OCCURRENCE = ("occurrenceDateTime", "occurrencePeriod", "occurrenceTiming")
_STATUSES = re.compile("draft|active|on-hold|revoked|completed|entered-in-error|unknown")


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Referral]:
    """One referral, by the service asked for."""
    dates = _OCCURRENCE if _AUTHORED.isdisjoint(resource) else ("authoredOn",)
    shared = scene.fields(resource, node, dates, "requester")
    first = coding(element(resource, "code"))
    yield models.Referral(
        **shared,
        code=first.code,
        display=first.display,
        reason=scene.reasons(resource),
        planned_for=when(resource, *_OCCURRENCE) or original_text(element(resource, "_occurrenceDateTime")),
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
        **_authored(record),
        **dated("occurrenceDateTime", record.planned_for),
        requester=requester,
        reasonCode=[codeable(record.reason)] if record.reason else None,
    )


def _authored(record: models.Referral) -> Resource:
    """An unknown day says so, else the one it is planned for would be taken for it."""
    authored = dated("authoredOn", record.date, record.date_text)
    return authored or filled(_authoredOn=UNKNOWN if record.planned_for else None)
