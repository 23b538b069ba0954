"""Resources as JSON bytes; decimals keep every digit (`5.40` stays `5.40`)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def _encode() -> Callable[[Any], bytes]:
    import msgspec  # slow to load, and only a server that seeds needs it

    return msgspec.json.Encoder(decimal_format="number").encode


def dumps(resource: Any) -> bytes:
    """A resource as compact UTF-8 JSON."""
    return _encode()(resource)
