"""The scriptable client: no command line, no printing, no keyring.

    from emkcli.api import CardQuery, connect

    with connect("http", url="http://127.0.0.1:8080", token="…") as client:
        for result in client.card.labs(CardQuery(since="2026-01-01")):
            print(result.collected_at, result.analyte, result.value, result.unit)

What comes back are the models of `emkcli.models`, here also as `models`. Errors are those of `emkcli.errors`; what a backend
cannot do raises `errors.Unsupported`.
"""

from __future__ import annotations

from collections.abc import Mapping
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
) -> Client:
    """A client for `backend`; close it, or use it in a `with`.

    `token` is a ready access token; without one `client.identity` and `client.session` log in, and the session lives as
    long as the client. `state` is the embedded mock's file. `ca_bundle` is a PEM file trusted for the host of `url` only;
    `client_id`, `scope`, `issuer` and `redirect_uri` serve a login at an OpenID or SMART provider; `tables` are settings of one backend,
    such as `{"esia": {"certificate": "…"}}`, with the names of `emk help backends`.
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
        environment=os.environ,
    )
    return recipe(backend)(setup)
