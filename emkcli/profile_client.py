"""A client for a profile of this machine: its settings, its stored session, its local cards; the program's and a script's."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from emkcli import locale
from emkcli.api import backends
from emkcli.api.client import Client
from emkcli.config import ownership
from emkcli.config.places import Places
from emkcli.config.private_files import private_directory
from emkcli.config.settings import RETRIES, parse_setting, resolve_settings
from emkcli.security.redact import Learn, ignore

if TYPE_CHECKING:
    from emkcli.api.auth import TokenStore
    from emkcli.config.settings import Settings
    from emkcli.localcard.profile_cards import LocalCards


def client(settings: Settings, cards: LocalCards, setup: Callable[[], backends.Setup], *, offline: bool) -> Client:
    """What the settings name: a copy on this machine, or a backend that is asked."""
    if settings.backend == "local":
        return cards.local()
    if offline:
        return cards.offline()
    return backends.recipe(settings.backend)(setup())


def setup(
    settings: Settings,
    places: Places,
    store: Callable[[str, bool], TokenStore],
    *,
    language: str,
    notice: Callable[[str], None],
    learn: Learn,
    trace: Callable[[str], None] | None = None,
    retries: int = RETRIES,
) -> backends.Setup:
    """What a recipe gets of a profile."""
    return backends.Setup(
        store=store,
        open_mock=partial(_open_mock, places, notice),
        mock_address=f"mock:{places.state}".encode("utf-8", "backslashreplace").decode(),
        url=settings.url,
        person=settings.person,
        notice=notice,
        environment=child_environment(settings),
        tables=settings.tables,
        redirect_uri=settings.redirect_uri,
        timeout=settings.timeout,
        retries=retries,
        largest=settings.limits_response,
        language=language,
        ca_bundle=settings.ca_bundle,
        allow_http=(settings.allow_http or "").split(","),
        trace=trace,
        learn=learn,
        client_id=settings.client_id,
        scope=settings.scope,
        issuer=settings.issuer,
    )


def child_environment(settings: Settings) -> dict[str, str]:
    """What a program we run inherits: profile, backend and address, and where the control token of a mock lies."""
    said = {"EMK_URL": settings.url, "EMK_CONTROL_TOKEN_FILE": settings.control_token_file}
    always = {"EMK_PROFILE": settings.profile, "EMK_BACKEND": settings.backend}
    return always | {name: value for name, value in said.items() if value}


def _open_mock(places: Places, notice: Callable[[str], None]) -> Any:
    """The embedded mock's WSGI application on this home's state."""
    from emkcli.mock.application import open_mock

    state = private_directory(places.state) / "mock.sqlite3"
    with suppress(FileNotFoundError):
        ownership.keep_private(state)
    return open_mock(state, notice=notice)


def connect(
    arguments: Mapping[str, Any],
    *,
    home: str | None,
    store: TokenStore | None,
    retries: int,
    tables: Mapping[str, Mapping[str, Any]],
    notice: Callable[[str], None],
) -> Client:
    """The client of `emkcli.api.connect` for a profile: nobody is asked anything, and nothing is printed.

    :param arguments: settings by their names, which count before the environment and the profile; None is none.
    :param home: instead of `EMK_HOME`.
    :param store: instead of the place where the profile keeps its session.
    :param tables: settings of single backends, instead of the profile's.
    """
    from emkcli.config.config_file import ConfigFile
    from emkcli.localcard.profile_cards import LocalCards
    from emkcli.security.credentials import Credentials

    environ = os.environ | ({"EMK_HOME": home} if home else {})
    places = Places.from_environment(environ)
    ownership.adopt(places.config if environ.get("EMK_HOME") else None)
    ownership.narrow_from_now(notice)
    settings = resolve_settings(_parsed(arguments), environ, ConfigFile(places.config_file).profiles())
    if tables:
        settings = replace(settings, tables={**settings.tables, **tables})
    credentials = Credentials(settings, places, environ, lambda: None, None, notice, ignore)
    closers: list[Callable[[], None]] = []
    cards = LocalCards(places, lambda: settings, lambda: credentials, closers.append)

    def close() -> None:
        while closers:
            closers.pop()()

    prepared = partial(
        setup,
        settings,
        places,
        (lambda address, demo: store) if store else credentials.store,
        language=settings.lang or locale.from_environment(environ),
        notice=notice,
        learn=ignore,
        retries=retries,
    )
    try:
        opened = client(settings, cards, prepared, offline=False)
    except BaseException:
        close()
        raise
    opened.on_close(close)
    return opened


def _parsed(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: parse_setting(name, str(value), "connect()") for name, value in arguments.items() if value is not None
    }
