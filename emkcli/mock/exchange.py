"""What a handler receives and returns: a request off the wire, the call around it, a reply."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emkcli.mock import schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection, Row

MAX_BODY = 5 * 1024 * 1024
JSON = "application/json"
_encode = json.JSONEncoder(ensure_ascii=False).encode


class Request:
    """One HTTP request, read whole; a body above `MAX_BODY` is cut and marked `oversized`."""

    __slots__ = (
        "_rest",
        "base",
        "body",
        "control_token",
        "headers",
        "host",
        "method",
        "oversized",
        "path",
        "query",
        "query_string",
        "remote",
        "tenants",
    )

    def __init__(self, environ: dict[str, Any]) -> None:
        method: str = environ["REQUEST_METHOD"]
        self.method = "GET" if method == "HEAD" else method  # the same answer, whose body is not sent
        self.path = _path(environ.get("PATH_INFO", ""))
        self.query_string: str = environ.get("QUERY_STRING", "")
        self.query = pairs(self.query_string)
        self.headers: dict[str, str] = {
            name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")
        }
        self.headers["content-type"] = environ.get("CONTENT_TYPE", "")
        self.host: str = self.headers.get("host") or environ.get("SERVER_NAME", "")
        self.base = f"{environ.get('wsgi.url_scheme', 'http')}://{self.host}{environ.get('SCRIPT_NAME', '')}"
        self.remote: str = environ.get("REMOTE_ADDR", "")
        self.control_token: str | None = environ.get("emk.control_token")
        """What `/mock/*` asks for, of a server that other machines reach."""
        within: str | None = environ.get("emk.tenants")
        self.tenants = None if within is None else f"{self.base.removesuffix(within)}/t/"
        """Where tenants are, of a server that has them; from within one too."""
        self._rest = _body(environ)
        self.body = self._rest(MAX_BODY + 1)
        self.oversized = len(self.body) > MAX_BODY

    def whole_body(self, largest: int) -> bytes | None:
        """The body with what is beyond `MAX_BODY`, for a caller who may send so much; None where it is larger still."""
        body = self.body + self._rest(largest + 1 - len(self.body))
        return body if len(body) <= largest else None

    @property
    def language(self) -> str:
        """`ru` or `en`: the first of the two that Accept-Language names, English without any."""
        for part in self.headers.get("accept-language", "").split(","):
            if (tag := part.strip()[:2].lower()) in ("ru", "en"):
                return tag
        return "en"

    @property
    def content_type(self) -> str:
        return self.headers["content-type"].partition(";")[0].strip().lower()

    def param(self, name: str) -> str | None:
        return next((value for key, value in self.query if key == name), None)


def _path(raw: str) -> str:
    """A server hands over bytes disguised as Latin-1 (PEP 3333); httpx in process hands over the text itself."""
    try:
        return raw.encode("latin-1").decode()
    except UnicodeError:
        return raw


def _body(environ: dict[str, Any]) -> Callable[[int], bytes]:
    """Reads on in the body, at most so many bytes."""
    announced: str = environ.get("CONTENT_LENGTH") or ""
    stream = environ.get("wsgi.input")
    left = int(announced) if announced.isdigit() else None

    def read(most: int) -> bytes:
        nonlocal left
        most = most if left is None else min(most, left)
        part: bytes = stream.read(most) if stream is not None and most > 0 else b""
        left = None if left is None else left - len(part)
        return part

    return read


def pairs(encoded: str) -> list[tuple[str, str]]:
    """The names and values of a query string or a form."""
    if not encoded:
        return []
    from urllib.parse import parse_qsl

    return parse_qsl(encoded, keep_blank_values=True, errors="replace")


class Reply:
    """Status, headers and body; `session_for` asks for fresh tokens of that account, which are never stored."""

    __slots__ = ("body", "delay", "headers", "session_for", "status")

    def __init__(self, status: int, body: bytes = b"", content_type: str = JSON, **headers: str) -> None:
        self.status = status
        self.body = body
        self.headers = {"Content-Type": content_type} | {key.replace("_", "-"): val for key, val in headers.items()}
        self.session_for: str | None = None
        self.delay = 0.0
        """Seconds that it waits on its way out."""


def answer(value: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON reply."""
    return Reply(status, _encode(value).encode(), **headers)


class Call:
    """One request being answered, or one event happening: the transaction, the moment, and who asks."""

    __slots__ = ("_settings", "account", "args", "db", "language", "now", "request", "session")

    def __init__(self, db: Connection, now: int, request: Request) -> None:
        self.db = db
        self.now = now
        self._settings: dict[str, str] = {}
        self.request = request
        self.language = request.language
        self.account: Row | None = None
        self.session: Row | None = None
        self.args: dict[str, str] = {}

    @property
    def settings(self) -> dict[str, str]:
        """As they were when first asked for."""
        if not self._settings:
            self._settings = schema.settings(self.db)
        return self._settings

    @settings.setter
    def settings(self, value: dict[str, str]) -> None:
        self._settings = value

    @property
    def seed(self) -> int:
        return int(self.settings["seed"])

    @property
    def scenario(self) -> str:
        return self.settings["scenario"]

    @property
    def owner(self) -> Row:
        """The account of the session; routes that are open to everybody have none."""
        if self.account is None:
            raise LookupError("this route is open: nobody is logged in")
        return self.account

    def at(self, moment: int) -> Call:
        """The same world at another moment, with nobody asking."""
        other = Call(self.db, moment, self.request)
        other._settings = self._settings
        return other
