"""The documents and the router name the same operations; no request, however odd, breaks the application."""

from __future__ import annotations

import pytest
from openapi_spec_validator import validate

from emkcli.mock import router
from emkcli.mock.router import ROUTES, Route

from .checking import LOGINS, PORTAL, document
from .person import Person

_METHODS = ("get", "put", "post", "patch", "delete")


OPERATIONS = {
    (method.upper(), path): operation
    for name in (PORTAL, LOGINS)
    for path, known in document(name)["paths"].items()
    for method, operation in known.items()
    if method in _METHODS
}
DOCUMENTED = [
    route for route in ROUTES if "/.well-known/" in route.path or not route.path.startswith(("/fhir/", "/mock/"))
]


def test_every_operation_has_a_handler_and_every_handler_an_operation() -> None:
    assert {(route.method, route.path) for route in DOCUMENTED} == set(OPERATIONS)
    assert len(DOCUMENTED) == len(OPERATIONS)
    assert all(callable(route.load()) for route in ROUTES)


def test_operations_open_to_everybody_are_those_the_documents_name() -> None:
    of_portal = document(PORTAL)["paths"]
    for route in DOCUMENTED:
        open_to_all = route.path not in of_portal or OPERATIONS[route.method, route.path].get("security") == []
        assert open_to_all == (route.access == router.OPEN), route.path


def test_the_documents_are_valid() -> None:
    for name in (PORTAL, LOGINS):
        validate(document(name))


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
