"""The bytes of FHIR in JSON → resources: a Bundle, one resource, an array of them, or lines of which some may be broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from emkcli.fhir import Graph, text
from emkcli.fhir.placement import ENTRY, PARAMETER, REFUSED
from emkcli.importers.fhir.answer_gaps import lacking_type
from emkcli.importers.fhir.bundle_entries import Entry, Top, parameters_of, top_of
from emkcli.importers.fhir.decoded_source import DecodedSource
from emkcli.importers.fhir.history import history_of, is_deletion
from emkcli.importers.fhir.json_bounds import structure, without_attachments
from emkcli.locale import _

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


_ANY = msgspec.json.Decoder(msgspec.Raw)
_MANY = msgspec.json.Decoder(list[msgspec.Raw])


def resources(content: bytes) -> DecodedSource:
    """Raises `Unreadable`."""
    _check_structure(content)
    decoded = DecodedSource()
    try:
        decoded.top, decoded.malformed[ENTRY] = top_of(content)
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
        raise Unreadable("unsupported", _no_resources(decoded))
    return decoded


def _no_resources(decoded: DecodedSource) -> str:
    if decoded.deleted:
        return _("a FHIR history that tells of nothing but deletions")
    if decoded.listed or decoded.malformed[ENTRY]:
        return _("JSON, but no FHIR resource")
    return _("FHIR Parameters without resources") if decoded.envelopes else _("a FHIR Bundle without resources")


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


def _top(top: Top, content: bytes, decoded: DecodedSource) -> None:
    if text(top.resourceType) is None:
        raise Unreadable("unsupported", _("JSON, but no FHIR resource"))
    if top.resourceType == "Bundle":
        _entries(top, decoded)
    elif top.resourceType == "Parameters":
        decoded.top = Top(resourceType="Bundle", type="parameters")
        _parameters(content, decoded)
    else:
        _add(msgspec.Raw(content), decoded, inside=True)


def _entries(top: Top, decoded: DecodedSource, *, inside: bool = False) -> None:
    entries = top.entry or []
    decoded.gaps.note(top)
    if top.type == "history":
        history = history_of(entries)
        entries = history.current
        decoded.deleted += history.deleted
        for entry in history.outdated:
            _outdated(entry, decoded)
    for entry in entries:
        _entry(entry, decoded, inside=inside)


def _outdated(entry: Entry, decoded: DecodedSource) -> None:
    if entry.has_resource:
        _check(len(decoded.graph.nodes) + len(decoded.outdated.nodes) + 1)
        decoded.malformed[ENTRY] += not _is_added(entry.resource, decoded.outdated, text(entry.fullUrl))


def _entry(entry: Entry, decoded: DecodedSource, *, inside: bool) -> None:
    """Take its resource in, or note that it should have one."""
    if entry.has_resource:
        decoded.malformed[ENTRY] += not _add(entry.resource, decoded, text(entry.fullUrl), inside=inside)
    elif is_deletion(entry):
        decoded.deleted += 1
    elif lacking_type(entry):
        return  # the gaps of the answer have it
    elif entry.is_refused:
        decoded.malformed[REFUSED] += 1
    else:
        decoded.malformed[ENTRY] += entry.is_empty


def _parameters(content: Any, decoded: DecodedSource) -> None:
    """What an operation answered: its resources, and how many values there are beside them."""
    decoded.envelopes += 1
    for parameter in parameters_of(content):
        if "resource" in parameter:
            decoded.malformed[ENTRY] += not _add(parameter["resource"], decoded)
        else:
            decoded.malformed[PARAMETER] += "part" not in parameter


def _add(content: msgspec.Raw, decoded: DecodedSource, full_url: str | None = None, *, inside: bool = False) -> bool:
    """Whether it is a resource; a Bundle among others is what is in it."""
    written = memoryview(content)
    if not inside and _is_unwrapped(content, bytes(written[:2000]), decoded):
        return True
    _check(len(decoded.graph.nodes) + 1)
    if len(written) > LARGEST_WITH_FILES:
        raise Unreadable("failed", _("larger than {limit} MB").format(limit=LARGEST_WITH_FILES // 2**20))
    if len(written) > LARGEST_RESOURCE and without_attachments(written) > LARGEST_RESOURCE:
        reason = _("one resource is larger than {limit} MB without its files")
        raise Unreadable("failed", reason.format(limit=LARGEST_RESOURCE // 2**20))
    return _is_added(content, decoded.graph, full_url)


def _is_added(content: msgspec.Raw, graph: Graph, full_url: str | None) -> bool:
    try:
        return graph.add(content, full_url) is not None
    except msgspec.ValidationError:
        return False


def _is_unwrapped(content: msgspec.Raw, start: bytes, decoded: DecodedSource) -> bool:
    """Whether it was a Bundle, whose resources were taken in."""
    if b'"Bundle"' not in start:
        return False
    _check_structure(bytes(content))
    try:
        top, malformed = top_of(content)
    except msgspec.ValidationError:
        return False
    if top.resourceType == "Bundle":
        decoded.malformed[ENTRY] += malformed
        _entries(top, decoded, inside=True)
    return bool(top.resourceType == "Bundle")


def _check(number: int) -> None:
    if number > MOST_RESOURCES:
        raise Unreadable("failed", _("more than {limit} resources").format(limit=MOST_RESOURCES))


def _array(content: bytes, decoded: DecodedSource) -> None:
    try:
        items = _MANY.decode(content)
    except (msgspec.ValidationError, RecursionError):
        items = []
    decoded.malformed[ENTRY] = sum(not _add(item, decoded) for item in items)


def _lines(content: bytes, decoded: DecodedSource, cause: ValueError) -> None:
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


def _refused(line: memoryview, decoded: DecodedSource, longest: int) -> str | None:
    if len(line) > longest:
        return _("larger than {limit} MB").format(limit=longest // 2**20)
    try:
        return None if _add(_ANY.decode(line), decoded) else _("JSON, but no FHIR resource")
    except (ValueError, RecursionError) as cause:
        return why_not(cause)


def _malformed(content: bytes, cause: ValueError) -> Unreadable:
    line = content.count(b"\n", 0, _place(content, cause)) + 1
    return Unreadable("failed", _("line {number}: {why}").format(number=line, why=why_not(cause)))


def _place(content: bytes, cause: ValueError) -> int:
    """How many bytes before the one that is wrong, as far as anybody says."""
    if _is_no_text(cause):
        try:
            str(content, "utf-8")
        except UnicodeDecodeError as found:
            return found.start
    place = _PLACE.search(str(cause))
    return int(place[1]) if place else len(content)


def _is_no_text(cause: Exception) -> bool:
    """msgspec says it in two ways, by its version."""
    return isinstance(cause, UnicodeDecodeError) or "UTF-8" in str(cause)


def why_not(cause: Exception) -> str:
    """What is wrong with broken JSON, in words."""
    if _is_no_text(cause):
        return _("not UTF-8")
    if isinstance(cause, RecursionError):
        return _("nested too deep")
    return _("the JSON breaks off") if "truncated" in str(cause) else _("malformed JSON")
