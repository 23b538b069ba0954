"""A provider and the wires to it: OpenID discovery, RFC 8414, SMART configuration, CapabilityStatement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

from emkcli import errors
from emkcli.api.wire import LARGEST_LOGIN, LOOPBACK, Wire
from emkcli.fhir.releases import release_of_version
from emkcli.locale import _

Document = Mapping[str, Any]
OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
URIS = {"authorize": "authorization_endpoint", "token": "token_endpoint", "revoke": "revocation_endpoint"}


class ProviderWires:
    """`make` builds the wire to an origin; a provider may keep its endpoints on several. No bearer token is on any of them."""

    def __init__(self, make: Callable[[str], Wire]) -> None:
        self._make = make
        self._wires: dict[str, Wire] = {}

    def wire(self, url: str) -> Wire:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._wires:
            self._wires[origin] = self._make(origin)
        return self._wires[origin]

    def document(self, url: str) -> dict[str, Any] | None:
        """The JSON object at an address; None when nothing is there."""
        try:
            headers = {"Accept": "application/json"}
            return self.wire(url).document("GET", url, headers=headers, limit=LARGEST_LOGIN).object()
        except (errors.NotFound, errors.InvalidInput, errors.LoginRequired, errors.Forbidden):
            return None

    def close(self) -> None:
        for wire in self._wires.values():
            wire.close()


class Provider:
    """Metadata of one provider; every endpoint is checked when it is asked for.

    `more` fills in what a SMART configuration leaves to the OpenID document of its issuer.
    """

    def __init__(self, document: Document, *, local: bool, more: Callable[[], Document] = dict) -> None:
        self._document, self._local, self._fetch = document, local, more

    @cached_property
    def _more(self) -> Document:
        return self._fetch()

    @property
    def issuer(self) -> str | None:
        return self._document.get("issuer")

    @property
    def names_itself_in_answers(self) -> bool:
        """RFC 9207: whether an answer without `iss` must be somebody else's."""
        return self._document.get("authorization_response_iss_parameter_supported") is True

    def endpoint(self, name: str) -> str | None:
        url = self._document.get(name) or self._more.get(name)
        return checked(name, url, local=self._local) if url else None

    def needed(self, name: str) -> str:
        """The same; `Unsupported` when the provider has none."""
        if (url := self.endpoint(name)) is None:
            raise errors.Unsupported(_("The provider offers no such login ({name}).").format(name=name))
        return url

    def check_pkce(self) -> None:
        """A provider that lists its methods must list S256: nothing weaker is used."""
        methods = self._document.get("code_challenge_methods_supported")
        if methods is not None and not (isinstance(methods, list) and "S256" in methods):
            raise errors.Unsupported(_("The provider does not support PKCE with S256; emk does not log in without."))


def openid(wires: ProviderWires, issuer: str) -> Provider:
    """The provider with exactly this issuer."""
    document = _published(wires, issuer)
    if document is None:
        raise errors.Unsupported(
            _("{host} publishes no OpenID configuration.").format(host=urlsplit(issuer).netloc),
            hint=_("see: emk help backends"),
        )
    return Provider(document, local=is_local(issuer))


def smart(wires: ProviderWires, base: str) -> Provider:
    """The authorization server of a FHIR server."""
    local = is_local(base)
    document = wires.document(f"{base}/.well-known/smart-configuration")
    if document is None:
        return Provider(_from_capabilities(wires, base), local=local)
    issuer = document.get("issuer")
    if issuer is None:
        return Provider(document, local=local)
    issuer = checked("issuer", issuer, local=local)
    return Provider(document, local=local, more=lambda: _published(wires, issuer) or {})


def _published(wires: ProviderWires, issuer: str) -> Document | None:
    """The OpenID document or the one of RFC 8414; one that is somebody else's is refused."""
    checked("issuer", issuer, local=is_local(issuer))
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    places = (
        issuer.rstrip("/") + "/.well-known/openid-configuration",
        f"{parts.scheme}://{parts.netloc}/.well-known/oauth-authorization-server{path}",
    )
    for place in places:
        document = wires.document(place)
        if document is None:
            continue
        if document.get("issuer") != issuer:
            raise errors.BadResponse(
                _("The provider at {issuer} calls itself otherwise; emk does not trust it.").format(issuer=issuer),
                hint=_("check the address: emk config get issuer"),
            )
        return document
    return None


def _from_capabilities(wires: ProviderWires, base: str) -> Document:
    """The addresses older SMART servers put into their CapabilityStatement."""
    statement = wires.document(f"{base}/metadata") or {}
    if release := release_of_version(str(statement.get("fhirVersion", ""))):
        raise errors.Unsupported(_("The server speaks FHIR {release}; emk reads R4.").format(release=release))
    endpoints = {
        URIS[endpoint["url"]]: endpoint["valueUri"]
        for rest in _objects(statement.get("rest"))
        for security in _objects([rest.get("security")])
        for extension in _objects(security.get("extension"))
        if extension.get("url") == OAUTH_URIS
        for endpoint in _objects(extension.get("extension"))
        if endpoint.get("url") in URIS and endpoint.get("valueUri")
    }
    if "token_endpoint" not in endpoints:
        raise errors.Unsupported(
            _("This server does not say where to log in."),
            hint=_("name the patient with --person ID, store a token with emk login --token-stdin, or set issuer"),
        )
    return endpoints


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def is_local(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK


def checked(name: str, url: object, *, local: bool) -> str:
    """An address a provider names: https, or plain http on this machine when the provider itself is there."""
    if isinstance(url, str) and url.isascii() and url.isprintable() and " " not in url:
        parts = _parts(url)
        plain = parts and parts.scheme == "http" and local and parts.hostname in LOOPBACK
        if parts and parts.hostname and not parts.fragment and (parts.scheme == "https" or plain):
            return url
    raise errors.BadResponse(_("The provider names an unsafe address ({name}).").format(name=name))


def _parts(url: str) -> Any:
    try:
        parts = urlsplit(url)
        return parts if parts.port is not None or parts.hostname else None
    except ValueError:
        return None


def with_query(url: str, query: Mapping[str, str]) -> str:
    return url + ("&" if urlsplit(url).query else "?") + urlencode(query)
