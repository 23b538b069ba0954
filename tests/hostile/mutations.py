"""Answers as no honest server sends them: each is a true one with one thing after another made wrong."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
from hypothesis import strategies as st

from tests.hostile.exchanges import Exchange, Headers

Draw = Callable[[st.SearchStrategy[Any]], Any]


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
VALUES = st.sampled_from((*DATES, *ADDRESSES, *TEXTS, *NUMBERS, *SHAPES))
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
PLACES = st.integers(0, 2**16 - 1)
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


@st.composite
def answers(draw: Draw, exchange: Exchange) -> Exchange:
    """A hostile answer in place of a true one."""
    for kind in draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=2)):
        exchange = kind(draw, exchange)
    return exchange


def _place(draw: Draw, size: int) -> int:
    """A place in something of that size. What is drawn from is always the same: a live answer is now and then a letter longer."""
    return int(draw(PLACES)) % size if size else 0


def _document(draw: Draw, exchange: Exchange) -> Exchange:
    """Some values of the document are of another type or shape, missing, doubled or swapped."""
    try:
        document = json.loads(exchange.body)
    except (ValueError, RecursionError):
        return exchange
    for _edit in range(draw(st.integers(1, 4))):
        document = _edited(draw, document)
    return replace(exchange, body=json.dumps(document).encode())


def _edited(draw: Draw, value: Any) -> Any:
    """The value with one place in it changed; the way down is drawn step by step, so that every depth comes up."""
    names = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    if not names or draw(st.integers(0, 4)) == 0:
        return draw(VALUES)
    name = names[_place(draw, len(names))]
    change = draw(st.sampled_from(("inside", "inside", "inside", "inside", "drop", "wrap", "repeat", "rename")))
    if change == "drop":
        del value[name]
    elif change == "wrap":
        value[name] = ([value[name]], {"value": value[name]}, [[value[name]], None])[_place(draw, 3)]
    elif change == "repeat":
        value[name] = [value[name]] * draw(st.sampled_from((2, 40)))
    elif change == "rename" and isinstance(value, dict):
        value[names[_place(draw, len(names))]] = value[name]
    else:
        value[name] = _edited(draw, value[name])
    return value


def _twice(draw: Draw, exchange: Exchange) -> Exchange:
    """A name of the document stands in it twice, the first time with another value."""
    if not exchange.body.startswith(b"{"):
        return exchange
    name = draw(st.sampled_from(("resourceType", "items", "id", "entry", "total", "access_token", "next")))
    first = json.dumps({name: draw(VALUES)}).encode().rstrip(b"}")
    return replace(exchange, body=first + b"," + exchange.body[1:])


def _bytes(draw: Draw, exchange: Exchange) -> Exchange:
    """Some bytes are others, or end early."""
    if not exchange.body:
        return exchange
    place = _place(draw, len(exchange.body))
    noise = draw(
        st.one_of(st.binary(max_size=4), st.sampled_from((b'"', b"{", b"\\u", b"\\ud800", b"\x00", b"\xff", b",")))
    )
    rest = b"" if draw(st.integers(0, 5)) == 0 else exchange.body[place + draw(st.integers(0, 2)) :]
    return replace(exchange, body=exchange.body[:place] + noise + rest)


def _body(draw: Draw, exchange: Exchange) -> Exchange:
    """Another body altogether."""
    return replace(exchange, body=draw(st.one_of(st.sampled_from(BODIES), st.binary(max_size=60))))


def _status(draw: Draw, exchange: Exchange) -> Exchange:
    return replace(exchange, status=draw(st.sampled_from((*STATUSES, *MORE_STATUSES))))


def _header(draw: Draw, exchange: Exchange) -> Exchange:
    """A header that is wrong, in place of the true one."""
    name, value = draw(st.one_of(st.sampled_from(HEADERS), st.tuples(st.sampled_from(NAMES), st.binary(max_size=12))))
    others = tuple((n, v) for n, v in exchange.headers if n.lower() != name.lower())
    return replace(exchange, headers=(*others, (name, value.replace(b"\r", b"").replace(b"\n", b""))))


NAMES = tuple(sorted({name for name, _value in HEADERS}))


def _gzip(draw: Draw, exchange: Exchange) -> Exchange:
    """Packed, and the packing damaged or cut."""
    packed = gzip.compress(exchange.body, 1)
    cut = _place(draw, len(packed))
    body = packed[:cut] + draw(st.binary(max_size=3)) + packed[cut + draw(st.integers(0, 3)) :]
    headers: Headers = (*exchange.headers, (b"Content-Encoding", b"gzip"))
    return replace(exchange, headers=headers, body=body)


def _failure(draw: Draw, exchange: Exchange) -> Exchange:
    return replace(exchange, failure=draw(st.sampled_from(FAILURES)))


def _refused(draw: Draw, exchange: Exchange) -> Exchange:
    """A refusal whose document is odd."""
    return _body(draw, _status(draw, exchange))


KINDS = (_document, _document, _document, _document, _twice, _bytes, _body, _status, _header, _gzip, _failure, _refused)
