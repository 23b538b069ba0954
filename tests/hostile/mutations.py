"""Answers as no honest server sends them: each is a true one with one thing after another made wrong."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from random import Random
from typing import Any

import httpx

from tests.hostile.exchanges import Exchange, Headers


def _nested(depth: int, value: Any = 1) -> Any:
    for _level in range(depth):
        value = [value]
    return value


DATES = (
    "0000-00-00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "10000-01-01T00:00:00Z",
    "-0044-03-15",
    "2026-02-30",
    "2026-13-45T25:61:61+99:99",
    "2026-11-16T24:00:00+03:00",
    "2026-11-16T18:00:00",
    "2026-11-16T18:00:00+23:59",
    "20261116T180000Z",
    "2026-W47-1",
    "2026-11",
    "2026",
    "16.11.2026",
    "1e9",
    "٢٠٢٦-١١-١٦",
)
ADDRESSES = (
    "http://[",
    "//",
    "/",
    "?",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "https://user:password@127.0.0.1:99999/x",
    "http://127.0.0.1:99999/x",
    "http://127.0.0.1:1/fhir/R4/Observation?page=\x00",
    "https://xn--/",
    "https://пример.испытание:x/",
    "urn:uuid:nothing",
    "Patient/../../x",
    "Observation/",
    "#",
    "%",
    "http://127.0.0.1:1\\@elsewhere.example/",
)
TEXTS = (
    "",
    " ",
    "\x00",
    "\ud800",
    "\x1b[2J\x07",
    "\u202e\u2066",
    "x" * 5000,
    "{}",
    "null",
    "%s%n{0}{name}",
    "<b>&amp;</b>",
    "NaN",
    "1e400",
    "-0",
    "0x10",
    "5,40",
    "٣",
    "²",
    "a\nb\tc",
    "=1+1",
)
NUMBERS = (0, -1, 1.5, 1e308, -0.0, 2**31, 2**63, 2**64, 10**400, float("nan"), float("inf"), 1e-400)
SHAPES = (
    None,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    [{}],
    {"": None},
    {"reference": 5},
    {"coding": [[None]]},
    _nested(80),
)
VALUES = (*DATES, *ADDRESSES, *TEXTS, *NUMBERS, *SHAPES)
BODIES = (
    b"",
    b" ",
    b"null",
    b"[]",
    b"{}",
    b"0",
    b'""',
    b"true",
    b"{",
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"[" * 3000 + b"]" * 3000,
    b"9" * 5000,
    b'{"expires_in":' + b"9" * 5000 + b"}",
    b'{"items":[NaN,Infinity,-Infinity]}',
    b'{"items":null,"total":"many","next":[]}',
    b'"\\ud800"',
    b'{"\\ud800":"\\udfff"}',
    b'{"resourceType":"Bundle","resourceType":"Patient","entry":{"resource":[]}}',
    b'{"resourceType":"Bundle","entry":[null,1,{"resource":null},{"resource":[]},{"resource":{"resourceType":[]}}]}',
    b'{"resourceType":"Bundle","link":[{"relation":"next","url":"http://["}]}',
    b'{"resourceType":"OperationOutcome","issue":{"severity":[],"details":"no"}}',
    b'{"resourceType":"OperationOutcome","issue":[{"extension":[{"url":"urn:emk:consent"}],"details":{"coding":5}}]}',
    b'{"code":[],"detail":{},"title":5,"consents":5,"request_id":{}}',
    b'{"code":"consent_required","consents":[[],{},null,5]}',
    b'{"code":"not_activated","expected_by":{"a":1},"reason":[[]]}',
    b'{"error":[],"error_description":{}}',
    b'{"error":{"code":5},"reason":[]}',
    b'{"errorCode":{"a":[1]}}',
    b"<html><body>502</body></html>",
    '{"items":[]}'.encode("utf-16"),
    b'{"items":[]}'.replace(b"[", b"[\x00"),
)
NOISE = (b'"', b"{", b"\\u", b"\\ud800", b"\x00", b"\xff", b",")
STATUSES = (200, 201, 202, 204, 205, 206, 226, 300, 301, 304, 307, 308, 400, 401, 403, 404, 405, 406, 409, 410, 413)
MORE_STATUSES = (415, 418, 422, 425, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 511, 599, 299, 999)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"Content-Type", b""),
    (b"Content-Type", b"text/html; charset=nothing"),
    (b"Content-Type", b"application/json; charset=utf-7"),
    (b"Content-Type", b"\xd0\xb9\xff; charset=\xff"),
    (b"Content-Type", b"application/fhir+xml;charset=\"'"),
    (b"Content-Encoding", b"gzip"),
    (b"Content-Encoding", b"deflate"),
    (b"Content-Encoding", b"br, zstd, gzip, gzip"),
    (b"Content-Encoding", b"nothing"),
    (b"Content-Length", b"5"),
    (b"Location", b"http://["),
    (b"Location", b"\xff"),
    (b"Date", b""),
    (b"Date", b"Thu, 01 Jan 0000 00:00:00 GMT"),
    (b"Date", b"Fri, 31 Dec 9999 23:59:59 GMT"),
    (b"Date", b"Fri, 31 Dec 99999 23:59:59 -9999"),
    (b"Date", b"Mon, 01 Jan 0001 00:00:00 GMT"),
    (b"Date", b"Sun, 06 Nov 1994 08:49:37 +99999999999999"),
    (b"Date", b"\xff\xfe"),
    (b"Date", b"5"),
    (b"Retry-After", b"nan"),
    (b"Retry-After", b"-inf"),
    (b"Retry-After", b"1e400"),
    (b"Retry-After", b"\xff"),
    (b"Link", b"<http://[>; rel=next"),
    (b"ETag", b'W/"\xff'),
    (b"ETag", b""),
    (b"X-Request-Id", b"\xff\xfe"),
    (b"X-Request-Id", b""),
    (b"X-Request-Id", b"a\x1b[2Jb"),
    (b"X-Request-Id", b"r" * 5000),
    (b"WWW-Authenticate", b"Bearer error=\xff"),
    (b"Set-Cookie", b"a=\xff; expires=\x00"),
)
FAILURES = (
    httpx.ReadTimeout,
    httpx.ConnectError,
    httpx.RemoteProtocolError,
    httpx.ReadError,
    ConnectionResetError,
)


def hostile(chance: Random, exchange: Exchange) -> Exchange:
    """A hostile answer in place of a true one."""
    for kind in chance.choices(KINDS, k=chance.randint(1, 2)):
        exchange = kind(chance, exchange)
    return exchange


def _document(chance: Random, exchange: Exchange) -> Exchange:
    """Some values of the document are of another type or shape, missing, doubled or swapped."""
    try:
        document = json.loads(exchange.body)
    except (ValueError, RecursionError):
        return exchange
    for _edit in range(chance.randint(1, 4)):
        document = _edited(chance, document)
    return replace(exchange, body=json.dumps(document).encode())


def _edited(chance: Random, value: Any) -> Any:
    """The value with one place in it changed; the way down is drawn step by step, so that every depth comes up."""
    names = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    if not names or chance.randint(0, 4) == 0:
        return chance.choice(VALUES)
    name = chance.choice(names)
    change = chance.choice(("inside", "inside", "inside", "inside", "drop", "wrap", "repeat", "rename"))
    if change == "drop":
        del value[name]
    elif change == "wrap":
        value[name] = ([value[name]], {"value": value[name]}, [[value[name]], None])[chance.randrange(3)]
    elif change == "repeat":
        value[name] = [value[name]] * chance.choice((2, 40))
    elif change == "rename" and isinstance(value, dict):
        value[chance.choice(names)] = value[name]
    else:
        value[name] = _edited(chance, value[name])
    return value


def _twice(chance: Random, exchange: Exchange) -> Exchange:
    """A name of the document stands in it twice, the first time with another value."""
    if not exchange.body.startswith(b"{"):
        return exchange
    name = chance.choice(("resourceType", "items", "id", "entry", "total", "access_token", "next"))
    first = json.dumps({name: chance.choice(VALUES)}).encode().rstrip(b"}")
    return replace(exchange, body=first + b"," + exchange.body[1:])


def _bytes(chance: Random, exchange: Exchange) -> Exchange:
    """Some bytes are others, or end early."""
    if not exchange.body:
        return exchange
    place = chance.randrange(len(exchange.body))
    noise = chance.choice((chance.randbytes(chance.randint(0, 4)), *NOISE))
    rest = b"" if chance.randint(0, 5) == 0 else exchange.body[place + chance.randint(0, 2) :]
    return replace(exchange, body=exchange.body[:place] + noise + rest)


def _body(chance: Random, exchange: Exchange) -> Exchange:
    """Another body altogether."""
    return replace(exchange, body=chance.choice((*BODIES, *BODIES, chance.randbytes(chance.randint(0, 60)))))


def _status(chance: Random, exchange: Exchange) -> Exchange:
    return replace(exchange, status=chance.choice((*STATUSES, *MORE_STATUSES)))


def _header(chance: Random, exchange: Exchange) -> Exchange:
    """A header that is wrong, in place of the true one."""
    name, value = chance.choice((*HEADERS, *((name, chance.randbytes(chance.randint(0, 12))) for name in NAMES)))
    others = tuple((n, v) for n, v in exchange.headers if n.lower() != name.lower())
    return replace(exchange, headers=(*others, (name, value.replace(b"\r", b"").replace(b"\n", b""))))


NAMES = tuple(sorted({name for name, _value in HEADERS}))


def _gzip(chance: Random, exchange: Exchange) -> Exchange:
    """Packed, and the packing damaged or cut."""
    packed = gzip.compress(exchange.body, 1)
    cut = chance.randrange(len(packed))
    body = packed[:cut] + chance.randbytes(chance.randint(0, 3)) + packed[cut + chance.randint(0, 3) :]
    headers: Headers = (*exchange.headers, (b"Content-Encoding", b"gzip"))
    return replace(exchange, headers=headers, body=body)


def _failure(chance: Random, exchange: Exchange) -> Exchange:
    return replace(exchange, failure=chance.choice(FAILURES))


def _refused(chance: Random, exchange: Exchange) -> Exchange:
    """A refusal whose document is odd."""
    return _body(chance, _status(chance, exchange))


KINDS = (_document, _document, _document, _document, _twice, _bytes, _body, _status, _header, _gzip, _failure, _refused)
