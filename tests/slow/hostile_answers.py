"""The largest answers a server can give to one request, each kind built to cost as much as it can. Sizes are bytes."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator

from tests.api.hostile_server import CLOSE, OK

MEGABYTE = 2**20
LARGEST = 64 * MEGABYTE
PIECE = MEGABYTE
LAB = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "category": [{"coding": [{"code": "laboratory"}]}],
    "code": {"text": "Глюкоза"},
    "subject": {"reference": "Patient/p1"},
    "effectiveDateTime": "2026-01-02T08:00:00+03:00",
}
Parts = Iterator[bytes]


def times(unit: bytes, size: int = LARGEST - 4096) -> Parts:
    """A text again and again, up to so many bytes."""
    piece = unit * (PIECE // len(unit))
    for _number in range(size // len(piece)):
        yield piece


def between(start: str, middle: Parts, end: str) -> Parts:
    yield start.encode()
    yield from middle
    yield end.encode()


def page(entries: Parts) -> Parts:
    return between('{"resourceType":"Bundle","type":"searchset","entry":[', entries, '{"a":0}]}')


def in_a_lab(name: str, value: Parts, last: str) -> Parts:
    """A result with one element that is filled to the brim."""
    resource = json.dumps(LAB, ensure_ascii=False)[:-1]
    start = f'{{"resourceType":"Bundle","type":"searchset","entry":[{{"resource":{resource},"{name}":'
    return between(start, value, f"{last}}}}}]}}")


def listed(unit: bytes) -> Parts:
    yield b"["
    yield from times(unit)


def keys() -> Parts:
    yield b"{"
    for start in range(0, 5_600_000, 100_000):
        yield b"".join(b'"%x":0,' % number for number in range(start, start + 100_000))


def quoted(unit: bytes, size: int = LARGEST - 65536) -> Parts:
    yield b'"'
    yield from times(unit, size)


def labs(each: dict[str, object], size: int = LARGEST - MEGABYTE) -> Parts:
    """Results as a server could really send them, each with an id of its own."""
    number = 0
    while size > 0:
        batch = b"".join(
            json.dumps({"resource": LAB | each | {"id": f"o{number + place}"}}, ensure_ascii=False).encode() + b","
            for place in range(1000)
        )
        number, size = number + 1000, size - len(batch)
        yield batch


BODIES: dict[str, Callable[[], Parts]] = {
    "empty lists": lambda: in_a_lab("note", listed(b"[],"), "0]"),
    "empty objects": lambda: in_a_lab("note", listed(b"{},"), "0]"),
    "nested lists": lambda: in_a_lab("note", listed(b"[[[[]]]],"), "0]"),
    "numbers": lambda: in_a_lab("note", listed(b"1.5,"), "0]"),
    "keys": lambda: in_a_lab("note", keys(), '"":0}'),
    "deep": lambda: in_a_lab("note", times(b"["), "0]"),
    "digits": lambda: in_a_lab("note", times(b"1"), "1"),
    "numbers of many digits": lambda: in_a_lab("note", listed(b"1" * 4000 + b","), "0]"),
    "one long text": lambda: in_a_lab("valueString", quoted(b"a"), '"'),
    "one long text, wide": lambda: in_a_lab("valueString", quoted(b"a"), '\U0001f600"'),
    "one long text of escapes": lambda: in_a_lab("valueString", quoted(b"\\u0451"), '"'),
    "one long text of control codes": lambda: in_a_lab("valueString", quoted(b"\\u001b[31m"), '"'),
    "a text as long as may be": lambda: in_a_lab("valueString", quoted(b"a", 8 * MEGABYTE - 65536), '"'),
    "words as long as may be": lambda: in_a_lab("valueString", quoted("шло ".encode(), 8 * MEGABYTE - 65536), '"'),
    "a quarter, wide": lambda: in_a_lab("valueString", quoted(b"a", 15 * MEGABYTE), '\U0001f600"'),
    "long texts as dates": lambda: in_a_lab("issued", quoted(b"2"), '"'),
    "entries that are empty": lambda: page(times(b"{},")),
    "tiny resources": lambda: page(times(b'{"resource":{"resourceType":"A"}},')),
    "addresses": lambda: page(times(b'{"fullUrl":[[],[]]},')),
    "links": lambda: between('{"resourceType":"Bundle","link":', listed(b"[],"), "0]}"),
    "results": lambda: page(labs({})),
    "results of many parts": lambda: page(labs({"component": [{"code": {"text": "x"}, "valueInteger": 1}] * 20})),
    "no JSON": lambda: times(b"<"),
}
"""The body of one page of laboratory results."""


def chunked(body: Parts, head: bytes = OK) -> Parts:
    yield head + b"Transfer-Encoding: chunked\r\n\r\n"
    for part in body:
        yield b"%x\r\n%s\r\n" % (len(part), part)
    yield b"0\r\n\r\n"


def zipped(body: Parts) -> Parts:
    packing = zlib.compressobj(wbits=31)
    for part in body:
        yield packing.compress(part)
    yield packing.flush()


def bomb() -> Parts:
    """Ten gigabytes in ten megabytes, and no length that would tell."""
    yield OK + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n"
    yield from zipped(times(b" ", 10_240 * MEGABYTE))
    yield CLOSE


ANSWERS: dict[str, Callable[[], Parts]] = {
    **{f"{name}": (lambda body=body: chunked(body())) for name, body in BODIES.items()},
    "a bomb": bomb,
    "no end": lambda: chunked(times(b" ", 10_240 * MEGABYTE)),
    "a refusal without end": lambda: chunked(times(b" ", 10_240 * MEGABYTE), b"HTTP/1.1 400 Bad Request\r\n"),
    "tiny chunks": lambda: between(
        (OK + b"Transfer-Encoding: chunked\r\n\r\n").decode(), times(b"1\r\n \r\n", 10_240 * MEGABYTE), "0\r\n\r\n"
    ),
}
