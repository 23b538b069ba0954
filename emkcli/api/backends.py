"""A backend is a recipe, name → Client: which implementation stands behind each port.

Third parties add recipes through the entry-point group `emkcli.backends`: a callable that takes a `Setup` and returns
a `Client`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.api.client import Client
from emkcli.api.recipes import BUILT_IN
from emkcli.config.settings import LARGEST_RESPONSE, RETRIES
from emkcli.locale import _
from emkcli.security.redact import Learn, ignore

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from emkcli.api.auth import TokenStore


@dataclass(frozen=True)
class Setup:
    """What a recipe may need: the settings of one profile, and ways to what lies outside the client."""

    store: Callable[[str, bool], TokenStore]
    """Opens the token store of an address; the second argument says whether the server is a demo."""
    open_mock: Callable[[], Any]
    """Gives the embedded mock, a WSGI application with `close()`."""
    mock_address: str = "mock:"
    """What the session of the embedded mock is filed under."""
    url: str | None = None
    """The server's base address, without a slash at its end; https, or plain http on this machine and where `allow_http` has it."""
    person: str | None = None
    """Whose card is read when a call names nobody: `--person`."""
    timeout: float = 30.0
    """Seconds for each request as a whole."""
    retries: int = RETRIES
    """How often a request that may be repeated is, after the first time."""
    largest: int = LARGEST_RESPONSE
    """Bytes that one answer may have, unpacked."""
    notice: Callable[[str], None] = lambda text: None
    """Tells a person something that is no error, such as a check that could not be made."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What programs that are run inherit."""
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The settings of single backends: table, then name, then value."""
    redirect_uri: str = "http://127.0.0.1/callback"
    """Where a browser comes back to after a login, as it is registered at the provider."""
    language: str = "en"
    """en or ru, sent as `Accept-Language`: in which language the server explains a refusal."""
    ca_bundle: str | None = None
    """A file of certificates (PEM or DER) trusted beside the system's, for the host of `url` only."""
    allow_http: Collection[str] = ()
    """Hosts beside this machine, `HOST` or `HOST:PORT`, where backend http may speak plain http to a mock."""
    trace: Callable[[str], None] | None = None
    """Takes one line per request: method, path without query, status, milliseconds."""
    learn: Learn = ignore
    """Is told, by name, what is sent, received and stored; remembers the secrets among it, so that none is ever said."""
    client_id: str | None = None
    """How a login provider knows this program."""
    scope: str | None = None
    """OAuth scopes, separated by spaces, instead of the backend's own."""
    issuer: str | None = None
    """The login provider, where it is not the server itself."""


Recipe = Callable[[Setup], Client]
"""What an entry point of the group `emkcli.backends` is: it takes the setup and gives the client of its backend."""


def names() -> list[str]:
    """Every backend there is, the built-in ones first."""
    from importlib.metadata import entry_points

    return [*BUILT_IN, *sorted(e.name for e in entry_points(group="emkcli.backends") if e.name not in BUILT_IN)]


def recipe(name: str) -> Recipe:
    """The recipe of a name.

    :raises Usage: there is none; the hint names those there are (2).
    :raises Unsupported: the package that brings it cannot be loaded (11).
    """
    # a package cannot take the place of a backend that a person believes to know
    if name in BUILT_IN:
        return BUILT_IN[name]
    from importlib.metadata import entry_points

    for entry in entry_points(group="emkcli.backends", name=name):
        return _loaded(entry)
    raise errors.Usage(
        _("There is no backend {name}.").format(name=name),
        hint=_("one of: {names}").format(names=", ".join([*names(), "local"])),
    )


def _loaded(entry: EntryPoint) -> Recipe:
    try:
        loaded: Recipe = entry.load()
    except Exception as broken:  # a module of others may raise anything while it is imported
        package = entry.dist.name if entry.dist else entry.module
        raise errors.Unsupported(
            _("Backend {backend} of the package {package} cannot be loaded ({kind}).").format(
                backend=entry.name, package=package, kind=type(broken).__name__
            ),
            hint=f"pip install --upgrade {package}",
        ) from broken
    return loaded
