"""An invented ESIA that checks every parameter and signature of a call, and refuses with ESIA's own codes."""

from __future__ import annotations

import base64
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

MNEMONIC = "EMK01"
HASH = "a57e9c0c2be9f9b8f30e292585354d529b04c2f252f3d72e2a2cf74abe0ca397"
REDIRECT = "https://emk.example.org/return"
OID = 1000000101
SNILS = "000-000-101 01"
PHONE = "+7(900)0000101"
Form = dict[str, str]
Answer = tuple[int, Any]
PERSON: dict[str, Any] = {
    "stateFacts": ["EntityRoot"],
    "firstName": "Вера",
    "lastName": "Пробная",
    "middleName": "Львовна",
    "birthDate": "01.06.1979",
    "gender": "F",
    "trusted": True,
    "snils": SNILS,
    "status": "REGISTERED",
}
CONTACTS: list[dict[str, Any]] = [
    {"id": 1, "type": "EML", "vrfStu": "NOT_VERIFIED", "value": "vera@example.org"},
    {"id": 2, "type": "MBT", "vrfStu": "NOT_VERIFIED", "value": "+7(900)0000999"},
    {"id": 3, "type": "MBT", "vrfStu": "VERIFIED", "value": PHONE},
]
ADDRESSES: list[dict[str, Any]] = [
    {
        "id": 1,
        "type": "PRG",
        "zipCode": "125009",
        "addressStr": "г. Москва, ул. Тверская",
        "house": "8",
        "building": "1",
        "flat": "12",
    },
    {"id": 2, "type": "PLV", "addressStr": "г. Москва, ул. Арбат", "house": "3"},
]
DOCUMENTS: list[dict[str, Any]] = [
    {"id": 1, "type": "RF_PASSPORT", "vrfStu": "VERIFIED", "series": "0000", "number": "424242"},
    {"id": 2, "type": "MDCL_PLCY", "number": "0000000000000101", "medicalOrg": "Поликлиника № 107"},
]
KIDS: list[dict[str, Any]] = [
    {"id": 700, "firstName": "Лев", "lastName": "Пробный", "birthDate": "02.03.2019", "snils": "000-000-102 02"},
    {"id": 701, "firstName": "Ия", "lastName": "Пробная", "birthDate": "не дата"},
]
PATHS = {"ctts": CONTACTS, "addrs": ADDRESSES, "docs": DOCUMENTS, "kids": KIDS}
NAMES = {"contacts": "ctts", "addresses": "addrs", "documents": "docs", "kids": "kids"}


class Refused(Exception):
    def __init__(self, code: str, error: str = "invalid_request", text: str = "") -> None:
        super().__init__(code)
        self.body = {"error": error, "error_description": f"ESIA-{code}: {text}".rstrip(": ")}


