"""The scriptable client: no command line, no printing, no keyring.

.. code-block:: python

    from emkcli.api import CardQuery, connect

    with connect("http", url="http://127.0.0.1:8080", token="…") as client:
        for result in client.card.labs(CardQuery(since="2026-01-01")):
            print(result.collected_at, result.analyte, result.value, result.unit)

What comes back are the models of `emkcli.models`, here also as `models`. Errors are those of `emkcli.errors`; what a backend
cannot do raises `errors.Unsupported`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emkcli import models as models
    from emkcli.api.client import Client as Client
    from emkcli.api.ports import CardQuery as CardQuery
    from emkcli.api.ports import Items as Items

__all__ = ["CardQuery", "Client", "Items", "connect", "models"]

HOMES = {"CardQuery": "ports", "Client": "client", "Items": "ports"}


def __getattr__(name: str) -> Any:
    if name == "models":
        return import_module("emkcli.models")
    if name not in HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"emkcli.api.{HOMES[name]}"), name)


def connect(
    backend: str = "mock",
    *,
    url: str | None = None,
    token: str | None = None,
    person: str | None = None,
    timeout: float = 30.0,
    language: str = "en",
    state: str = ":memory:",
    ca_bundle: str | None = None,
    client_id: str | None = None,
    scope: str | None = None,
    issuer: str | None = None,
    redirect_uri: str = "http://127.0.0.1/callback",
    tables: Mapping[str, Mapping[str, Any]] | None = None,
    allow_http: Collection[str] = (),
) -> Client:
    """A client for a backend; close it, or use it in a `with`. The session lives as long as the client.

    :param backend: mock, http, fhir, gosuslugi, or the name of an entry point of the group `emkcli.backends`.
    :param url: the server's base address; https, or plain http on this machine and where `allow_http` has it.
    :param token: a ready access token; without one log in with `client.identity` and `client.session.begin`.
    :param person: whose card is read when a call names nobody.
    :param timeout: seconds for each request.
    :param language: en or ru: in which language the server explains a refusal.
    :param state: the file of the embedded mock, or `:memory:`.
    :param ca_bundle: a file of certificates (PEM or DER) trusted beside the system's, for the host of `url` only.
    :param client_id: how an OpenID or SMART provider knows this program.
    :param scope: OAuth scopes, separated by spaces, instead of the backend's own.
    :param issuer: the login provider, where it is not the server itself.
    :param redirect_uri: where a browser comes back to after a login.
    :param tables: settings of one backend, such as `{"esia": {"certificate": "…"}}`, named as in `emk help backends`.
    :param allow_http: hosts beside this machine, `HOST` or `HOST:PORT`, where the backend `http` may use plain http: to a mock in
        another container, say. Whoever is on the way reads and changes everything, a `token` too.
    :returns: `Client`. Nothing is sent yet, save that `http` asks a server on this machine or a host of `allow_http` whether it
        is a demo.
    :raises Usage: there is no such backend, it needs an address, or plain http leads to a machine that is not in `allow_http` or
        is no demo (2).
    :raises InvalidInput: the file of certificates cannot be read (2).
    :raises Unsupported: the package that brings the backend cannot be loaded (11).
    """
    import os

    from emkcli.api.auth import InMemory
    from emkcli.api.backends import Setup, recipe
    from emkcli.models import Tokens

    def open_mock() -> Any:
        application = import_module("emkcli.mock.application")
        return application.open_mock(state)

    store = InMemory(Tokens(access_token=token) if token else None)
    setup = Setup(
        store=lambda address, demo: store,
        open_mock=open_mock,
        url=url,
        person=person,
        timeout=timeout,
        language=language,
        ca_bundle=ca_bundle,
        client_id=client_id,
        scope=scope,
        issuer=issuer,
        redirect_uri=redirect_uri,
        tables=tables or {},
        allow_http=allow_http,
        environment=os.environ,
    )
    return recipe(backend)(setup)
