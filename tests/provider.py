"""An OpenID provider and a SMART on FHIR server on loopback, strict by itself, and wrong in one way when a test says so."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "emk-test"
PATIENT = {"resourceType": "Patient", "id": "p-1", "name": [{"family": "Образцова", "given": ["Анна"]}]}
RESULT = {
    "resourceType": "Observation",
    "id": "o-1",
    "status": "final",
    "subject": {"reference": "Patient/p-1"},
    "category": [
        {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"},
            ]
        }
    ],
    "code": {"text": "Глюкоза"},
    "effectiveDateTime": "2026-01-02",
    "valueQuantity": {"value": 5.4, "unit": "ммоль/л"},
}
KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": kid}, private=True, auto_kid=False) for kid in ("one", "two"))
Change = Callable[[dict[str, Any]], object]


def unchanged(_document: dict[str, Any]) -> None:
    """What a test does not touch."""


class Provider:
    """`change_*` edit a document on its way out; `asked` are the paths in their order, `forms` what was posted."""

    def __init__(self) -> None:
        self.url = ""
        self.change_discovery: Change = unchanged
        self.change_redirect: Change = unchanged
        self.change_tokens: Change = unchanged
        self.change_claims: Change = unchanged
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.published = [KEY]
        self.smart = self.protected = True
        self.raw: tuple[str, str, bytes] | None = None
        self.device_answers: list[str] = []
        self.asked: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.refreshes: set[str] = set()
        self.access: set[str] = set()
        self.bearers: list[tuple[str, str | None]] = []

    @property
    def issuer(self) -> str:
        return f"{self.url}/op"

    @property
    def fhir(self) -> str:
        return f"{self.url}/fhir"

    def signed(self, claims: dict[str, Any], key: RSAKey = KEY, **header: str) -> str:
        return jwt.encode({"alg": "RS256", "kid": key.kid or "", **header}, claims, key, algorithms=["RS256"])

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        path, query = environ["PATH_INFO"], dict(parse_qsl(environ["QUERY_STRING"]))
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
        self.asked.append(path)
        self.bearers.append((path, environ.get("HTTP_AUTHORIZATION")))
        if body:
            self.forms.append(dict(parse_qsl(body)))
        status, kind, content, location = self._answer(path, query, environ)
        headers = [("Content-Type", kind)] + ([("Location", location)] if location else [])
        start(status, headers)
        return [content]

    def _answer(self, path: str, query: dict[str, str], environ: dict[str, Any]) -> tuple[str, str, bytes, str | None]:
        if path == "/op/authorize":
            return "302 Found", "text/plain", b"", self._redirect(query)
        if path == "/op/token" and self.raw:
            return (*self.raw, None)
        status, document = self._document(path, query, environ)
        return status, "application/json", json.dumps(document).encode(), None

    def _document(self, path: str, query: dict[str, str], environ: dict[str, Any]) -> tuple[str, Any]:
        form = self.forms[-1] if self.forms else {}
        discovery = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "device_authorization_endpoint": f"{self.issuer}/device",
            "revocation_endpoint": f"{self.issuer}/revoke",
            "end_session_endpoint": f"{self.issuer}/end",
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        self.change_discovery(discovery)
        if path == "/op/.well-known/openid-configuration":
            return "200 OK", discovery
        if path == "/fhir/.well-known/smart-configuration" and self.smart:
            names = {"device_authorization_endpoint", "revocation_endpoint", "end_session_endpoint"}
            return "200 OK", {name: value for name, value in discovery.items() if name not in names}
        if path == "/op/jwks":
            return "200 OK", {"keys": [key.as_dict(private=False, use="sig", alg="RS256") for key in self.published]}
        if path == "/op/token":
            return self._token(form)
        if path == "/op/device":
            return "200 OK", {
                "device_code": "device-" + secrets.token_hex(16),
                "user_code": "WDJB-MJHT",
                "verification_uri": f"{self.issuer}/activate",
                "expires_in": 600,
                "interval": 1,
            }
        if path == "/op/revoke":
            self.refreshes.discard(form["token"])
            return "200 OK", {}
        return self._fhir(path, environ)

    def _redirect(self, query: dict[str, str]) -> str:
        code = secrets.token_hex(16)
        self.codes[code] = query
        answer = {"code": code, "state": query["state"], "iss": self.issuer}
        self.change_redirect(answer)
        return query["redirect_uri"] + "?" + urlencode(answer)

    def _token(self, form: dict[str, str]) -> tuple[str, Any]:
        if form.get("client_id") != CLIENT:
            return "401 Unauthorized", {"error": "invalid_client"}
        asked = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh,
        }.get(form["grant_type"], self._by_device)(form)
        if isinstance(asked, str):
            said = f"not good:\x1b[31m {form.get('code') or form.get('refresh_token') or form.get('device_code')}"
            return "400 Bad Request", {"error": asked, "error_description": said}
        return "200 OK", self._tokens(asked)

    def _by_code(self, form: dict[str, str]) -> dict[str, str] | str:
        begun = self.codes.pop(form["code"], None)
        digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if begun is None or begun["code_challenge"] != digest or begun["redirect_uri"] != form["redirect_uri"]:
            return "invalid_grant"
        return begun

    def _by_refresh(self, form: dict[str, str]) -> dict[str, str] | str:
        if form["refresh_token"] not in self.refreshes:
            return "invalid_grant"
        self.refreshes.discard(form["refresh_token"])
        return {"scope": "openid"}

    def _by_device(self, form: dict[str, str]) -> dict[str, str] | str:
        return (self.device_answers.pop(0) if self.device_answers else "") or {"scope": "openid"}

    def _tokens(self, asked: dict[str, str]) -> dict[str, Any]:
        access, refresh = secrets.token_hex(16), secrets.token_hex(16)
        self.refreshes.add(refresh)
        self.access.add(access)
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "s-1",
            "iat": now,
            "exp": now + 300,
            "at_hash": at_hash(access),
            **({"nonce": asked["nonce"]} if "nonce" in asked else {}),
        }
        self.change_claims(claims)
        tokens = {
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "bearer",
            "expires_in": 3600,
            "scope": "openid offline_access launch/patient",
            "id_token": self.sign(claims),
            "patient": "p-1",
        }
        self.change_tokens(tokens)
        return tokens

    def _fhir(self, path: str, environ: dict[str, Any]) -> tuple[str, Any]:
        token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        if path == "/fhir/metadata":
            return "200 OK", {"resourceType": "CapabilityStatement", "rest": [{"mode": "server"}]}
        if not path.startswith("/fhir/") or "well-known" in path:
            return "404 Not Found", {}
        if self.protected and token not in self.access:
            return "401 Unauthorized", {"resourceType": "OperationOutcome", "issue": []}
        if path == "/fhir/Patient/p-1":
            return "200 OK", PATIENT
        found = [{"resource": RESULT}] if path == "/fhir/Observation" else []
        return "200 OK", {"resourceType": "Bundle", "type": "searchset", "entry": found}


def at_hash(access: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(access.encode()).digest()[:16]).rstrip(b"=").decode()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_unused: object) -> None:
        """A test reads its own output."""


@contextmanager
def running(application: Provider) -> Iterator[Provider]:
    server = make_server("127.0.0.1", 0, application, _Server, _Quiet)
    application.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield application
    finally:
        server.shutdown()
        server.server_close()
