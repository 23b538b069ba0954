"""/mock/fhir/*: a record changes as a clinic would change it: amended, or taken out again."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from emkcli.mock import fhir, fields
from emkcli.mock.clock import iso
from emkcli.mock.control import local
from emkcli.mock.exchange import Call, Reply, answer
from emkcli.mock.problems import Problem, invalid


@local
def amend(call: Call) -> Reply:
    """A merge patch (RFC 7396): the resource gets a new version, updated now."""
    patch = fields.json_object(call)
    try:
        old = json.loads(fhir.read(call.db, call.args["type"], call.args["id"]), parse_float=Decimal)
        version = str(int(old["meta"]["versionId"]) + 1)
        identity = {name: old[name] for name in ("resourceType", "id")}
        meta = {"meta": old["meta"] | {"versionId": version, "lastUpdated": iso(call.now)}}
        fhir.put_all(call.db, [_merged(old, patch) | identity | meta])
    except fhir.FhirError as error:
        raise Problem("not_found" if error.status == 404 else "invalid_input", detail=error.diagnostics) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise invalid("resource", "format") from error
    return answer(identity | {"version": version})


@local
def delete(call: Call) -> Reply:
    """Taken out for good, as if it had never been there."""
    try:
        fhir.remove(call.db, call.args["type"], call.args["id"])
    except fhir.FhirError as error:
        raise Problem("not_found", detail=error.diagnostics) from error
    return answer({"deleted": f"{call.args['type']}/{call.args['id']}"})


def _merged(old: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    base = old if isinstance(old, dict) else {}
    changed = {name: _merged(base.get(name), value) for name, value in patch.items() if value is not None}
    return {name: value for name, value in base.items() if name not in patch} | changed
