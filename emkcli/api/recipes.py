"""The recipes of the built-in backends: the mock, the emk HTTP API, any FHIR server, Gosuslugi."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from emkcli import errors
from emkcli.api.client import Client
from emkcli.config.setting_values import host_list
from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.api.auth import Session
    from emkcli.api.backends import Recipe, Setup
    from emkcli.api.oidc.identity import OpenIdentity
    from emkcli.api.oidc.provider import Provider, ProviderWires
    from emkcli.api.ports import Card, Identity
    from emkcli.api.wire import Wire

EMBEDDED = "http://mock"
PROGRAM = "emk"
"""How this program is known where nobody had to register it."""


def mock(setup: Setup) -> Client:
    """The embedded mock, in process; a login in a browser gives it an address for a while."""
    import httpx

    from emkcli.api.oidc.embedded import EmbeddedIdentity

    application = setup.open_mock()
    wire = _wire(setup, EMBEDDED, httpx.WSGITransport(app=application))
    identity = EmbeddedIdentity(wire, application, lambda url: _own_provider(setup, url, client.on_close))
    client = _portal(setup, wire, identity, setup.mock_address, demo=True)
    client.on_close(application.close)
    # last in, first out: the browser's server stops before what it serves is closed
    client.on_close(identity.close)
    return client


def http(setup: Setup) -> Client:
    """The emk HTTP API at an address, which may be an OpenID provider too."""
    from emkcli.api.oidc import provider
    from emkcli.api.oidc.gateway import GatewayIdentity

    url = _needed(setup.url)
    plain = _is_listed(setup, url)
    demo = _is_demo(setup, url, plain=plain)
    provider_wires = _provider_wires(setup, url)
    openid = _openid(
        setup, provider_wires, lambda: provider.openid(provider_wires, url), client_id=setup.client_id or PROGRAM
    )
    wire = _wire(setup, url, plain=plain)
    client = _portal(setup, wire, GatewayIdentity(wire, openid), url, demo=demo)
    client.on_close(provider_wires.close)
    return client


def fhir(setup: Setup) -> Client:
    """Any FHIR R4 server: the card alone; a SMART login where the server has one, a ready token, or none."""
    from emkcli.api.auth import BearerAuth, Session
    from emkcli.api.oidc import provider

    url = _needed(setup.url)
    provider_wires = _provider_wires(setup, url)
    identity = _openid(
        setup, provider_wires, lambda: provider.smart(provider_wires, url), client_id=setup.client_id, audience=url
    )
    session = Session(setup.store(url, False), identity.refresh, setup.learn)
    wire = _wire(setup, url).with_auth(BearerAuth(session, optional=True))
    patient = _patient(setup, session)
    client = Client(
        identity=identity, make_card=lambda: _fhir_card(wire, "", patient, setup), session=session, wire=wire
    )
    client.on_close(wire.close)
    client.on_close(provider_wires.close)
    return client


def gosuslugi(setup: Setup) -> Client:
    """ESIA for an organisation with credentials: identity and person data; without them nothing but the refusal."""
    from emkcli.api.auth import BearerAuth, Session
    from emkcli.api.esia import organisation as esia
    from emkcli.api.esia import problems, tokens
    from emkcli.api.esia.identity import EsiaIdentity
    from emkcli.api.esia.people import People
    from emkcli.api.esia.portal import EsiaAccounts, EsiaPortal

    organisation = esia.read(
        setup.tables.get("esia", {}),
        client_id=setup.client_id or "",
        redirect_uri=setup.redirect_uri,
        scope=setup.scope or esia.SCOPE,
    )
    url = setup.url or organisation.address
    public = _wire(setup, url).with_problems(problems.error_for)
    identity = EsiaIdentity(public, organisation, setup.environment, setup.notice)
    session = Session(setup.store(url, False), identity.refresh, setup.learn)
    private = public.with_auth(BearerAuth(session))
    people = People(private, lambda: session.patient() or tokens.oid_of(session.tokens().access_token))
    client = Client(
        accounts=EsiaAccounts(people, organisation),
        identity=identity,
        portal=EsiaPortal(people, organisation, setup.notice),
        session=session,
        wire=public.with_auth(BearerAuth(session, optional=True)),
        ready=organisation.require,
    )
    client.on_close(public.close)
    return client


BUILT_IN: dict[str, Recipe] = {"mock": mock, "http": http, "fhir": fhir, "gosuslugi": gosuslugi}


def _portal(setup: Setup, public: Wire, identity: Identity, address: str, *, demo: bool) -> Client:
    from emkcli.api.auth import BearerAuth, Session
    from emkcli.api.rest.accounts import RestAccounts
    from emkcli.api.rest.portal import RestPortal

    session = Session(setup.store(address, demo), identity.refresh, setup.learn)
    private = public.with_auth(BearerAuth(session))
    accounts = RestAccounts(private, public)
    owner = cache(lambda: accounts.account().id)  # a ready token does not tell whose it is
    client = Client(
        accounts=accounts,
        identity=identity,
        portal=RestPortal(private),
        make_card=lambda: _fhir_card(private, "/fhir/R4", lambda: session.patient() or owner(), setup),
        session=session,
        wire=public.with_auth(BearerAuth(session, optional=True)),
        demo=demo,
    )
    client.on_close(public.close)
    return client


def _fhir_card(wire: Wire, base: str, patient: Callable[[], str | None], setup: Setup) -> Card:
    from emkcli.api.fhir.card import FhirCard

    return FhirCard(wire, base, patient, setup.learn, setup.notice)


def _patient(setup: Setup, session: Session) -> Callable[[], str | None]:
    """Whose card it is: `--person`, or the patient of the session where there is one."""

    def patient() -> str | None:
        try:
            return setup.person or session.patient()
        except (errors.LoginRequired, errors.NoSecretStorage):
            return None

    return patient


def _openid(
    setup: Setup,
    provider_wires: ProviderWires,
    discover: Callable[[], Provider],
    *,
    client_id: str | None,
    audience: str | None = None,
) -> OpenIdentity:
    """Log in at the provider the settings name, else at the one that is discovered."""
    from emkcli.api.oidc import provider
    from emkcli.api.oidc.identity import OpenIdentity

    issuer = setup.issuer
    discovery = (lambda: provider.openid(provider_wires, issuer)) if issuer else discover
    return OpenIdentity(provider_wires, discovery, client_id=client_id, scope=setup.scope, audience=audience)


def _own_provider(setup: Setup, url: str, on_close: Callable[[Callable[[], None]], None]) -> Identity:
    """The login of the embedded mock at the address it has for now; the settings' own issuer is not its."""
    from emkcli.api.oidc import provider
    from emkcli.api.oidc.identity import OpenIdentity

    provider_wires = _provider_wires(setup, url)
    on_close(provider_wires.close)
    return OpenIdentity(provider_wires, lambda: provider.openid(provider_wires, url), client_id=PROGRAM)


