"""Names: the ids of imported records, ids and references of FHIR, and the numbers of a document as Identifiers."""

from __future__ import annotations

import re
from hashlib import sha256

from emkcli.fhir.elements import Resource

OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+")
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")


def stable_id(*parts: str) -> str:
    """The id of an imported record: short, and the same whenever the same document is read."""
    return "i-" + sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def is_id(name: str) -> bool:
    """Whether FHIR allows it as an id."""
    return bool(_ID.fullmatch(name))


def fhir_id(name: str) -> str:
    """A name as FHIR allows an id: as it is, with its marks as hyphens, or one made of it."""
    plain = re.sub(r"[#^]", "-", name)
    return plain if is_id(plain) else stable_id(name)


def reference(kind: str, name: str) -> Resource:
    """A Reference to the resource made of a record."""
    return {"reference": f"{kind}/{fhir_id(name)}"}


def inner_reference(resource: Resource) -> Resource:
    """A Reference to a contained resource."""
    return {"reference": f"#{resource['id']}"}


def identifiers(name: str) -> list[Resource]:
    """`root^extension` of a document, or the OID of a clinic, as an Identifier; none for a name that is neither."""
    root, _mark, extension = name.partition("^")
    if not OID.fullmatch(root):
        return []
    if extension:
        return [{"system": f"urn:oid:{root}", "value": extension}]
    return [{"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{root}"}]
