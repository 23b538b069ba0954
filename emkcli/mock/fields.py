"""Bodies and parameters read strictly: unknown names, missing ones and wrong shapes are named, values never echoed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from emkcli.mock.problems import Problem, invalid

if TYPE_CHECKING:
    from emkcli.mock.exchange import Call

Check = Callable[[Any], bool]
PHONE, SNILS = r"\+79\d{9}", r"\d{3}-\d{3}-\d{3} \d{2}"


def string(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= 1000


def nullable(value: Any) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= 1000)


def matching(pattern: str) -> Check:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def one_of(*words: str) -> Check:
    return lambda value: value in words


def a_date(value: Any) -> bool:
    from datetime import date

    try:
        return len(value) == 10 and bool(date.fromisoformat(value))
    except (TypeError, ValueError):
        return False


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


def checked(value: dict[str, Any], checks: dict[str, Check], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """The same value, when every name is known, the required ones are there and each passes its check."""
    broken = [(name, "unknown") for name in value if name not in checks]
    broken += [(name, "required") for name in required if name not in value]
    broken += [(name, "format") for name, check in checks.items() if name in value and not check(value[name])]
    if broken:
        found = [{"field": name, "rule": rule} for name, rule in broken]
        raise Problem("invalid_input", "invalid_field", names={"field": broken[0][0]}, fields=found)
    return value


def body(call: Call, checks: dict[str, Check], required: tuple[str, ...] = ()) -> dict[str, Any]:
    value = checked(json_object(call), checks, required)
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
