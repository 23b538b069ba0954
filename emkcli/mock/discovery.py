"""What this server says of itself."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from emkcli.mock.exchange import Call, Reply, answer


def discovery(call: Call) -> Reply:
    base = call.request.base
    return answer(
        {"name": "emk mock", "api_version": "1", "demo": True, "fhir": "/fhir/R4", "openapi": f"{base}/openapi.json"}
        | ({"tenants": call.request.tenants} if call.request.tenants else {})
    )


def health(call: Call) -> Reply:
    """The state can be written: every answer is a transaction of it."""
    return answer({"status": "ok"})


def openapi(call: Call) -> Reply:
    """The document, with where it is served as its server: a tenant's client stays with its tenant."""
    return answer(_document() | {"servers": [{"url": call.request.base}]})


@cache
def _document() -> dict[str, Any]:
    import yaml

    text = Path(__file__).with_name("openapi.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document
