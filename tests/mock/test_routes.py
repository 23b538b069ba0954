"""The documents and the router name the same operations; no request, however odd, breaks the application."""

from __future__ import annotations

import json
import re

import pytest
from openapi_spec_validator import validate

from emkcli.mock import router
from emkcli.mock.router import ROUTES, Route

from .checking import LOGINS, PORTAL, document
from .person import Person

_METHODS = ("get", "put", "post", "patch", "delete")
CONTROLLED: list[dict[str, list[str]]] = [{}, {"controlToken": []}]
"""Open on loopback, and to who has the control token."""


OPERATIONS = {
    (method.upper(), path): operation
    for name in (PORTAL, LOGINS)
    for path, known in document(name)["paths"].items()
    for method, operation in known.items()
    if method in _METHODS
}
REMOVE_TENANT = ("DELETE", "/t/{name}")
"""Beside the routes of a mock: what `tenants` answers about one."""


def test_every_operation_has_a_handler_and_every_handler_an_operation() -> None:
    assert {(route.method, route.path) for route in ROUTES} | {REMOVE_TENANT} == set(OPERATIONS)
    assert len(ROUTES) + 1 == len(OPERATIONS) == len({operation["operationId"] for operation in OPERATIONS.values()})
    assert all(callable(route.load()) for route in ROUTES)


def test_operations_open_to_everybody_are_those_the_documents_name() -> None:
    of_portal = document(PORTAL)["paths"]
    for route in ROUTES:
        security = OPERATIONS[route.method, route.path].get("security") if route.path in of_portal else []
        assert (security == [] or security == CONTROLLED) == (route.access == router.OPEN), route.path
        assert (security == CONTROLLED) == route.path.startswith("/mock/"), route.path


def test_the_documents_are_valid() -> None:
    for name in (PORTAL, LOGINS):
        validate(document(name))


def test_no_description_is_cut_in_two_by_a_comma() -> None:
    """In braces, what follows a comma of plain words is a name of its own without a value."""

    def without_value(node: object, where: str) -> list[str]:
        if isinstance(node, dict):
            return [found for name, value in node.items() for found in without_value(value, f"{where}/{name}")]
        if isinstance(node, list):
            return [found for number, value in enumerate(node) for found in without_value(value, f"{where}/{number}")]
        return [where] if node is None else []

    assert [found for name in (PORTAL, LOGINS) for found in without_value(document(name), name)] == []


def test_every_schema_is_of_use_and_every_list_says_of_what() -> None:
    text = json.dumps(document(PORTAL))
    schemas = document(PORTAL)["components"]["schemas"]
    assert [name for name in schemas if f'"#/components/schemas/{name}"' not in text] == []
    assert re.findall(r'"type": "array"(?!, "minItems": 1, "items"|, "items")', text) == []


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_odd_requests_are_refused_in_order(someone: Person, route: Route) -> None:
    someone.seeded("activated" if route.path.startswith("/fhir") else "verified")
    path = route.path.replace("{type}", "Observation").replace("{part}", "selfie").replace("{id}", "нет%00")
    inner = someone.checking.inner
    someone.http._transport = inner  # what is sent here breaks the document on purpose
    for body in (b"", b"[]", b"\xff\x00", b'{"nothing": 1}', b'{"kind": "prescription", "medicine": "\\ud800"}'):
        response = someone.http.request(
            route.method, path, content=body, params={"person": "x", "cursor": "-", "_count": "y", "patient": "&"}
        )
        assert response.status_code < 500
        if response.headers["content-type"] not in ("text/html; charset=utf-8", "application/jsonl"):
            response.json()
