"""What a server sends of other people: R4 lets it ignore a parameter it does not know, `patient` too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from operator import attrgetter
from typing import Any, Protocol, TypeVar

import msgspec

from emkcli.fhir import Resource
from emkcli.fhir.elements import decode, text
from emkcli.fhir.owner import NESTED, SUBJECTS, Owner, Whose, base_of
from emkcli.fhir.resource_types import OF_ONE_PATIENT
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
        self._verdicts: dict[tuple[str | None, bytes], Whose] = {}
        patients = [entry for entry, head in rows if head is not None and bytes(head.resourceType) == _PATIENT]
        verdicts = [(text(_read(entry.fullUrl)), owner.is_own(_read(entry.resource))) for entry in patients]
        self._addresses = {full_url: is_own for full_url, is_own in verdicts if full_url}

    def is_of_other(self, entry: Entry, head: Any) -> bool:
        """A server that sends what is another's has not searched: what names nobody may be anybody's then."""
        whose = self._whose(entry, head)
        is_unproven = whose != "own" and text(_read(head.resourceType)) in OF_ONE_PATIENT
        return whose == "other" or (is_unproven and self._has_others)

    @cached_property
    def _has_others(self) -> bool:
        return any(head is not None and self._whose(entry, head) == "other" for entry, head in self.rows)

    def _whose(self, entry: Entry, head: Any) -> Whose:
        kind = bytes(head.resourceType)
        if kind == _PATIENT:
            return "own" if self._owner.is_own(_read(entry.resource)) else "other"
        named = b"\0".join(_NAMED(head))
        if kind not in _WHOLE and named == _NOBODY:
            return "nobody"
        base = base_of(text(_read(entry.fullUrl)), kind[1:-1].decode())
        if kind in _WHOLE or b'"#' in named:
            return self._owner.whose(_read(entry.resource), self._addresses, base)
        # a page names the same person again and again
        if (base, named) not in self._verdicts:
            self._verdicts[base, named] = self._owner.whose(_decoded(_NAMED(head)), self._addresses, base)
        return self._verdicts[base, named]


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