def b64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@dataclass
class Esia:
    """`verify(text, signature)` is the check of the information system's signature, `sign(bytes)` signs the tokens."""

    verify: Callable[[bytes, bytes], bool]
    sign: Callable[[bytes], bytes]
    alg: str = "RS256"
    legacy: bool = False
    embeds: bool = True
    size: int = 2
    base: str = "https://esia.example"
    streebog: Callable[[bytes], bytes] | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    id_claims: dict[str, Any] = field(default_factory=dict)
    answer_more: dict[str, Any] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    refreshes: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    # the browser's part

    def log_in(self, url: str) -> dict[str, str]:
        """What the browser brings back after the person has agreed: the parameters of the return address."""
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
        try:
            assert parts.path == ("/aas/oauth2/ac" if self.legacy else "/aas/oauth2/v2/ac")
            self.checked(query, "response_type", "access_type")
            if query["response_type"] != "code":
                raise Refused("007009")
        except Refused as refused:
            return {**refused.body, "state": query.get("state", "")}
        code = b64url(uuid.uuid4().bytes) + ".code." + b64url(uuid.uuid4().bytes)
        self.codes[code] = {**query, "until": self.now() + timedelta(seconds=240)}
        return {"code": code, "state": query["state"]}

    def checked(self, form: Form, *more: str) -> None:
        needed = ["client_id", "client_secret", "scope", "timestamp", "state", "redirect_uri", *more]
        for name in needed if self.legacy else [*needed, "client_certificate_hash"]:
            if name not in form:
                raise Refused("007014", text=f"The request doesn't contain the mandatory parameter [{name}]")
        if form["client_id"] != MNEMONIC:
            raise Refused("008010", "invalid_client")
        if form["redirect_uri"] != REDIRECT:
            raise Refused("007023")
        if not re.fullmatch(r"\d{4}\.\d\d\.\d\d \d\d:\d\d:\d\d [+-]\d{4}", form["timestamp"]):
            raise Refused("007003")
        sent = datetime.strptime(form["timestamp"], "%Y.%m.%d %H:%M:%S %z")
        if abs((sent - self.now()).total_seconds()) > 300:
            raise Refused("007015")
        if form["state"] in self.states or str(uuid.UUID(form["state"])) != form["state"]:
            raise Refused("007003", text="[state]")
        self.states.add(form["state"])
        self.check_signature(form)

    def check_signature(self, form: Form) -> None:
        if self.legacy:
            text = form["scope"] + form["timestamp"] + form["client_id"] + form["state"]
        else:
            if form["client_certificate_hash"] != HASH:
                raise Refused("007053", "clientSecretWrong")
            text = form["client_id"] + form["scope"] + form.get("scope_org", "") + form["timestamp"] + form["state"]
            text += form["redirect_uri"] + form.get("code", "")
        secret = form["client_secret"]
        signature = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
        if not self.verify(text.encode(), signature):
            raise Refused("007053", "clientSecretWrong")

    # the token endpoint

    def exchange(self, form: Form) -> Answer:
        try:
            self.checked(form, "grant_type")
            if form["grant_type"] == "authorization_code":
                self.check_code(form)
            elif form["grant_type"] == "refresh_token":
                if form.get("refresh_token") not in self.refreshes:
                    raise Refused("007011", "invalid_grant")
                self.refreshes.remove(form["refresh_token"])
            else:
                raise Refused("007012", "unsupported_grant_type")
        except Refused as refused:
            return 400, {**refused.body, "state": form.get("state")}
        return 200, self.session(form)

    def check_code(self, form: Form) -> None:
        begun = self.codes.pop(form.get("code", ""), None)
        if begun is None or begun["until"] < self.now() or begun["redirect_uri"] != form["redirect_uri"]:
            raise Refused("007011", "invalid_grant")
        if "code_challenge" in begun:
            assert begun["code_challenge_method"] == "GOST3411"
            assert re.fullmatch(r"[A-Za-z0-9._~-]{43}", form["code_verifier"])
            assert self.streebog
            if b64url(self.streebog(form["code_verifier"].encode())) != begun["code_challenge"]:
                raise Refused("007040")

    def session(self, form: Form) -> dict[str, Any]:
        refresh = str(uuid.uuid4())
        self.refreshes.add(refresh)
        return {
            "access_token": self.access_token(),
            "id_token": self.id_token(),
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": 3600,
            "state": form["state"],
            **self.answer_more,
        }

    def access_token(self) -> str:
        own = {"client_id": MNEMONIC, "scope": f"openid fullname?oid={OID}", "urn:esia:sbj_id": OID}
        token = self.jwt("access", own | self.claims)
        self.tokens.add(token)
        return token

    def id_token(self) -> str:
        subject = {"urn:esia:sbj:typ": "P", "urn:esia:sbj:lvl": "PR", "urn:esia:sbj:is_tru": True}
        own = {"aud": MNEMONIC, "sub": OID, "urn:esia:sbj": subject, "amr": "PWD"}
        return self.jwt("id", own | self.id_claims)

    def jwt(self, kind: str, own: dict[str, Any]) -> str:
        now = int(self.now().timestamp())
        times = {
            "nbf": now,
            "iat": now,
            "exp": now + 3600,
            "iss": "http://esia.gosuslugi.ru/",
            "jti": str(uuid.uuid4()),
        }
        header = {"alg": self.alg, "typ": "JWT", "ver": 0, "sbt": kind} | self.header
        signed = ".".join(b64url(json.dumps(part).encode()) for part in (header, times | own))
        return f"{signed}.{b64url(self.sign(signed.encode()))}"

    # the REST interface

    def rest(self, path: str, query: Form, bearer: str) -> Answer:
        self.asked.append(path)
        if bearer not in self.tokens:
            return 401, {"code": "ESIA-005013", "message": "Токен отсутствует"}
        root, _slash, rest = path.removeprefix(f"/rs/prns/{OID}").lstrip("/").partition("/")
        if not path.startswith(f"/rs/prns/{OID}") or (root and root not in PATHS):
            return 404, {"code": "ESIA-020203", "message": "Not Found"}
        if root in self.forbidden:
            return 403, {"code": "ESIA-005029", "message": "SecurityErrorEnum.scopeNotAllowed"}
        if not root:
            return 200, self.person(query.get("embed", ""))
        if rest:
            return 200, next(one for one in PATHS[root] if str(one["id"]) == rest)
        return 200, self.collection(root, query)

    def person(self, embed: str) -> dict[str, Any]:
        wanted = [one.removesuffix(".elements") for one in embed.strip("()").split(",") if one] if self.embeds else []
        return PERSON | {name: self.collection(NAMES[name], {"embed": "(elements)"}) for name in wanted}

    def collection(self, name: str, query: Form) -> dict[str, Any]:
        index = int(query.get("pageIndex", "0"))
        found = PATHS[name][index * self.size : (index + 1) * self.size]
        whole = self.embeds and query.get("embed") == "(elements)"
        elements = found if whole else [f"{self.base}/rs/prns/{OID}/{name}/{one['id']}" for one in found]
        return {"stateFacts": ["Paginated", "hasSize"], "size": len(PATHS[name]), "elements": elements}

    # two doors

    def handle(self, method: str, target: str, body: bytes, bearer: str) -> Answer:
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        if method == "POST" and parts.path == ("/aas/oauth2/te" if self.legacy else "/aas/oauth2/v3/te"):
            return self.exchange(dict(parse_qsl(body.decode(), strict_parsing=True)))
        if method == "GET" and parts.path.startswith("/rs/"):
            return self.rest(unquote(parts.path), query, bearer)
        return 404, {"code": "ESIA-020203", "message": "Not Found"}

    def transport(self) -> httpx.MockTransport:
        def answer(request: httpx.Request) -> httpx.Response:
            bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
            status, body = self.handle(request.method, str(request.url), request.content, bearer)
            served = self.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
            return httpx.Response(status, json=body, headers={"Date": served})

        return httpx.MockTransport(answer)


@contextmanager
def serving(esia: Esia) -> Iterator[str]:
    """The same on a socket of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply()

        def do_POST(self) -> None:
            self.reply()

        def reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, document = esia.handle(self.command, self.path, body, bearer)
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    esia.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield esia.base
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
