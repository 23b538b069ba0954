"""The card over any FHIR R4 server: lists stream page by page, resources pass through as bytes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from emkcli import errors, fhir, models
from emkcli.api.card_lists import Listed, newest_first
from emkcli.api.documents import about, json_text, request_id
from emkcli.api.fhir.capability import Capability
from emkcli.api.fhir.card_list import CardList, whole
from emkcli.api.fhir.card_search import CardSearch, card_search, counted
from emkcli.api.fhir.listed_resources import ListedResources
from emkcli.api.fhir.paging import ACCEPT, MEDIA_TYPE, Page, Sender
from emkcli.api.fhir.record_size import records_of
from emkcli.api.fhir.searches import AUDIT, BY_TYPE
from emkcli.api.filters import NotKept, SearchRefused
from emkcli.api.ports import EVERYTHING, CardQuery, Items, of_kind
from emkcli.fhir import Graph, Scene, audit_event
from emkcli.fhir.owner import replacements
from emkcli.fhir.patient import identity_of, person_of
from emkcli.locale import _
from emkcli.models import short_ids
from emkcli.models.content_account import Placed
from emkcli.security.redact import Learn, ignore

if TYPE_CHECKING:
    from emkcli.api.batches import Batch
    from emkcli.api.fhir.changes import FhirChanges
    from emkcli.api.fhir.resources import WholeCard
    from emkcli.models.content_account import Holdings

_PATIENT = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_RECORD = re.compile(r"([A-Z][A-Za-z]{2,40})/([A-Za-z0-9.\-]{1,64})(?:#[0-9]{1,4})?")


class Reader(Sender, Protocol):
    """`Wire`, as far as a card needs it."""

    def now(self) -> Any: ...


class FhirCard(Listed):
    """`patient` names whose card it is when a call names nobody: the token's patient, or `--person`."""

    def __init__(
        self,
        wire: Reader,
        base: str = "",
        patient: Callable[[], str | None] = lambda: None,
        learn: Learn = ignore,
        notice: Callable[[str], None] = lambda message: None,
    ) -> None:
        self._wire, self._base, self._patient, self._learn = wire, base, patient, learn
        self._notice = notice
        self._capability = Capability(wire, base)
        self._patients: dict[str, bytes] = {}
        self._unnamed: set[str] = set()
        self._searches: dict[str, CardSearch] = {}
        self._listed: dict[str, ListedResources] = defaultdict(ListedResources)

    def person(self, person: str | None = None) -> models.Person:
        ident = self._patient_id(person)
        return person_of(_json(self._patient_or_nothing(ident)), ident)

    def record(self, record: str, person: str | None = None, *, kind: str | None = None) -> Any:
        """Also by the short id that a table shows, without its type, as long as one type alone has it."""
        return of_kind(self._found(record, person), record, kind)

    def _found(self, record: str, person: str | None) -> models.Model:
        if "/" in record:
            return self._record(record, person)
        refusals: list[SearchRefused] = []
        kinds = filter(self._searches_of(self._patient_id(person)).is_kept, BY_TYPE)
        found = (self._record_or_none(f"{kind}/{record}", person, refusals) for kind in kinds)
        matches = [match for match in found if match]
        if len(matches) > 1:
            raise short_ids.ambiguous([str(getattr(match, "id", "")) for match in matches])
        if not matches:
            raise refusals[0] if refusals else _no_such(record)
        return matches[0]

    def _record_or_none(self, record: str, person: str | None, refusals: list[SearchRefused]) -> models.Model | None:
        try:
            return self._record(record, person)
        except errors.NotFound:
            return None
        except SearchRefused as cause:
            refusals.append(cause)
            return None

    def _record(self, record: str, person: str | None) -> models.Model:
        match = _RECORD.fullmatch(record)
        if not match or match[1] not in BY_TYPE:
            raise _no_such(record)
        patient, search = self._patient_id(person), BY_TYPE[match[1]]
        attempts = [[("_id", match[2]), *params] for params in search.params(patient, [])]
        for page in self._kept_pages(search.type, attempts, patient):
            candidates = [
                candidate
                for node in page.matches
                for candidate in records_of(node, Scene(page.graph, today=self._today(), is_page=True))
            ]
            for candidate in candidates:
                if candidate.id == record or (candidate is candidates[0] and candidate.id.startswith(f"{record}#")):
                    return candidate  # type: ignore[no-any-return]
        raise _no_such(record)

    def raw(self, record: str, person: str | None = None) -> models.Raw:
        match = _RECORD.fullmatch(record)
        if not match:
            raise _no_such(record)
        searches = self._searches_of(self._patient_id(person))
        response = self._wire.send("GET", f"{self._base}/{match[1]}/{match[2]}", headers=ACCEPT)
        content = json_text(response)
        if searches.other_people.is_of_other(_json(content)):
            raise _no_such(record)
        stamp = self._wire.now().isoformat()
        data = {"address": str(response.url)}
        return models.Raw(id=record, media_type=MEDIA_TYPE, content=content, fetched_at=stamp, data=data)

    def resources(self, query: CardQuery = EVERYTHING) -> Iterator[models.Raw]:
        return self._whole(query).resources(query)

    def batches(self, query: CardQuery = EVERYTHING) -> Iterator[Batch]:
        return self._whole(query).batches(query)

    def holdings(self, query: CardQuery = EVERYTHING, passed: Holdings | None = None) -> Holdings:
        patient = self._patient_id(query.person)
        listed = self._listed[patient] if query.is_of_any_time else ListedResources()
        holdings = passed or listed.counted_in(self.batches(query))
        left_out = self._searches_of(patient).other_people.left_out
        holdings.add({Placed(kind, "other_person"): count for kind, count in left_out.items()})
        return holdings

    def _whole(self, query: CardQuery) -> WholeCard:
        from emkcli.api.fhir.resources import WholeCard

        patient = self._patient_id(query.person)
        return WholeCard(self._searches_of(patient), self._wire.now().isoformat())

    def changes(self, person: str | None = None) -> FhirChanges:
        from emkcli.api.fhir.changes import FhirChanges, sent

        patient = self._patient_id(person)
        graph, searches = Graph(), self._searches_of(patient)
        node = next(map(graph.add, searches.already_read), None)
        changes = FhirChanges(self._wire, searches, sent(graph, node) if node else None)
        if node is None:
            changes.check_open()
        return changes

    def access_log(self, person: str | None = None) -> Items[models.Access]:
        patient = self._patient_id(person)
        gaps: list[str] = []
        audit_pages = self._pages("AuditEvent", AUDIT.params(patient, []), patient)
        try:
            first = next(audit_pages)
        except (NotKept, StopIteration):
            raise errors.Unsupported(_("This server keeps no log of who looked at the card.")) from None
        batches = (
            [access for node in page.matches if (access := _access(page, node))]
            for page in counted(chain([first], audit_pages), gaps)
        )
        return Items(whole(newest_first(batches), gaps), self._named(patient))

    def _list(self, category: str, query: CardQuery) -> Items[Any]:
        patient = self._patient_id(query.person)
        person = self._named(patient)
        items = CardList(self._searches_of(patient), query, self._today()).items(category, person)
        if not query.is_of_any_time:
            return items
        return replace(items, stream=self._listed[patient].noted(category, items.stream))

    def _kept_pages(self, kind: str, attempts: list[list[tuple[str, str]]], patient: str) -> Iterator[Page]:
        """None of a type that the server does not keep."""
        with suppress(NotKept):
            yield from self._pages(kind, attempts, patient)

    def _pages(self, kind: str, attempts: list[list[tuple[str, str]]], patient: str) -> Iterator[Page]:
        return self._searches_of(patient).complete_pages(kind, attempts)

    def _searches_of(self, patient: str) -> CardSearch:
        if patient not in self._searches:
            patient_bytes = self._patient_or_nothing(patient)
            self._searches[patient] = card_search(
                self._wire, self._base, patient, patient_bytes, self._capability, self._notice
            )
        return self._searches[patient]

    def _today(self) -> str:
        return str(self._wire.now().date())

    def _patient_id(self, person: str | None) -> str:
        identifier = (person or self._patient() or "").removeprefix("Patient/")
        if not identifier:
            raise errors.Usage(
                _("It is not known whose card to read."), hint=_("log in (emk login), or name the patient: --person ID")
            )
        if not _PATIENT.fullmatch(identifier):
            raise errors.NotFound(_("There is no person {id} on this server.").format(id=identifier))
        return identifier

    def _named(self, patient: str) -> models.Named:
        person = self.person(patient)
        return models.Named(id=person.id, name=person.name)

    def _patient_or_nothing(self, patient: str) -> bytes:
        """The Patient, empty where the server gives a person's records and not the person: a right of its own in SMART."""
        if patient in self._unnamed:
            return b""
        try:
            return self._patient_bytes(patient)
        except errors.Forbidden as cause:
            if type(cause) is not errors.Forbidden or "reason" in cause.details:
                raise  # the whole card is closed, or there is no such person
            self._unnamed.add(patient)
            self._notice(_("The server does not let the Patient be read: {why}").format(why=cause.message))
            return b""

    def _patient_bytes(self, patient: str) -> bytes:
        if patient not in self._patients:
            self._capability.check_release()
            response = self._patient_response(patient)
            content = json_text(response)
            with about(request_id(response)):
                resource = _patient_in(content)
            self._learn("", identity_of(resource).private())
            for other in replacements(resource):
                message = _(
                    "The server has another Patient in place of this one; newer records may be there: --person {id}"
                )
                self._notice(message.format(id=other))
            self._patients[patient] = content
        return self._patients[patient]

    def _patient_response(self, patient: str) -> Any:
        try:
            return self._wire.send("GET", f"{self._base}/Patient/{patient}", headers=ACCEPT)
        except errors.NotFound as cause:
            message = _("The server {server} has no patient {id}.")
            address = f"{self._wire.base_url}{self._base}"
            raise errors.NotFound(message.format(server=address, id=patient), request_id=cause.request_id) from None


def _patient_in(content: bytes) -> fhir.Resource:
    """A Patient; `BadResponse` for anything else."""
    patient: fhir.Resource = _json(content)
    if fhir.text(patient, "resourceType") != "Patient":
        raise errors.BadResponse(_("The answer of the server is no FHIR Patient."), hint=_("retry later"))
    return patient


def _json(content: bytes) -> Any:
    try:
        return fhir.decode(content)
    except ValueError:
        return None


def _access(page: Page, node: fhir.Node) -> models.Access | None:
    return audit_event.from_fhir(page.graph.resource(node), Scene(page.graph, is_page=True))


def _no_such(record: str) -> errors.NotFound:
    return errors.NotFound(_("There is no record {id}.").format(id=record))
