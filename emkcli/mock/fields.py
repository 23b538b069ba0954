"""Bodies and parameters read strictly: unknown names, missing ones and wrong shapes are named, values never echoed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emkcli.mock.problems import Problem, invalid

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from emkcli.mock.exchange import Call

_RULES = {"extra_forbidden": "unknown", "missing": "required"}


def json_object(call: Call) -> dict[str, Any]:
    """The body as a JSON object; an empty body is an empty object."""
    if not call.request.body:
        return {}
    try:
        value = json.loads(call.request.body)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Problem("invalid_input", "not_json")
    return value


def checked(value: dict[str, Any], body: str) -> dict[str, Any]:
    """The value, when it is a body of that name in `bodies`: every name known, the required ones there, each fit.

    To JSON Schema 1.0 is a whole number, and so it is here.
    """
    from pydantic import ValidationError

    from emkcli.mock import bodies

    value = {name: int(part) if isinstance(part, float) and part.is_integer() else part for name, part in value.items()}
    model: type[bodies.Body] = getattr(bodies, body)
    try:
        model.model_validate(value)
    except ValidationError as misfit:
        raise _problem([(str(error["loc"][0]), _rule(error)) for error in misfit.errors(include_input=False)]) from None
    return value


def _rule(error: ErrorDetails) -> str:
    return _RULES.get(error["type"], "format") if len(error["loc"]) == 1 else "format"


def _problem(errors: list[tuple[str, str]]) -> Problem:
    """Unknown names first, then what is missing, then what does not fit; each field once."""
    ordered = sorted(dict(errors).items(), key=lambda field: ("unknown", "required", "format").index(field[1]))
    violations = [{"field": name, "rule": rule} for name, rule in ordered]
    return Problem("invalid_input", "invalid_field", names={"field": ordered[0][0]}, fields=violations)


def body(call: Call, name: str) -> dict[str, Any]:
    """The request's body as one of `bodies`; there must be something in it."""
    value = checked(json_object(call), name)
    if not value:
        raise Problem("invalid_input", "empty_body")
    return value


def form(call: Call) -> dict[str, str]:
    """A form-encoded body; the first value of a name counts."""
    from emkcli.mock.exchange import pairs

    return dict(reversed(pairs(call.request.body.decode("utf-8", "replace"))))


def page(call: Call, items: list[Any], person: dict[str, str] | None = None) -> dict[str, Any]:
    """The part of a list that `page_size` and `cursor` ask for, in the shape of every list."""
    size = _number(call, "page_size", 50, 1, 200)
    start = _number(call, "cursor", 0, 0, 10**9)
    following = str(start + size) if start + size < len(items) else None
    return {"person": person, "items": items[start : start + size], "total": len(items), "next": following}


def _number(call: Call, name: str, default: int, low: int, high: int) -> int:
    raw = call.request.param(name)
    if raw is None:
        return default
    if not raw.isascii() or not raw.isdigit() or not low <= int(raw) <= high:
        raise invalid(name, f"{low}..{high}")
    return int(raw)
