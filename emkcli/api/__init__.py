"""The scriptable client: no command line, no printing, no keyring.

.. code-block:: python

    from emkcli.api import CardQuery, connect

    with connect("http", url="http://127.0.0.1:8080", token="…") as client:
        for result in client.card.labs(CardQuery(since="2026-01-01")):
            print(result.collected_at, result.analyte, result.value, result.unit)

A script on a person's own machine uses what `emk login` and `emk card import` left there:

.. code-block:: python

    with connect(profile="default") as client:
        ...
    with connect("local") as client:
        ...

What comes back are the models of `emkcli.models`, here also as `models`. Errors are those of `emkcli.errors`; what a backend
cannot do raises `errors.Unsupported`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emkcli import models as models
    from emkcli.api.auth import InMemory as InMemory
    from emkcli.api.auth import Session as Session
    from emkcli.api.auth import TokenStore as TokenStore
    from emkcli.api.client import Client as Client
    from emkcli.api.ports import CardQuery as CardQuery
    from emkcli.api.ports import Items as Items

__all__ = ["CardQuery", "Client", "InMemory", "Items", "Session", "TokenStore", "connect", "models"]

HOMES = {
    "CardQuery": "ports",
    "Client": "client",
    "InMemory": "auth",
    "Items": "ports",
    "Session": "auth",
    "TokenStore": "auth",
}


def __getattr__(name: str) -> Any:
    if name == "models":
        return import_module("emkcli.models")
    if name not in HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"emkcli.api.{HOMES[name]}"), name)


def connect(
    backend: str | None = None,
    *,
    url: str | None = None,
    token: str | None = None,
    refresh_token: str | None = None,
    store: TokenStore | None = None,
    person: str | None = None,
    timeout: float | None = None,
    retries: int = 3,
    language: str | None = None,
    state: str = ":memory:",
    ca_bundle: str | None = None,
    client_id: str | None = None,
    scope: str | None = None,
    issuer: str | None = None,
    redirect_uri: str | None = None,
    tables: Mapping[str, Mapping[str, Any]] | None = None,
    allow_http: Collection[str] = (),
    notice: Callable[[str], None] = lambda text: None,
    profile: str | None = None,
    home: str | None = None,
) -> Client:
    """A client for a backend; close it, or use it in a `with`, and everything it opened is closed.

    Without a profile nothing is read from this machine: no settings, no variables, no session. With one, arguments count
    before `EMK_…` variables and these before the profile, as for the program, and the session that `emk login` stored is
    used and renewed where it lies. Nobody is ever asked anything.

    :param backend: mock (without a profile also where none is named), http, fhir, gosuslugi, local, or the name of an entry
        point of the group `emkcli.backends`. local is the documents that `emk card import` stored with the last synced copy
        of a server: it belongs to a profile, that of `EMK_PROFILE` or default where none is named.
    :param url: the server's base address; https, or plain http on this machine and where `allow_http` has it.
    :param token: a ready access token; without any tokens log in with `client.identity` and `client.session.begin`.
    :param refresh_token: renews the session where there is no access token or the server takes it no longer.
    :param store: where the session is kept, instead of in memory or where the profile keeps it; what is in it is used.
    :param person: whose card is read when a call names nobody.
    :param timeout: seconds for each request as a whole, its retries included; 30 where nobody says otherwise.
    :param retries: how often a read, or a change that the server recognises, is sent again; 0 for never.
    :param language: en or ru: in which language the server explains a refusal; en where nobody says otherwise.
    :param state: the file of the embedded mock, or `:memory:`; with a profile it is the profile's home that has it.
    :param ca_bundle: a file of certificates (PEM or DER) trusted beside the system's, for the host of `url` only.
    :param client_id: how an OpenID or SMART provider knows this program.
    :param scope: OAuth scopes, separated by spaces, instead of the backend's own.
    :param issuer: the login provider, where it is not the server itself.
    :param redirect_uri: where a browser comes back to after a login; `http://127.0.0.1/callback` on its own.
    :param tables: settings of one backend, such as `{"esia": {"certificate": "…"}}`, named as in `emk help backends`.
    :param allow_http: hosts beside this machine, `HOST` or `HOST:PORT`, where the backend `http` may use plain http: to a mock in
        another container, say. Whoever is on the way reads and changes everything, a `token` too.
    :param notice: takes a sentence that is no error, such as that a session lies in a plain file.
    :param profile: a profile of `emk`: its settings and its session.
    :param home: the directory with the profiles, instead of `EMK_HOME`.
    :returns: `Client`. Nothing is sent yet, save that `http` asks a server on this machine or a host of `allow_http` whether it
        is a demo.
    :raises Usage: there is no such backend, it needs an address, a setting is malformed (`timeout` is over 0 and at most 3600,
        `retries` a whole number of 0 or more, `tables` a mapping, `allow_http` a list of texts), `store` and tokens exclude each
        other, or plain http leads to a machine that is not in `allow_http` or is no demo (2).
    :raises InvalidInput: the file of certificates, or the file of the profiles, cannot be read (2).
    :raises NotFound: local, and nothing was imported or synced (3).
    :raises NoSecretStorage: local, and the key of the card cannot be had without asking somebody (4).
    :raises Unsupported: the package that brings the backend cannot be loaded (11).
    :raises Storage: a file of the profile is damaged, or another user's (13).
    """
    _check(timeout, retries, tables, allow_http)
    kept = _store(token, refresh_token, store)
    if profile or home or backend == "local":
        return _of_profile(
            {
                "profile": profile,
                "backend": backend,
                "url": url,
                "person": person,
                "timeout": timeout,
                "lang": language,
                "ca_bundle": ca_bundle,
                "client_id": client_id,
                "scope": scope,
                "issuer": issuer,
                "redirect_uri": redirect_uri,
                "allow_http": ",".join(allow_http) or None,
            },
            home=home,
            store=kept,
            retries=retries,
            tables=tables or {},
            notice=notice,
        )
    import os

    from emkcli.api.auth import InMemory
    from emkcli.api.backends import Setup, recipe

    def open_mock() -> Any:
        application = import_module("emkcli.mock.application")
        return application.open_mock(state)

    in_force = kept or InMemory()
    setup = Setup(
        store=lambda address, demo: in_force,
        open_mock=open_mock,
        url=url,
        person=person,
        timeout=30.0 if timeout is None else timeout,
        retries=retries,
        language=language or "en",
        ca_bundle=ca_bundle,
        client_id=client_id,
        scope=scope,
        issuer=issuer,
        redirect_uri=redirect_uri or Setup.redirect_uri,
        tables=tables or {},
        allow_http=allow_http,
        notice=notice,
        environment=os.environ,
    )
    return recipe(backend or "mock")(setup)


def _check(timeout: Any, retries: Any, tables: Any, allow_http: Any) -> None:
    """Refuse at once what would only fail at the first call, or be taken for something else."""
    from emkcli import errors
    from emkcli.locale import _

    is_number = isinstance(timeout, int | float) and not isinstance(timeout, bool)
    if timeout is not None and not (is_number and 0 < timeout <= 3600):
        raise errors.Usage("timeout: " + _("seconds between 0 and 3600"))
    if not isinstance(retries, int) or isinstance(retries, bool) or retries < 0:
        raise errors.Usage("retries: " + _("a whole number, 0 or more"))
    if tables is not None and not (
        isinstance(tables, Mapping) and all(isinstance(t, Mapping) for t in tables.values())
    ):
        raise errors.Usage("tables: " + _("a mapping of names to mappings"))
    is_list = isinstance(allow_http, Collection) and not isinstance(allow_http, str | bytes)
    if not is_list or not all(isinstance(host, str) for host in allow_http):
        raise errors.Usage("allow_http: " + _("a list of hosts"))


def _store(token: str | None, refresh_token: str | None, store: TokenStore | None) -> TokenStore | None:
    """Where the session lies that the arguments name; None where they name none."""
    if not (token or refresh_token):
        return store
    if store is not None:
        from emkcli import errors
        from emkcli.locale import _

        raise errors.Usage(_("A store has tokens of its own: give either a store or tokens."))
    from emkcli.api.auth import InMemory
    from emkcli.models import Tokens

    return InMemory(Tokens(access_token=token or "", refresh_token=refresh_token))


def _of_profile(arguments: Mapping[str, Any], **options: Any) -> Client:
    """What knows of profiles, sessions and local cards stands above the client, and is loaded for those who want it."""
    client: Client = import_module("emkcli.profile_client").connect(arguments, **options)
    return client
