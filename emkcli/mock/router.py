"""Which handler answers an address, and who may call it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import NamedTuple

from emkcli.mock.exchange import Call, Reply
from emkcli.mock.problems import Problem

Handler = Callable[[Call], Reply]
# Who may call: anybody; any session; any but an unproven one of a confirmed account; a proven one of such an account.
OPEN, ACCOUNT, LIMITED, CONFIRMED = range(4)


class Route(NamedTuple):
    """One operation: `{name}` in the path is an argument of the call."""

    method: str
    path: str
    handler: str
    access: int = CONFIRMED
    replayed: bool = True
    takes_more: bool = False
    """The handler reads a body beyond `exchange.MAX_BODY` itself."""

    def load(self) -> Handler:
        return _loaded(self.handler)


@cache
def _loaded(name: str) -> Handler:
    module, _, function = name.rpartition(".")
    handler: Handler = getattr(import_module(f"emkcli.mock.{module}"), function)
    return handler


_API = "/api/v1"
ROUTES = (
    Route("GET", "/", "front_page.front", OPEN),
    Route("POST", "/", "front_page.act", OPEN, replayed=False),
    Route("GET", "/healthz", "discovery.health", OPEN),
    Route("GET", "/.well-known/emk", "discovery.discovery", OPEN),
    Route("GET", "/openapi.json", "discovery.openapi", OPEN),
    Route("POST", "/oauth2/challenges", "auth.challenge", OPEN),
    # not replayed: an answer that is kept would keep tokens
    Route("POST", "/oauth2/token", "auth.token", OPEN, replayed=False),
    Route("POST", "/oauth2/revoke", "auth.revoke", OPEN),
    Route("GET", "/.well-known/openid-configuration", "oauth.openid.configuration", OPEN),
    Route("GET", "/fhir/R4/.well-known/smart-configuration", "oauth.openid.smart_configuration", OPEN),
    Route("GET", "/oauth2/jwks", "oauth.openid.keys", OPEN),
    Route("GET", "/oauth2/authorize", "oauth.openid.authorize", OPEN),
    Route("POST", "/login", "oauth.browser.proceed", OPEN, replayed=False),
    Route("GET", "/aas/oauth2/v2/ac", "esia.door.authorize", OPEN),
    Route("POST", "/aas/oauth2/v3/te", "esia.door.token", OPEN, replayed=False),
    Route("GET", "/aas/oauth2/ac", "esia.door.authorize_legacy", OPEN),
    Route("POST", "/aas/oauth2/te", "esia.door.token_legacy", OPEN, replayed=False),
    Route("GET", "/idp/ext/Logout", "esia.door.logout", OPEN),
    Route("GET", "/rs/prns/{oid}", "esia.people.person", OPEN),
    Route("GET", "/rs/prns/{oid}/{collection}", "esia.people.collection", OPEN),
    Route("GET", "/rs/prns/{oid}/{collection}/{id}", "esia.people.element", OPEN),
    Route("POST", f"{_API}/accounts", "accounts.register", OPEN),
    Route("GET", f"{_API}/account", "accounts.account", ACCOUNT),
    Route("POST", f"{_API}/account/verification", "accounts.request_verification", ACCOUNT),
    Route("POST", f"{_API}/account/verification/confirmation", "accounts.confirm_verification", ACCOUNT),
    Route("PUT", f"{_API}/account/verification/{{part}}", "accounts.upload", ACCOUNT),
    Route("GET", f"{_API}/persons", "family.persons", LIMITED),
    Route("GET", f"{_API}/services", "services.services"),
    Route("PUT", f"{_API}/services/{{id}}/pin", "services.pin"),
    Route("DELETE", f"{_API}/services/{{id}}/pin", "services.unpin"),
    Route("PUT", f"{_API}/services/{{id}}/connection", "services.connect"),
    Route("GET", f"{_API}/consents", "consents.consents"),
    Route("GET", f"{_API}/consents/{{id}}", "consents.consent"),
    Route("PUT", f"{_API}/consents/{{id}}/acceptance", "consents.accept"),
    Route("PUT", f"{_API}/consents/{{id}}/revocation", "consents.revoke"),
    Route("GET", f"{_API}/clinics", "directory.clinics"),
    Route("GET", f"{_API}/clinics/{{id}}", "directory.clinic"),
    Route("GET", f"{_API}/doctors", "directory.doctors"),
    Route("GET", f"{_API}/doctors/{{id}}", "directory.doctor"),
    Route("GET", f"{_API}/applications", "applications.applications", LIMITED),
    Route("GET", f"{_API}/applications/{{id}}", "applications.application"),
    Route("PUT", f"{_API}/applications/{{id}}/cancellation", "applications.cancel"),
    Route("PUT", f"{_API}/attachment", "attachment.attach"),
    Route("GET", f"{_API}/requests", "requests.requests"),
    Route("POST", f"{_API}/requests", "requests.create"),
    Route("GET", f"{_API}/requests/{{id}}", "requests.request"),
    Route("PUT", f"{_API}/requests/{{id}}/cancellation", "requests.cancel"),
    Route("GET", f"{_API}/transfers", "transfers.transfers"),
    Route("POST", f"{_API}/transfers", "transfers.create"),
    Route("GET", f"{_API}/transfers/{{id}}", "transfers.transfer"),
    Route("PUT", f"{_API}/transfers/{{id}}/revocation", "transfers.revoke"),
    Route("GET", f"{_API}/profile", "profile.profile", LIMITED),
    Route("PATCH", f"{_API}/profile", "profile.update"),
    Route("POST", f"{_API}/profile/phone/confirmation", "profile.confirm_phone"),
    Route("POST", f"{_API}/profile/move", "profile.move"),
    Route("GET", f"{_API}/notifications", "notifications.notifications", LIMITED),
    Route("GET", f"{_API}/notifications/{{id}}", "notifications.notification", LIMITED),
    Route("PUT", f"{_API}/notifications/{{id}}/read", "notifications.read", LIMITED),
    Route("GET", "/fhir/R4/metadata", "gate.metadata", OPEN),
    Route("GET", "/fhir/R4/Patient/$everything", "gate.everything"),
    Route("GET", "/fhir/R4/Patient/{id}/$everything", "gate.everything"),
    Route("POST", "/fhir/R4/Patient/$everything", "gate.everything", replayed=False),
    Route("POST", "/fhir/R4/Patient/{id}/$everything", "gate.everything", replayed=False),
    Route("GET", "/fhir/R4/Patient/$summary", "gate.summary"),
    Route("GET", "/fhir/R4/Patient/{id}/$summary", "gate.summary"),
    Route("POST", "/fhir/R4/Patient/$summary", "gate.summary", replayed=False),
    Route("POST", "/fhir/R4/Patient/{id}/$summary", "gate.summary", replayed=False),
    Route("GET", "/fhir/R4/Patient/{id}/{type}", "gate.search_compartment"),
    Route("GET", "/fhir/R4/$export", "bulk_export.begin"),
    Route("POST", "/fhir/R4/$export", "bulk_export.begin", replayed=False),
    Route("GET", "/fhir/R4/Patient/$export", "bulk_export.begin"),
    Route("POST", "/fhir/R4/Patient/$export", "bulk_export.begin", replayed=False),
    Route("GET", "/fhir/R4/$export/{id}", "bulk_export.status"),
    Route("DELETE", "/fhir/R4/$export/{id}", "bulk_export.remove"),
    Route("GET", "/fhir/R4/$export/{id}/{file}", "bulk_export.file"),
    Route("POST", "/fhir/R4/{type}/_search", "gate.search_by_form", replayed=False),
    Route("GET", "/fhir/R4/{type}", "gate.search"),
    Route("GET", "/fhir/R4/{type}/{id}", "gate.read"),
    Route("POST", "/mock/reset", "control.reset", OPEN),
    Route("POST", "/mock/seed", "control.seed", OPEN),
    Route("GET", "/mock/clock", "control.clock_now", OPEN),
    Route("POST", "/mock/clock", "control.clock_move", OPEN),
    Route("GET", "/mock/inbox", "control.inbox", OPEN),
    Route("GET", "/mock/scenario", "control.scenario", OPEN),
    Route("PUT", "/mock/scenario", "control.set_scenario", OPEN),
    Route("GET", "/mock/faults", "control.faults_now", OPEN),
    Route("POST", "/mock/faults", "control.add_fault", OPEN),
    Route("DELETE", "/mock/faults", "control.clear_faults", OPEN),
    Route("GET", "/mock/log", "control.log", OPEN),
    Route("DELETE", "/mock/log", "control.clear_log", OPEN),
    Route("GET", "/mock/state", "snapshots.save", OPEN),
    Route("PUT", "/mock/state", "snapshots.load", OPEN, replayed=False, takes_more=True),
    Route("PUT", "/mock/clients/{name}", "oauth.clients.register", OPEN),
    Route("POST", "/mock/blocked", "control.block", OPEN),
    Route("PATCH", "/mock/fhir/{type}/{id}", "records.amend", OPEN),
    Route("DELETE", "/mock/fhir/{type}/{id}", "records.delete", OPEN),
)


def _by_address() -> dict[str | int, list[Route]]:
    """Routes by their whole path; those with arguments by how many segments it has."""
    table: dict[str | int, list[Route]] = {}
    for route in ROUTES:
        table.setdefault(route.path.count("/") if "{" in route.path else route.path, []).append(route)
    return table


_BY_ADDRESS = _by_address()


def match(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route of an address; 404 for an unknown one, 405 for a known one that does not take the method.

    The first path of `ROUTES` that fits is the address's own: one in plain words stands before one with arguments.
    """
    parts = path.split("/")
    allowed: list[str] = []
    known = None
    for route in (*_BY_ADDRESS.get(path, ()), *_BY_ADDRESS.get(path.count("/"), ())):
        arguments = _fit(route.path.split("/"), parts) if known in (None, route.path) else None
        if arguments is None:
            continue
        if route.method == method:
            return route, arguments
        known = route.path
        allowed.append(route.method)
    if allowed:
        raise Problem("unsupported", headers={"Allow": ", ".join(sorted(set(allowed)))})
    raise Problem("not_found")


def _fit(template: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(template) != len(parts):
        return None
    arguments = {}
    for segment, part in zip(template, parts, strict=True):
        if segment[:1] == "{":
            if not part:
                return None
            arguments[segment[1:-1]] = part
        elif segment != part:
            return None
    return arguments
