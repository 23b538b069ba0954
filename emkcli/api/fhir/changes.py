"""The changes of a FHIR server's card: `_lastUpdated`, totals and validators, as far as the server knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from emkcli import errors, fhir
from emkcli.api.changes import Batch, Newest, Sent
from emkcli.api.fhir.bundles import answered
from emkcli.api.fhir.card_search import CardSearch
from emkcli.api.fhir.paging import ACCEPT, REFUSED, Page, Params, Sender, page_of
from emkcli.api.fhir.record_size import check_records
from emkcli.api.fhir.searches import BY_TYPE, PAGE_SIZE
from emkcli.api.filters import SUPPORTING, NotKept, SearchRefused
from emkcli.fhir import Graph, Node, Scene

KINDS = (
    "DocumentReference",
    "Composition",
    "CarePlan",
    "DiagnosticReport",
    "Specimen",
    "Condition",
    "Encounter",
    "Observation",
    "MedicationRequest",
    "MedicationStatement",
    "Immunization",
    "ImmunizationRecommendation",
    "AllergyIntolerance",
    "ServiceRequest",
    "Procedure",
    "FamilyMemberHistory",
    "ImagingStudy",
    "Coverage",
    "Appointment",
    "AuditEvent",
)
"""What is asked for of any server; what others refer to comes before them."""
_BY_THEMSELVES = frozenset({"encounter", "specimen", "diagnosis", "related", "reaction"})
"""What a search could bring along but is of a type that is asked for anyway."""
_NO_PART = frozenset({"OperationOutcome", "Patient"})
"""What comes along and is said of the answer, or is read by itself."""
_KEYS_AT_ONCE = "1000"
_NAMES_AT_ONCE = 50
_AT_ONCE = int(PAGE_SIZE)
_LARGEST = 8 * 2**20
"""Bytes after which a piece of a page is full: while it is kept, it is in memory beside the page, decoded once more."""


class Server(Sender, Protocol):
    def now(self) -> datetime: ...


@dataclass(frozen=True)
class FhirChanges:
    """`patient` is the Patient itself, which was read to begin with; None where it may not be."""

    wire: Server
    searches: CardSearch
    patient: Sent | None

    @property
    def kinds(self) -> Sequence[str]:
        return [kind for kind in self.searches.kinds(KINDS) if kind not in SUPPORTING]

    @property
    def other_people(self) -> Mapping[str, int]:
        return self.searches.other_people.left_out

    def now(self) -> datetime:
        return self.wire.now()

    def check_open(self) -> None:
        """`Forbidden` where no type of the card may be read: then it is closed, and not its Patient alone."""
        refusals = []
        for kind in self.kinds:
            try:
                self.newest(kind, None)
                return
            except NotKept:
                continue
            except errors.Forbidden as cause:
                refusals.append(cause)
            except errors.EmkError:
                return  # the run will say it
        if refusals:
            raise refusals[0]

    def newest(self, kind: str, etag: str | None) -> Newest:
        params = [
            self.searches.owner(kind),
            ("_sort", "-_lastUpdated"),
            ("_count", "1"),
            ("_total", "accurate"),
        ]
        validator = {"If-None-Match": etag} if etag else {}
        try:
            response = self.wire.send("GET", f"{self.searches.base}/{kind}", params=params, headers=ACCEPT | validator)
        except errors.InvalidInput:
            return Newest(known=False)
        except REFUSED as cause:
            raise self.searches.refusal(kind, cause) from None
        if response.status_code == 304:
            return Newest(etag=etag, same=True)
        page = _checked(page_of(answered(response).without(self.searches.other_people), kind))
        first = next((_without_content(sent(page.graph, node)) for node in page.matches), None)
        etag = None if page.total is None else response.headers.get("ETag")  # of what was deleted only a total tells
        return Newest(page.total, first, etag)

    def walk(self, kind: str, since: str | None) -> Iterator[Batch]:
        changed = [("_lastUpdated", f"ge{since}")] if since else []
        bare = [self.searches.owner(kind)]
        counted = [*bare, *changed, ("_count", PAGE_SIZE)]
        ordered = [*counted, ("_sort", "_lastUpdated"), ("_total", "accurate")]
        search = BY_TYPE.get(kind)
        includes = [
            ("_include", f"{kind}:{name}") for name in (search.include if search else ()) if name not in _BY_THEMSELVES
        ]
        attempts = [[*ordered, *includes], ordered, counted, bare] if includes else [ordered, counted, bare]
        return self._batches(kind, attempts)

    def keys(self, kind: str) -> Iterator[str]:
        bare = [self.searches.owner(kind)]
        counted = [*bare, ("_count", _KEYS_AT_ONCE)]
        # without its subject a resource does not tell whose it is
        shortened = [] if self.searches.other_people.left_out[kind] else [[*counted, ("_elements", "id")]]
        key_pages = self.searches.pages(kind, [*shortened, counted, bare])
        return (node.key for page in map(_checked, key_pages) for node in page.matches)

    def named(self, kind: str, keys: Sequence[str], since: str | None) -> Iterator[Batch]:
        for start in range(0, len(keys), _NAMES_AT_ONCE):
            chunk = keys[start : start + _NAMES_AT_ONCE]
            bare = [("_id", ",".join(key.partition("/")[2] for key in chunk))]
            changed = [*bare, ("_lastUpdated", f"ge{since}"), ("_count", PAGE_SIZE)]
            sent_keys: set[str] = set()
            with suppress(NotKept, SearchRefused, errors.Forbidden):
                for batch in self._batches(kind, [changed, bare] if since else [bare]):
                    sent_keys.update(resource.key for resource in batch.matches)
                    yield batch
                if since:
                    continue  # what did not come did not change
            yield self.read([key for key in chunk if key not in sent_keys])

    def read(self, keys: Sequence[str]) -> Batch:
        """What may not be read is no gap, as its id stands for its name; the warning of the reader says so."""
        graph = Graph()
        nodes = filter(None, map(graph.add, self.searches.referenced.read(keys)))
        return Batch([sent(graph, node) for node in nodes], [])

    def _batches(self, kind: str, attempts: Sequence[Params]) -> Iterator[Batch]:
        kind_pages = self.searches.pages(kind, attempts)
        return (batch for page in map(_checked, kind_pages) for batch in _batches_of(page))


def _checked(page: Page) -> Page:
    """`BadResponse` for a page that is not whole: what it lacks must not be taken for deleted."""
    if page.problem:
        raise errors.BadResponse(page.problem)
    return page


def _without_content(resource: Sent) -> Sent:
    """Which state it is, for a walk through pages that hold as much again."""
    return replace(resource, content=b"", resource={})


def _batches_of(page: Page) -> Iterator[Batch]:
    """A page in pieces of the size that was asked for: some servers send all they have at once."""
    matched_keys = {node.key for node in page.matches}
    unasked = [node for node in page.graph.nodes if node.key not in matched_keys and node.type not in _NO_PART]
    along = [sent(page.graph, node) for node in unasked if node.type in SUPPORTING]
    others = [node.key for node in unasked if node.type not in SUPPORTING]
    matches: list[Sent] = []
    size, left_out = 0, page.left_out
    for node in page.matches:
        matches.append(sent(page.graph, node))
        size += len(matches[-1].content)
        if len(matches) == _AT_ONCE or size > _LARGEST:
            yield Batch(matches, along, page.total, left_out, page.gap, others)
            matches, along, others, size, left_out = [], [], [], 0, 0
    if matches or along or others or left_out or not page.matches:
        yield Batch(matches, along, page.total, left_out, page.gap, others)


def sent(graph: Graph, node: Node) -> Sent:
    check_records(node, Scene(graph, is_page=True))
    resource = graph.resource(node)
    return Sent(
        node.key,
        node.type,
        node.full_url,
        bytes(node.content),
        resource,
        fhir.text(resource, "meta", "versionId"),
        fhir.text(resource, "meta", "lastUpdated"),
    )
