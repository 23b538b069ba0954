"""The bytes of FHIR in JSON → resources: a Bundle, one resource, an array of them, or lines of which some may be broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from emkcli.fhir import Graph, text
from emkcli.importers.fhir.answer_gaps import AnswerGaps
from emkcli.importers.fhir.history import history_of
from emkcli.importers.fhir.json_bounds import structure, without_attachments
from emkcli.locale import _, ngettext

MOST = 1_800_000
"""Objects and arrays, or values in them; 100,000 laboratory results have 1,500,000."""
MOST_RESOURCES = 200_000
LARGE, LONGEST_LINE = 64 * 1024 * 1024, 16 * 1024 * 1024
"""Of a folder of lines that is larger than any file may be, a line with the files in it."""
LARGEST_RESOURCE = 2 * 1024 * 1024
"""Of what stands in it besides files: the longest narratives in samples have 300 KB."""
LARGEST_WITH_FILES = 32 * 1024 * 1024
_PLACE = re.compile(r"\(byte (\d+)\)")


class Unreadable(Exception):
    """`problem` is `unsupported` or `failed`."""

    def __init__(self, problem: str, reason: str) -> None:
        super().__init__(reason)
        self.problem, self.reason = problem, reason


class _Entry(msgspec.Struct):
    fullUrl: Any = None  # noqa: N815
    resource: msgspec.Raw = msgspec.Raw(b"")
    search: Any = None
    request: Any = None
    response: Any = None


class Top(msgspec.Struct):
    """What a Bundle says of itself."""

    resourceType: Any = None  # noqa: N815
    identifier: Any = None
    type: Any = None
    timestamp: Any = None
    meta: Any = None
    fhirVersion: Any = None  # noqa: N815
    total: Any = None
    link: Any = None
    entry: list[_Entry] | None = None


_TOP = msgspec.json.Decoder(Top)
_ANY = msgspec.json.Decoder(msgspec.Raw)
_MANY = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass
class Found:
    """`outdated` are older states, and what was deleted since; `gaps` is what answers of a server announce beside them;
    `listed`: no Bundle, but resources one after the other; `broken` is how many lines are none, and the first of them."""

    top: Top = field(default_factory=lambda: Top(resourceType="Bundle"))
    graph: Graph = field(default_factory=Graph)
    outdated: Graph = field(default_factory=Graph)
    gaps: AnswerGaps = field(default_factory=AnswerGaps)
    listed: bool = False
    broken: int = 0
    first_broken: str = ""

    def note(self, line: int, why: str) -> None:
        """A line that is no resource."""
        if not self.broken:
            self.first_broken = _("line {number}: {why}").format(number=line, why=why)
        self.broken += 1

    @property
    def lacks(self) -> str | None:
        """Which lines could not be read; the first by its number."""
        if not self.broken:
            return None
        more = self.broken - 1
        counted = ngettext("and {count} more line", "and {count} more lines", more).format(count=more)
        return " ".join([self.first_broken, *([counted] if more else [])])


def resources(content: bytes) -> Found:
    """Raises `Unreadable`."""
    _check_structure(content)
    decoded = Found()
    try:
        decoded.top = _TOP.decode(content)
    except msgspec.ValidationError:
        decoded.top.type, decoded.listed = "array", True
        _array(content, decoded)
    except RecursionError:
        raise Unreadable("failed", _("nested too deep")) from None
    except ValueError as cause:
        decoded.listed = True
        _lines(content, decoded, cause)
    else:
        _top(decoded.top, content, decoded)
    if not decoded.graph.nodes:
        raise Unreadable("unsupported", _("a FHIR Bundle without resources"))
    return decoded


def _check_structure(content: bytes) -> None:
    """Of lines only the first is decoded with what is behind it; the others come one at a time."""
    first = content.partition(b"\n")[0] if structure(content) > MOST else b""
    if first and (structure(first) > MOST or not _is_json(first)):
        raise Unreadable("failed", _("more than {limit} elements").format(limit=MOST))


def _is_json(content: bytes) -> bool:
    try:
        return bool(memoryview(_ANY.decode(content)).nbytes)
    except (ValueError, RecursionError):
        return False


def _top(top: Top, content: bytes, decoded: Found) -> None:
    if text(top.resourceType) is None:
        raise Unreadable("unsupported", _("JSON, but no FHIR resource"))
    if top.resourceType == "Bundle":
        _entries(top, decoded)
    else:
        _add(msgspec.Raw(content), decoded, inside=True)


def _entries(top: Top, decoded: Found, *, inside: bool = False) -> None:
    entries = top.entry or []
    decoded.gaps.note(top)
    if top.type == "history":
        history = history_of(entries)
        entries = history.current
        for entry in filter(_has_resource, history.outdated):
            _check(len(decoded.graph.nodes) + len(decoded.outdated.nodes) + 1)
            decoded.outdated.add(entry.resource, text(entry.fullUrl))
    for entry in filter(_has_resource, entries):
        _add(entry.resource, decoded, text(entry.fullUrl), inside=inside)


def _has_resource(entry: _Entry) -> bool:
    return memoryview(entry.resource).nbytes > 0


def _add(content: msgspec.Raw, decoded: Found, full_url: str | None = None, *, inside: bool = False) -> bool:
    """Whether it is a resource; a Bundle among others is what is in it."""
    written = memoryview(content)
    inner = None if inside or b'"Bundle"' not in bytes(written[:2000]) else _bundle(content)
    if inner is not None:
        _entries(inner, decoded, inside=True)
        return True
    _check(len(decoded.graph.nodes) + 1)
    if len(written) > LARGEST_WITH_FILES:
        raise Unreadable("failed", _("larger than {limit} MB").format(limit=LARGEST_WITH_FILES // 2**20))
    if len(written) > LARGEST_RESOURCE and without_attachments(written) > LARGEST_RESOURCE:
        reason = _("one resource is larger than {limit} MB without its files")
        raise Unreadable("failed", reason.format(limit=LARGEST_RESOURCE // 2**20))
    return decoded.graph.add(content, full_url) is not None


def _check(number: int) -> None:
    if number > MOST_RESOURCES:
        raise Unreadable("failed", _("more than {limit} resources").format(limit=MOST_RESOURCES))


def _bundle(content: msgspec.Raw) -> Top | None:
    _check_structure(bytes(content))
    try:
        top = _TOP.decode(content)
    except msgspec.ValidationError:
        return None
    return top if top.resourceType == "Bundle" else None


def _array(content: bytes, decoded: Found) -> None:
    try:
        added = [_add(resource, decoded) for resource in _MANY.decode(content)]
    except (msgspec.ValidationError, RecursionError):
        added = []
    if not any(added):
        raise Unreadable("unsupported", _("JSON, but no FHIR resource"))


def _lines(content: bytes, decoded: Found, cause: ValueError) -> None:
    """NDJSON: every line a resource, and what is none is told. When the first line is none, the file is broken JSON."""
    longest = LONGEST_LINE if len(content) > LARGE else len(content)
    for number, line in enumerate(_split(content), 1):
        why = _refused(line, decoded, longest) if bytes(line).strip() else None
        if why and not decoded.graph.nodes:
            raise _malformed(content, cause)
        if why:
            decoded.note(number, why)
            _check(decoded.broken)


def _split(content: bytes) -> Iterator[memoryview]:
    """The lines where they stand: all of them copied would be the file a second time."""
    place, whole = 0, memoryview(content)
    while place < len(content):
        end = content.find(b"\n", place)
        end = len(content) if end < 0 else end
        yield whole[place:end]
        place = end + 1


def _refused(line: memoryview, decoded: Found, longest: int) -> str | None:
    if len(line) > longest:
        return _("larger than {limit} MB").format(limit=longest // 2**20)
    try:
        return None if _add(_ANY.decode(line), decoded) else _("JSON, but no FHIR resource")
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
