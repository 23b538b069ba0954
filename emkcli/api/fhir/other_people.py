"""What a server sends of other people: R4 lets it ignore a parameter it does not know, `patient` too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Protocol, TypeVar

import msgspec

from emkcli.fhir import Resource
from emkcli.fhir.elements import decode, text
from emkcli.fhir.owner import NESTED, SUBJECTS, Owner
from emkcli.locale import _

_HEAD: Any = msgspec.defstruct(
    "_Head",
    [("resourceType", msgspec.Raw, msgspec.Raw(b""))]
    + [(f"{name}_", msgspec.Raw, msgspec.Raw(b"")) for name in SUBJECTS],
    rename={f"{name}_": name for name in SUBJECTS},
    gc=False,
)
_DECODER = msgspec.json.Decoder(_HEAD)
_NAMED = attrgetter(*(f"{name}_" for name in SUBJECTS))
_NOBODY = b"\0" * (len(SUBJECTS) - 1)
_WHOLE = frozenset(f'"{kind}"'.encode() for kind in NESTED)
_PATIENT = b'"Patient"'


class Entry(Protocol):
    """The part of a Bundle's entry that is looked at, as bytes."""

    fullUrl: msgspec.Raw  # noqa: N815
    resource: msgspec.Raw


E = TypeVar("E", bound=Entry)


class OtherPeople:
    """Leaves out what is about somebody else than the owner of the card, and says how much it was, once."""

    def __init__(self, owner: Owner, notice: Callable[[str], None] = lambda message: None) -> None:
        self._owner, self.notice = owner, notice
        self._seen: dict[int, str] = {}
        self._reported: Counter[str] = Counter()

    @property
    def left_out(self) -> Counter[str]:
        """How many resources were left out, by type; one that came again counts once."""
        return Counter(self._seen.values())

    def without(self, entries: Iterable[E]) -> list[E]:
        """The entries of one page that are about the owner, or about nobody."""
        page = _Page(self._owner, [(entry, _head(bytes(entry.resource))) for entry in entries])
        kept = []
        for entry, head in page.rows:
            if head is not None and page.is_of_other(entry, head):
                self._seen[hash(bytes(entry.resource))] = text(_read(head.resourceType)) or ""
            else:
                kept.append(entry)
        return kept

    def is_of_other(self, resource: Resource) -> bool:
        """The same for one resource that came alone."""
        if text(resource, "resourceType") == "Patient":
            return not self._owner.is_own(resource)
        return self._owner.is_of_other(resource, {})

    def report(self) -> None:
        """Say what was left out since the last time it was said."""
        left_out = self.left_out
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted((left_out - self._reported).items()))
        self._reported = left_out
        if kinds:
            message = _("The server sent records of another person; they were left out: {kinds}.")
            self.notice(message.format(kinds=kinds))


class _Page:
    """The entries of one page, with the Patients among them."""

    def __init__(self, owner: Owner, rows: list[tuple[Any, Any]]) -> None:
        self.rows = rows
        self._owner = owner
        self._verdicts: dict[bytes, bool] = {}
        patients = [entry for entry, head in rows if head is not None and bytes(head.resourceType) == _PATIENT]
        verdicts = [(text(_read(entry.fullUrl)), owner.is_own(_read(entry.resource))) for entry in patients]
        self._addresses = {full_url: is_own for full_url, is_own in verdicts if full_url}

    def is_of_other(self, entry: Entry, head: Any) -> bool:
        kind = bytes(head.resourceType)
        if kind == _PATIENT:
            return not self._owner.is_own(_read(entry.resource))
        if kind in _WHOLE:
            return self._owner.is_of_other(_read(entry.resource), self._addresses)
        named = b"\0".join(_NAMED(head))
        if named == _NOBODY:
            return False
        if b'"#' in named:
            return self._owner.is_of_other(_read(entry.resource), self._addresses)
        # a page names the same person again and again
        if named not in self._verdicts:
            self._verdicts[named] = self._owner.is_of_other(_decoded(_NAMED(head)), self._addresses)
        return self._verdicts[named]


def _decoded(named: tuple[msgspec.Raw, ...]) -> Resource:
    return {name: _read(reference) for name, reference in zip(SUBJECTS, named, strict=True) if bytes(reference)}


def _read(content: Any) -> Any:
    """An element that cannot be read says nothing here; the resource is refused where it is used."""
    try:
        return decode(content)
    except ValueError:
        return None


def _head(content: bytes) -> Any:
    """None for what cannot be read: whoever reads it next says so."""
    try:
        return _DECODER.decode(content) if content else None
    except (ValueError, RecursionError):
        return None
