"""Resources as JSON bytes; decimals keep every digit (`5.40` stays `5.40`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from decimal import Decimal
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def _encode() -> Callable[[Any], bytes]:
    import msgspec  # slow to load, and only a server that seeds needs it

    return msgspec.json.Encoder(decimal_format="number").encode


def dumps(resource: Any) -> bytes:
    """A resource as compact UTF-8 JSON."""
    return _encode()(resource)


_SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}


def subset(content: bytes, elements: Collection[str]) -> bytes:
    """Of a resource only these elements and what is always there, marked as a part of it."""
    resource = json.loads(content, parse_float=Decimal)
    part = {name: value for name, value in resource.items() if name in {"resourceType", "id", "meta", *elements}}
    meta = part.get("meta", {})
    return dumps(part | {"meta": meta | {"tag": [*meta.get("tag", []), _SUBSETTED]}})
