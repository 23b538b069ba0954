"""JSON as text: keys in order, nothing a terminal could obey, nothing the stream cannot encode."""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any, TextIO

from emkcli.presentation import terminal
from emkcli.security.safe_text import UNSAFE

ESCAPES = "emk.json"


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
