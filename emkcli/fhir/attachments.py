"""Attachments: what a file says in words, how it is named where it is none, and the Binary that holds it."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator

from emkcli.fhir.elements import Resource, element, elements, joined, readable, text
from emkcli.fhir.graph import Graph

WITH_FILES = frozenset({"DiagnosticReport", "DocumentReference"})
"""Types that have attachments."""
LONGEST_TEXT = 4_000_000
"""Of base64 that is read as words; a longer one stays a file."""
_TEXTS = frozenset({"text/plain", "text/html", "application/xhtml+xml"})
_BINARY = re.compile(r"Binary/[A-Za-z0-9.\-]{1,64}")


def attachments(resource: Resource) -> list[Resource]:
    """The files of a DocumentReference or a DiagnosticReport."""
    of_document = [element(content, "attachment") for content in elements(resource, "content")]
    return [attachment for attachment in (*of_document, *elements(resource, "presentedForm")) if attachment]


def resolved(attachment: Resource, owner: Resource, graph: Graph) -> Resource:
    """An attachment with the data of the Binary it names, where that is at hand."""
    binary = None if text(attachment, "data") else graph.get({"reference": text(attachment, "url")}, owner)
    if not binary or text(binary, "resourceType") != "Binary":
        return attachment
    kept = {name: value for name, value in attachment.items() if name != "url"}
    return {"contentType": text(binary, "contentType"), **kept, "data": text(binary, "data")}


def addresses(resource: Resource, server: str = "", *, texts: bool = False) -> Iterator[str]:
    """The Binaries of the same server that hold its files, as `Binary/id`; of `texts` only those with words in them."""
    for attachment in attachments(resource):
        written = (text(attachment, "url") or "").removeprefix(server)
        is_wanted = _kind(attachment)[0] in _TEXTS or not texts
        if is_wanted and not text(attachment, "data") and _BINARY.fullmatch(written):
            yield written


def absent(resource: Resource, graph: Graph) -> Iterator[str]:
    """The files that are elsewhere and not at hand, by their addresses."""
    for attachment in attachments(resource):
        address = text(attachment, "url")
        if address and not text(resolved(attachment, resource, graph), "data"):
            yield address


def attached_text(attachment: Resource) -> str | None:
    """The words inside an Attachment that is a plain text or a page of HTML."""
    packed = text(attachment, "data") or ""
    kind, *parameters = _kind(attachment)
    if kind not in _TEXTS or len(packed) > LONGEST_TEXT:
        return None
    charsets = (value for name, _is, value in (one.strip().partition("=") for one in parameters) if name == "charset")
    try:
        written = b64decode(packed, validate=False).decode(next(charsets, "utf-8").strip('"'))
    except (NotBase64, ValueError, LookupError):
        return None
    return written if kind == "text/plain" else readable(written)


def described(attachment: Resource) -> str | None:
    """A file by its title, kind and size, and where it lies when it is elsewhere."""
    packed = text(attachment, "data")
    bytes_in_it = str(len(packed.rstrip("=")) * 3 // 4) if packed else text(attachment, "size")
    size = f"{bytes_in_it} B" if bytes_in_it else None
    address = None if packed else text(attachment, "url")
    return joined((text(attachment, "title"), text(attachment, "contentType"), size, address), ", ")


def _kind(attachment: Resource) -> list[str]:
    """Its media type, and the parameters of it."""
    return [part.strip() for part in (text(attachment, "contentType") or "").casefold().split(";")]
