"""The JSON document: the envelope that says who is asked, whose data it is and when it was fetched; and JSON as text,
with nothing a terminal could obey and nothing the stream cannot encode."""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import TYPE_CHECKING, Any, TextIO

from emkcli.presentation import terminal
from emkcli.security.safe_text import UNSAFE

if TYPE_CHECKING:
    from emkcli.models import Named
    from emkcli.presentation.render.context import Context
    from emkcli.presentation.render.flow import Flow
    from emkcli.presentation.render.shape import ItemDict

SCHEMA_VERSION = 1
ESCAPES = "emk.json"


def head(kind: str, context: Context, person: Named | None = None) -> dict[str, Any]:
    """The keys before the items."""
    person = person or context.person
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": kind,
        "backend": context.backend,
        "demo": context.demo,
        "profile": context.profile,
        "person": {"id": person.id, "name": person.name} if person else None,
    }


def tail(context: Context) -> dict[str, Any]:
    """The keys after the items; warnings are read as late as this."""
    return {"fetched_at": context.fetched_at, "warnings": list(context.warnings)}


def counts(flow: Flow) -> dict[str, Any]:
    return {"total": flow.total, "truncated": flow.truncated}


def single(kind: str, item: ItemDict, context: Context, *, dry_run: bool = False) -> dict[str, Any]:
    plan = {"dry_run": True} if dry_run else {}
    return head(kind, context) | {"item": item} | plan | tail(context)


def listing(kind: str, flow: Flow, context: Context) -> dict[str, Any]:
    """The whole document of a list in memory, for `--query`."""
    above = head(kind, context, flow.person)
    items = list(flow)
    return above | {"items": items} | counts(flow) | tail(context)


def text(value: Any, stream: TextIO, *, pretty: bool = False) -> str:
    """`value` as JSON, compact or indented; characters that hide or reorder text are `\\u` escapes."""
    try:
        encoded = _encode(value, pretty)
    except ValueError:
        encoded = _encode(_finite(value), pretty)
    encoded = UNSAFE.sub(_escaped, encoded)
    if terminal.can_encode(encoded, stream):
        return encoded
    encoding = stream.encoding
    return encoded.encode(encoding, ESCAPES).decode(encoding)


def _encode(value: Any, pretty: bool) -> str:
    layout: dict[str, Any] = {"indent": 2} if pretty else {"separators": (",", ":")}
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str, **layout)


def _finite(value: Any) -> Any:
    """JSON knows neither NaN nor infinity."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]


def _unencodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error(ESCAPES, _unencodable)
