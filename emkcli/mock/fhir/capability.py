"""What the server can do, told as a CapabilityStatement made from the same tables that do it."""

from __future__ import annotations

from typing import Any

from emkcli.mock.fhir.kinds import KINDS, Kind

_DATE = "2026-01-01"


def capability(base_url: str) -> dict[str, Any]:
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _DATE,
        "kind": "instance",
        "software": {"name": "emk mock"},
        "implementation": {"description": "Invented medical records for trying emk", "url": base_url},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{"mode": "server", "resource": [_resource(name, kind) for name, kind in KINDS.items()]}],
    }


def _resource(name: str, kind: Kind) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "type": name,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "versioned",
        "searchParam": [{"name": param, "type": sort} for param, sort in kind.parameters.items()],
    }
    includes = [f"{name}:{param}" for param in kind.references]
    revincludes = [
        f"{source}:{param}"
        for source, source_kind in KINDS.items()
        for param in source_kind.references
        if param in _NAMES.get(name, ())
    ]
    shape |= {"searchInclude": includes} if includes else {}
    shape |= {"searchRevInclude": revincludes} if revincludes else {}
    if name == "Patient":
        definition = "http://hl7.org/fhir/OperationDefinition/Patient-everything"
        shape["operation"] = [{"name": "everything", "definition": definition}]
    return shape


_NAMES = {
    "Patient": ("patient", "subject"),
    "Encounter": ("encounter",),
    "Condition": ("diagnosis",),
    "Specimen": ("specimen",),
    "Observation": ("result", "reaction"),
    "Composition": ("related",),
    "Organization": ("organization", "service-provider", "custodian", "performer", "source"),
    "Practitioner": ("practitioner", "performer", "requester", "recorder", "author", "agent", "results-interpreter"),
}

