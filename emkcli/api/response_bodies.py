"""Bodies of answers, read up to a limit that the caller names; what was packed is counted as it grows."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO

import httpx

from emkcli import errors
from emkcli.api.deadlines import Deadline
from emkcli.locale import _

LARGEST_REFUSAL = 256 * 1024
"""Bytes that are read of what a status of 300 and above brings along; beyond them the status has to speak for itself."""
ACCEPTED = "gzip"
"""How an answer may be packed: what everybody can, and what can be unpacked piece by piece without another package."""
_MOST_CODINGS = 2
_PIECE = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS


CHARSETS = frozenset({"utf-8", "us-ascii", "iso-8859-1", "iso-8859-5", "windows-1251", "koi8-r"})
"""What a text may be written in; some of Python's other decoders unpack, or take time that grows with the square."""


class BoundedTransport(httpx.BaseTransport):
    """Answers of another transport with their bodies read and unpacked, within `extensions["limit"]` and `["deadline"]`.

    :raises BadResponse: a body beyond the limit, damaged, or packed in a way that was not asked for (8).
    """

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._transport.handle_request(request)
        try:
            content = _content(response, request)
        finally:
            response.close()
        kept = [(name, value) for name, value in response.headers.raw if name.lower() not in _OF_THE_BODY]
        return httpx.Response(response.status_code, headers=kept, content=content)

    def close(self) -> None:
        self._transport.close()


_OF_THE_BODY = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})
"""What describes the body as it was sent."""


def text(response: httpx.Response) -> str:
    """The body as text; what cannot be read in it is replaced."""
    charset = (response.charset_encoding or "").lower()
    return response.content.decode(charset if charset in CHARSETS else "utf-8", "replace")


class _TooLarge(Exception):
    pass


def _content(response: httpx.Response, request: httpx.Request) -> bytes:
    refused = response.status_code >= 300
    limit = LARGEST_REFUSAL if refused else request.extensions["limit"]
    try:
        return _unpacked(response, limit, request.extensions["deadline"])
    except _TooLarge:
        # the status says what happened, a login that ended among it; only the words about it are lost
        if refused:
            return b""
        raise errors.BadResponse(
            _("The answer is larger than {limit} MB (limits.response).").format(limit=_megabytes(limit)),
            hint=_("if the server is right to send so much: emk config set limits.response SIZE"),
            request_id=response.headers.get("X-Request-Id"),
        ) from None
    except zlib.error:
        raise errors.BadResponse(
            _("The packed answer arrived damaged."),
            hint=_("retry later"),
            request_id=response.headers.get("X-Request-Id"),
        ) from None


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.4g}"


def _unpacked(response: httpx.Response, limit: int, deadline: Deadline) -> bytes:
    pieces = _counted(_bytes(response), limit, deadline)
    for _coding in _codings(response):
        pieces = _counted(_unzipped(pieces), limit, deadline)
    # one buffer that grows: a list of pieces of one byte each would take fifty times their size
    content = BytesIO()
    for piece in pieces:
        content.write(piece)
    return content.getvalue()


def _bytes(response: httpx.Response) -> Iterator[bytes]:
    assert isinstance(response.stream, httpx.SyncByteStream)
    return iter(response.stream)


def _codings(response: httpx.Response) -> list[str]:
    """How the body is packed, once or several times over."""
    named = response.headers.get_list("Content-Encoding", split_commas=True)
    codings = [coding for name in named if (coding := name.strip().lower()) not in ("", "identity")]
    if len(codings) > _MOST_CODINGS or not {"gzip", "x-gzip"}.issuperset(codings):
        raise errors.BadResponse(
            _("The answer is packed in a way that emk did not ask for."),
            request_id=response.headers.get("X-Request-Id"),
        )
    return codings


def _counted(pieces: Iterable[bytes], limit: int, deadline: Deadline) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise _TooLarge
        if not deadline.left():
            raise httpx.ReadTimeout("the answer takes longer than it may")
        yield piece


def _unzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The members of a gzip stream (RFC 1952 allows several), in pieces that stay small whatever they stand for."""
    member = zlib.decompressobj(_GZIP)
    begun = False
    for piece in pieces:
        begun = begun or bool(piece)
        while piece:
            member = zlib.decompressobj(_GZIP) if member.eof else member
            yield member.decompress(piece, _PIECE)
            piece = member.unconsumed_tail or member.unused_data
    yield member.flush()
    if begun and not member.eof:
        raise zlib.error("the stream breaks off")
