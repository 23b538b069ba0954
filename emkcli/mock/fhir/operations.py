"""The parameters of an operation: in the address, in a form, or in a Parameters resource."""

from __future__ import annotations

import json

from emkcli.mock.fhir.bundle import Params
from emkcli.mock.fhir.failure import FhirError

_FORM = "application/x-www-form-urlencoded"
_JSON = ("application/fhir+json", "application/json")


def parameters(content_type: str, body: bytes) -> Params:
    """What the body of a POST says; an empty one says nothing."""
    if not body.strip():
        return []
    if content_type == _FORM:
        from emkcli.mock.exchange import pairs

        return pairs(body.decode("utf-8", "replace"))
    if content_type in _JSON:
        return _named(body)
    raise FhirError(400, "not-supported", f"the body must be one of: {', '.join((_FORM, *_JSON))}")


def _named(body: bytes) -> Params:
    """`parameter: [{name, value[x]}]`, with values of simple types only."""
    try:
        resource = json.loads(body)
        json.dumps(resource, ensure_ascii=False).encode()  # half a surrogate pair is no text
        if resource["resourceType"] != "Parameters":
            raise ValueError
        return [(str(one["name"]), _value(one)) for one in resource.get("parameter", [])]
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        raise FhirError(400, "structure", "the body is no Parameters resource with simple values") from None


def _value(parameter: dict[str, object]) -> str:
    [value] = (value for name, value in parameter.items() if name.startswith("value"))
    if isinstance(value, dict | list | None):
        raise ValueError
    return str(value).lower() if isinstance(value, bool) else str(value)
