"""What the server can do, told as a CapabilityStatement made from the same tables that do it."""

from __future__ import annotations

from typing import Any

from emkcli.mock.fhir.kinds import KINDS, TARGETS, Kind

_DATE = "2026-01-01"
_SMART = "http://fhir-registry.smarthealthit.org/StructureDefinition/"
_BULK = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/"
_OPERATIONS = {
    "everything": "http://hl7.org/fhir/OperationDefinition/Patient-everything",
    "summary": "http://hl7.org/fhir/uv/ips/OperationDefinition/summary",
    "export": _BULK + "patient-export",
}


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
        "implementationGuide": ["http://hl7.org/fhir/uv/ips/ImplementationGuide/hl7.fhir.uv.ips"],
        "rest": [
            {
                "mode": "server",
                "security": _security(base_url),
                "resource": [_resource(name, kind) for name, kind in KINDS.items()],
                "operation": [{"name": "export", "definition": _BULK + "export"}],
            }
        ],
    }


def _security(base_url: str) -> dict[str, Any]:
    """Where a program logs in (SMART App Launch, as its first version says it)."""
    place = base_url.removesuffix("/fhir/R4") + "/oauth2/"
    addresses = [{"url": name, "valueUri": place + name} for name in ("authorize", "token", "revoke")]
    coding = {"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR"}
    return {
        "cors": True,
        "service": [{"coding": [coding]}],
        "extension": [{"url": _SMART + "oauth-uris", "extension": addresses}],
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
        if param in TARGETS.get(name, ())
    ]
    shape |= {"searchInclude": includes} if includes else {}
    shape |= {"searchRevInclude": revincludes} if revincludes else {}
    if name == "Patient":
        shape["operation"] = [{"name": name, "definition": definition} for name, definition in _OPERATIONS.items()]
    return shape
