"""A server that has gone over to the enemy: from some request on it answers with every secret it was told, in every spelling."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from emkcli.mock import application
from tests.contract.world import PERSON, World
from tests.security.spellings import SPELLINGS, bare

_SECRET = """access_token refresh_token id_token token code code_verifier device_code login phone snils email last_name
    first_name middle_name oms_policy family given registration_address residence_address series number issued_by"""
SECRET = frozenset(_SECRET.split())
"""Fields of requests and answers that hold what must not be said."""
STRETCH = 10
"""So many letters and digits of a spelled secret in a row are a find; a shorter spelling must stand there whole."""
Answer = tuple[str, list[tuple[str, str]], bytes]
JSON = ("Content-Type", "application/json")


@dataclass
class Heard:
    """What the server was told, and what it told: each secret once."""

    secrets: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def hear(self, document: Any, key: str = "") -> None:
        if isinstance(document, Mapping):
            for name, inner in document.items():
                self.hear(inner, str(name))
        elif isinstance(document, list):
            for inner in document:
                self.hear(inner, key)
        elif isinstance(document, str) and key in SECRET and len(bare(document)) > 4:
            self.secrets.add(document)

    def hear_body(self, body: bytes) -> None:
        try:
            self.hear(json.loads(body))
        except ValueError:
            self.hear(dict(parse_qsl(body.decode("utf-8", "replace"))))

    def spelled(self, spellings: list[str], *, names: bool = True) -> list[str]:
        """`names` of the person whose card is exported may stand in what was exported."""
        secrets = self.secrets | (self.names if names else set())
        return [SPELLINGS[spelling](secret) for secret in sorted(secrets) for spelling in spellings]


def _names(patient: bytes) -> set[str]:
    heard = Heard()
    heard.hear(json.loads(patient).get("name"))
    return heard.secrets


def readable(text: str, spelled: list[str]) -> list[str]:
    """Which of the spelled secrets can still be read in `text`, whole or a stretch of one."""
    letters = bare(text)
    stretches = {letters[first : first + STRETCH] for first in range(len(letters) - STRETCH + 1)}
    return [secret for secret in spelled if _stands(secret, text, stretches)]


def _stands(secret: str, text: str, stretches: set[str]) -> bool:
    letters = bare(secret)
    if len(letters) < STRETCH:
        return re.search(rf"(?<![^\W_]){re.escape(secret)}(?![^\W_])", text, re.IGNORECASE) is not None
    return any(letters[first : first + STRETCH] in stretches for first in range(len(letters) - STRETCH + 1))


def _problem(status: str, **members: Any) -> Answer:
    return status, [("Content-Type", "application/problem+json")], json.dumps(members, ensure_ascii=False).encode()


def _detail(spelled: list[str]) -> Answer:
    said = " | ".join(spelled)
    return _problem("409 Conflict", code="conflict", title=said, detail=said, instance=f"/x/{said}", request_id=said)


def _details(spelled: list[str]) -> Answer:
    members = {
        "reason": spelled[0],
        "consents": spelled,
        "changes": {secret: secret for secret in spelled},
        "id": spelled,
    }
    fields = [{"field": secret, "rule": secret} for secret in spelled]
    return _problem("422 No", code="consent_required", title=spelled[-1], fields=fields, **members)


def _title(spelled: list[str]) -> Answer:
    return _problem("403 Forbidden", title="; ".join(spelled), expected_by=spelled[0], application_status=spelled[-1])


def _outcome(spelled: list[str]) -> Answer:
    extension = [{"url": "urn:emk:consent", "valueString": secret} for secret in spelled]
    extension.append({"url": "urn:emk:expected-by", "valueDateTime": spelled[0]})
    coding = [{"system": "urn:emk:problem", "code": "consent_required"}]
    issue = {
        "severity": "error",
        "code": "security",
        "diagnostics": ", ".join(spelled),
        "details": {"text": "\n".join(spelled), "coding": coding},
        "extension": extension,
    }
    document = {"resourceType": "OperationOutcome", "issue": [issue]}
    return "403 Forbidden", [("Content-Type", "application/fhir+json")], json.dumps(document).encode()


def _oauth(spelled: list[str]) -> Answer:
    document = {"error": "invalid_grant", "error_description": " ".join(spelled), "reason": "code_invalid"}
    return "400 Bad Request", [JSON], json.dumps(document, ensure_ascii=False).encode()


def _oauth_code(spelled: list[str]) -> Answer:
    return "401 Unauthorized", [JSON], json.dumps({"error": spelled[0], "reason": "\t".join(spelled)}).encode()


def _header(value: str) -> str:
    return re.sub(r"[\x00-\x1f]+", " ", value).encode().decode("latin-1")


def _headers(spelled: list[str]) -> Answer:
    names = (
        "X-Request-Id",
        "WWW-Authenticate",
        "Location",
        "Content-Type",
        "Retry-After",
        "Date",
        "ETag",
        "Set-Cookie",
    )
    return "500 " + _header(spelled[0])[:99], [(name, _header(" ".join(spelled))) for name in names], b""


def _redirect(spelled: list[str]) -> Answer:
    return "302 Found", [("Location", f"https://elsewhere.example.org/?{_header('&'.join(spelled))}")], b""


def _type(spelled: list[str]) -> Answer:
    return "200 OK", [("Content-Type", _header(" ".join(spelled))), ("X-Request-Id", _header(spelled[-1]))], b"<p>hello"


def _page(spelled: list[str]) -> Answer:
    return "503 Unavailable", [("Content-Type", "text/html"), ("Retry-After", "9")], f"<pre>{spelled}</pre>".encode()


def _half(spelled: list[str]) -> Answer:
    document = json.dumps({"resourceType": "Bundle", "items": spelled, "access_token": spelled[0]})
    return "200 OK", [JSON, ("X-Request-Id", _header(spelled[0]))], document[: len(document) - 9].encode()


def _dressed(spelled: list[str]) -> Answer:
    return "200 OK", [JSON], json.dumps({"errorCode": " ".join(spelled), "message": spelled}).encode()


def _misfit(spelled: list[str]) -> Answer:
    document = {**{secret: [secret] for secret in spelled}, "items": [{"id": spelled, "status": {spelled[0]: 1}}]}
    return "200 OK", [JSON], json.dumps(document).encode()


def _link(spelled: list[str]) -> Answer:
    address = f"https://elsewhere.example.org/{'/'.join(spelled)}"
    bundle = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [],
        "link": [{"relation": "next", "url": address}],
        "items": [],
        "next": spelled[0],
    }
    return "200 OK", [JSON], json.dumps(bundle).encode()


MODES: dict[str, Callable[[list[str]], Answer]] = {
    "problem": _detail,
    "details": _details,
    "title": _title,
    "OperationOutcome": _outcome,
    "OAuth": _oauth,
    "OAuth code": _oauth_code,
    "headers": _headers,
    "redirect": _redirect,
    "content type": _type,
    "page": _page,
    "half an answer": _half,
    "dressed as success": _dressed,
    "wrong types": _misfit,
    "links": _link,
}
GROUPS = [list(SPELLINGS)[first::4] for first in range(4)]
"""The spellings in fours, so that one message stays shorter than what is cut off."""


class Hostile:
    """In front of the mock: `good` requests pass and are listened to, all later ones are answered in `mode`."""

    def __init__(self, application: Any, heard: Heard, mode: str, spellings: list[str], good: int) -> None:
        self._application, self._heard, self._mode = application, heard, mode
        self._spellings, self._good = spellings, good
        self.answered = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        self._listen(environ)
        if self._good > 0 or not self._heard.secrets:
            self._good -= 1
            body = b"".join(self._application(environ, start_response))
            if environ["PATH_INFO"].startswith("/oauth2/token"):
                self._heard.hear_body(body)
            if environ["PATH_INFO"].startswith("/fhir/R4/Patient/"):
                self._heard.names |= _names(body)
            return iter([body])
        self.answered += 1
        status, headers, body = MODES[self._mode](self._heard.spelled(self._spellings))
        start_response(status, headers)
        return iter([body])

    def close(self) -> None:
        self._application.close()

    def _listen(self, environ: dict[str, Any]) -> None:
        _scheme, _space, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        self._heard.hear({"token": token})
        body = environ["wsgi.input"].read()
        self._heard.hear_body(body)
        environ["wsgi.input"] = io.BytesIO(body)


@dataclass
class Attack:
    """One line of `emk` against the mock gone hostile, in a home as it was before."""

    world: World
    patch: pytest.MonkeyPatch
    runs: int = 0
    answers: int = 0
    echoes: int = 0

    def readable(self, line: tuple[str, ...], mode: str, spellings: list[str], good: int = 0) -> list[str]:
        """Which secrets the line lets out, on stderr or into files that are no store of theirs."""
        self.world.at("activated")
        heard = Heard({PERSON["phone"]})
        servers: list[Hostile] = []
        opened = application.open_mock

        def open_hostile(*arguments: Any, **options: Any) -> Hostile:
            servers.append(Hostile(opened(*arguments, **options), heard, mode, spellings, good))
            return servers[-1]

        with self.patch.context() as patch:
            patch.setattr(application, "open_mock", open_hostile)
            done = self.world(*line)
        spelled = heard.spelled(spellings)
        self.runs += 1
        self.answers += sum(server.answered for server in servers)
        self.echoes += len(spelled) * any(server.answered for server in servers)
        return readable(done.err, spelled) + [
            secret
            for file in self._open_files()
            for secret in readable(_text(file), heard.spelled(spellings, names=False))
        ]

    def _open_files(self) -> Iterator[Path]:
        """What a run wrote that is no secret store: the audit log, marks, caches, what others can read, what was exported."""
        for file in (*self.world.home.rglob("*"), *self.world.files.glob("out/**/*")):
            if file.is_file() and not _STORES.search(str(file.relative_to(file.parents[1]))):
                yield file


_STORES = re.compile(r"sessions/|mock\.sqlite3|marks/|cards/|\.sqlite3")


def _text(file: Path) -> str:
    return f"{file.name}\n{file.read_bytes().decode('utf-8', 'replace')}"
