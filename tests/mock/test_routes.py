"""The document and the router name the same operations; no request, however odd, breaks the application."""

from __future__ import annotations

import pytest

from emkcli.mock import router
from emkcli.mock.router import ROUTES, Route

from .checking import document
from .person import Person

_METHODS = ("get", "put", "post", "patch", "delete")


def test_every_operation_has_a_handler_and_every_handler_an_operation() -> None:
    declared = {
        (method.upper(), path) for path, known in document()["paths"].items() for method in known if method in _METHODS
    }
    portal = {(route.method, route.path) for route in ROUTES if not route.path.startswith(("/fhir/", "/mock/"))}
    assert portal == declared
    assert all(callable(route.load()) for route in ROUTES)


def test_operations_open_to_everybody_are_those_the_document_names() -> None:
    for route in ROUTES:
        if not route.path.startswith(("/fhir/", "/mock/")):
            operation = document()["paths"][route.path][route.method.lower()]
            assert (operation.get("security") == []) == (route.access == router.OPEN), route.path


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
        response.json()
