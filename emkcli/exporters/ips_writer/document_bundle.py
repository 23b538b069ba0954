"""The document Bundle without its entries."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from emkcli.clinical.dates import moscow
from emkcli.exporters.export_job import ExportJob
from emkcli.fhir import Resource
from emkcli.locale import language

_PROFILE = "http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips"
_DEMO = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}


def head(job: ExportJob) -> Resource:
    """What a Bundle says before its entries; every document is one of its own."""
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [_PROFILE], **({"security": [_DEMO]} if job.envelope.get("demo") else {})},
        "language": language(),
        "identifier": {"system": "urn:ietf:rfc:3986", "value": uuid4().urn},
        "type": "document",
        "timestamp": datetime.now(moscow()).isoformat(timespec="seconds"),
    }
