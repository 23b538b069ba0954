"""What the server can do, told as a CapabilityStatement made from the same tables that do it."""

from __future__ import annotations

from typing import Any

from emkcli.mock.fhir.kinds import KINDS, PATIENT_PARAMETERS, Kind

_DATE = "2026-01-01"
_BULK = "http://hl7.org/fhir/uv/bulkdata"


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
        "rest": [
            {
                "mode": "server",
                "resource": [_resource(name, kind) for name, kind in KINDS.items()],
                "operation": [{"name": "export", "definition": f"{_BULK}/OperationDefinition/export"}],
            }
        ],
    }


def _resource(name: str, kind: Kind) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "type": name,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "versioned",
        "searchParam": _parameters(kind),
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
        export = f"{_BULK}/OperationDefinition/patient-export"
        shape["operation"] = [
            {"name": "everything", "definition": definition}, {"name": "export", "definition": export},
        ]  # fmt: skip
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


def _parameters(kind: Kind) -> list[dict[str, str]]:
    typed = {"_id": "token", "_lastUpdated": "date"}
    typed |= {name: "reference" for name in PATIENT_PARAMETERS if name in kind.references}
    typed |= dict.fromkeys(kind.tokens, "token")
    typed |= dict.fromkeys(kind.date_parameters, "date")
    return [{"name": name, "type": sort} for name, sort in typed.items()]
