"""The bytes of FHIR in JSON → resources: a Bundle, one resource, an array of them, or lines of which some may be broken."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import msgspec

from emkcli.fhir import Graph, text
from emkcli.locale import _, ngettext

_PLACE = re.compile(r"\(byte (\d+)\)")


class Unreadable(Exception):
    """`problem` is `unsupported` or `failed`."""

    def __init__(self, problem: str, reason: str) -> None:
        super().__init__(reason)
        self.problem, self.reason = problem, reason


class _Entry(msgspec.Struct):
    fullUrl: Any = None  # noqa: N815
    resource: msgspec.Raw = msgspec.Raw(b"")


class Top(msgspec.Struct):
    """What a Bundle says of itself."""

    resourceType: Any = None  # noqa: N815
    identifier: Any = None
    type: Any = None
    timestamp: Any = None
    meta: Any = None
    entry: list[_Entry] | None = None


_TOP = msgspec.json.Decoder(Top)
_ANY = msgspec.json.Decoder(msgspec.Raw)
_MANY = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass
class Found:
    """`listed`: no Bundle, but resources one after the other; `broken` are the lines that are none."""

    top: Top = field(default_factory=lambda: Top(resourceType="Bundle"))
    graph: Graph = field(default_factory=Graph)
    listed: bool = False
    broken: list[str] = field(default_factory=list)

    @property
    def lacks(self) -> str | None:
        """Which lines could not be read; the first by its number."""
        if not self.broken:
            return None
        more = len(self.broken) - 1
        counted = ngettext("and {count} more line", "and {count} more lines", more).format(count=more)
        return " ".join([self.broken[0], *([counted] if more else [])])


def resources(content: bytes) -> Found:
    """Raises `Unreadable`."""
    decoded = Found()
    try:
        decoded.top = _TOP.decode(content)
    except msgspec.ValidationError:
        decoded.top.type, decoded.listed = "array", True
        _array(content, decoded.graph)
    except RecursionError:
        raise Unreadable("failed", _("nested too deep")) from None
    except ValueError as cause:
        decoded.listed = True
        _lines(content, decoded, cause)
    else:
        _top(decoded.top, content, decoded.graph)
    if not decoded.graph.nodes:
        raise Unreadable("unsupported", _("a FHIR Bundle without resources"))
    return decoded


def _top(top: Top, content: bytes, graph: Graph) -> None:
    if text(top.resourceType) is None:
        raise Unreadable("unsupported", _("JSON, but no FHIR resource"))
    if top.resourceType != "Bundle":
        graph.add(content)
    else:
        _entries(top, graph)


def _entries(top: Top, graph: Graph) -> None:
    for entry in top.entry or ():
        if bytes(entry.resource):
            _add(entry.resource, graph, text(entry.fullUrl))


def _add(content: Any, graph: Graph, full_url: str | None = None, *, inside: bool = False) -> bool:
    """Whether it is a resource; a Bundle among others is what is in it."""
    inner = None if inside or b'"Bundle"' not in bytes(content)[:2000] else _bundle(content)
    if inner is None:
        return graph.add(content, full_url) is not None
    for entry in inner.entry or ():
        if bytes(entry.resource):
            _add(entry.resource, graph, text(entry.fullUrl), inside=True)
    return True


def _bundle(content: Any) -> Top | None:
    try:
        top = _TOP.decode(content)
    except msgspec.ValidationError:
        return None
    return top if top.resourceType == "Bundle" else None


def _array(content: bytes, graph: Graph) -> None:
    try:
        added = [_add(resource, graph) for resource in _MANY.decode(content)]
    except (msgspec.ValidationError, RecursionError):
        added = []
    if not any(added):
        raise Unreadable("unsupported", _("JSON, but no FHIR resource"))


def _lines(content: bytes, decoded: Found, cause: ValueError) -> None:
    """NDJSON: every line a resource, and what is none is told. When the first line is none, the file is broken JSON."""
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        why = _refused(line, decoded.graph)
        if why and not decoded.graph.nodes:
            raise _malformed(content, cause)
        if why:
            decoded.broken.append(_("line {number}: {why}").format(number=number, why=why))


def _refused(line: bytes, graph: Graph) -> str | None:
    try:
        return None if _add(_ANY.decode(line), graph) else _("JSON, but no FHIR resource")
    except (ValueError, RecursionError) as cause:
        return why_not(cause)


def _malformed(content: bytes, cause: ValueError) -> Unreadable:
    place = _PLACE.search(str(cause))
    line = content.count(b"\n", 0, int(place[1]) if place else len(content)) + 1
    return Unreadable("failed", _("line {number}: {why}").format(number=line, why=why_not(cause)))


def why_not(cause: Exception) -> str:
    """What is wrong with broken JSON, in words."""
    if isinstance(cause, UnicodeDecodeError):
        return _("not UTF-8")
    if isinstance(cause, RecursionError):
        return _("nested too deep")
    return _("the JSON breaks off") if "truncated" in str(cause) else _("malformed JSON")