def _provider_wires(setup: Setup, url: str) -> ProviderWires:
    """ProviderWires to a provider; the profile's own authorities are trusted for its own host only."""
    from dataclasses import replace

    from emkcli.api.oidc.provider import ProviderWires

    host = urlsplit(url).hostname
    # an authority trusted for one host must not vouch for the login of another
    without_bundle = replace(setup, ca_bundle=None)

    def wire(origin: str) -> Wire:
        if urlsplit(origin).hostname == host:
            return _wire(setup, origin)
        return _wire(without_bundle, origin, elsewhere=True)

    return ProviderWires(wire)


def _wire(setup: Setup, url: str, transport: Any = None, *, plain: bool = False, elsewhere: bool = False) -> Wire:
    from emkcli.api.wire import Wire

    return Wire(
        url,
        transport=transport,
        timeout=setup.timeout,
        retries=setup.retries,
        largest=setup.largest,
        language=setup.language,
        ca_bundle=setup.ca_bundle,
        plain=plain,
        elsewhere=elsewhere,
        trace=setup.trace,
        learn=setup.learn,
    )


def _needed(url: str | None) -> str:
    if url is None:
        raise errors.Usage(_("This backend needs an address."), hint="--url https://…")
    return url


def _is_listed(setup: Setup, url: str) -> bool:
    """Whether it is plain http to another machine that a person listed, with this port or any."""
    from emkcli.api.wire import LOOPBACK

    parts = urlsplit(url)
    # a name and a password would go to whoever is there before it said what it is
    if parts.scheme != "http" or parts.hostname in LOOPBACK or "@" in parts.netloc:
        return False
    try:
        listed = host_list(",".join(setup.allow_http))
    except ValueError as rule:
        raise errors.Usage(_("{setting}: {rule}").format(setting="allow_http", rule=rule)) from None
    return any(host == parts.hostname and port in (None, parts.port or 80) for host, port in listed)


def _is_demo(setup: Setup, url: str, *, plain: bool) -> bool:
    """Only a server on this machine may call itself a demo, and so have its token kept in a file, or one that is listed for
    plain http: that one has to be a demo, and is told nothing before it said so."""
    from emkcli.api.wire import LARGEST_LOGIN, LOOPBACK

    if urlsplit(url).hostname not in LOOPBACK and not plain:
        return False
    wire = _wire(setup, url, plain=plain)
    try:
        demo = wire.document("GET", "/.well-known/emk", limit=LARGEST_LOGIN).object().get("demo") is True
    except (errors.NotFound, errors.BadResponse):
        demo = False
    finally:
        wire.close()
    if plain and not demo:
        raise errors.Usage(
            _("{host} does not call itself a demo: plain http to another machine is for mocks alone.").format(
                host=urlsplit(url).hostname
            ),
            hint="emk config set url https://…",
        )
    return demo
