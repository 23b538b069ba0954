"""The searches of one card at one server: of its owner alone, and a refusal is never taken for an absence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress

from emkcli import errors
from emkcli.api.fhir.bundles import Answer
from emkcli.api.fhir.capability import Capability
from emkcli.api.fhir.other_people import OtherPeople
from emkcli.api.fhir.paging import REFUSED, Page, Params, Sender, answers, pages
from emkcli.api.fhir.referenced import DESCRIBED, ReferencedResources
from emkcli.api.fhir.searches import BESIDE, EVERYTHING, OTHERS
from emkcli.api.fhir.tally import Tally, name_of
from emkcli.api.filters import NotKept, SearchRefused
from emkcli.fhir import Graph, Node
from emkcli.locale import _

CATEGORIES = {
    "Observation": (
        "laboratory",
        "vital-signs",
        "social-history",
        "survey",
        "exam",
        "imaging",
        "procedure",
        "therapy",
        "activity",
        "sdoh",
        "functional-status",
        "disability-status",
        "cognitive-status",
        "treatment-intervention-preference",
        "care-experience-preference",
        "core-characteristics",
    ),
    "Condition": ("problem-list-item", "encounter-diagnosis", "health-concern", "sdoh"),
    "DiagnosticReport": ("LAB", "RAD", "LP29684-5", "LP29708-2", "LP7839-6"),
    "DocumentReference": ("clinical-note",),
    "CarePlan": ("assess-plan",),
    "MedicationRequest": ("inpatient", "outpatient", "community", "discharge"),
    "AllergyIntolerance": ("food", "medication", "environment", "biologic"),
}
"""The categories that R4, US Core and Epic define for a type, asked for one by one where a server wants to be asked so."""

_OWNERS = ("patient", "subject")
"""The parameters that ask for what is a patient's."""


@dataclass(frozen=True)
class CardSearch:
    """`patient` is the id of the owner, `patient_bytes` the Patient itself, empty where it may not be read."""

    wire: Sender
    base: str
    patient: str
    patient_bytes: bytes
    other_people: OtherPeople
    capability: Capability
    referenced: ReferencedResources

    @property
    def already_read(self) -> list[bytes]:
        """What joins every page: the Patient."""
        return [self.patient_bytes] if self.patient_bytes else []

    def complete_pages(
        self, kind: str, attempts: Sequence[Params], along: frozenset[str] = DESCRIBED
    ) -> Iterator[Page]:
        """The same pages with the Patient, and with what their matches refer to of the types `along`."""
        for page in self.pages(kind, attempts, self.already_read):
            self.referenced.complete(page, along)
            yield page

    def kinds(self, usual: Sequence[str]) -> list[str]:
        """The types a card is made of: those that are always asked for, and every further one that the server keeps of a
        patient. The log comes last: reading the card may write into it."""
        if not self.base and self.capability.lists("Patient") is None:
            self.other_people.notice(
                _(
                    "The server does not say which types it keeps: every one is asked for, and what is refused may be there."
                )
            )
        further = [kind for kind in (*OTHERS, *BESIDE) if kind not in usual and self.is_kept(kind)]
        return sorted([*usual, *further], key=lambda kind: kind == "AuditEvent")

    def is_kept(self, kind: str) -> bool:
        """Whether to ask for a type at all: of those that no list is about only what the server says it keeps and lets be
        searched by its patient. One that says nothing may keep any, and a portal keeps what portals do."""
        if kind not in OTHERS and kind not in BESIDE:
            return True
        listed, parameters = self.capability.lists(kind), self.capability.parameters(kind)
        if listed is None:
            return not self.base or kind in EVERYTHING
        return listed and (not parameters or not parameters.isdisjoint(_OWNERS))

    def owner(self, kind: str) -> tuple[str, str]:
        """The parameter that asks for what is the patient's, as the server calls it, and its value."""
        # the door of a portal is searched by patient, and need not be asked
        parameters = frozenset() if self.base else self.capability.parameters(kind)
        usual = OTHERS[kind].owner if kind in OTHERS else "patient"
        name = next((name for name in (usual, *_OWNERS) if name in parameters), usual)
        return name, self.patient if name == "patient" else f"Patient/{self.patient}"

    def pages(self, kind: str, attempts: Sequence[Params], already_read: Sequence[bytes] = ()) -> Iterator[Page]:
        """Every page of a search, by category where it is refused otherwise.

        :raises NotKept: the server has no such type.
        :raises SearchRefused: it has, and does not let it be searched.
        """
        walk = self._plain(kind, attempts, already_read)
        try:
            first = next(walk, None)
        except REFUSED as cause:
            refusal = self.refusal(kind, cause)
            if isinstance(refusal, NotKept) or not isinstance(cause, errors.InvalidInput) or kind not in CATEGORIES:
                raise refusal from None
            yield from self._by_category(kind, attempts, already_read, refusal)
            return
        if first:
            self.capability.check_resources(first.matches)
            yield first
        yield from walk

    def overlooked(self) -> str | None:
        """That a card which is empty by the id of its patient is not empty by their address: some servers know no other."""
        params = [("patient", f"Patient/{self.patient}"), ("_count", "1")]
        try:
            first = next(
                pages(self.wire, f"{self.base}/Observation", [params], "Observation", (), self.other_people), None
            )
        except errors.EmkError:
            return None  # the searches themselves were answered
        if not first or not first.matches:
            return None
        return _("the server finds nothing by the id of the patient, and something by Patient/{id}").format(
            id=self.patient
        )

    def everything(self, attempts: Sequence[Params]) -> Iterator[Answer]:
        """The pages of `$everything`."""
        return answers(self.wire, self._everything, attempts, self.other_people)

    def everything_pages(self, attempts: Sequence[Params]) -> Iterator[Page]:
        """The same with how their resources refer to each other."""
        return pages(self.wire, self._everything, attempts, None, other_people=self.other_people)

    def refusal(self, kind: str, cause: errors.EmkError) -> errors.Unsupported:
        """What a refused search says of a type."""
        listed, denied = self.capability.lists(kind), cause.details.get("issue") == "not-supported"
        # any other status than 404 denies this way of asking, not that there is something
        is_absent = listed is False or (denied and (not listed or isinstance(cause, errors.NotFound)))
        return NotKept(kind) if is_absent else SearchRefused(kind, cause)

    @property
    def _everything(self) -> str:
        return f"{self.base}/Patient/{self.patient}/$everything"

    def _plain(self, kind: str, attempts: Sequence[Params], already_read: Sequence[bytes]) -> Iterator[Page]:
        owned = [
            [self.owner(kind) if name in _OWNERS else (name, value) for name, value in attempt] for attempt in attempts
        ]
        return pages(self.wire, f"{self.base}/{kind}", owned, kind, already_read, self.other_people)

    def _by_category(
        self, kind: str, attempts: Sequence[Params], already_read: Sequence[bytes], refusal: errors.Unsupported
    ) -> Iterator[Page]:
        """What has one of the known categories; what has none of them cannot be asked for, and the last page says so."""
        if any(name == "category" for name, _value in attempts[-1]):
            raise refusal
        answered: list[str] = []
        yielded: set[str] = set()
        for category in CATEGORIES[kind]:
            narrowed = [[*params, ("category", category)] for params in attempts]
            try:
                for page in self._plain(kind, narrowed, already_read):
                    yield _new(page, yielded)
            except REFUSED:
                continue
            answered.append(category)
        if not answered:
            raise refusal
        yield Page(Graph(), [], None, is_part=True, gap=_unasked(answered))


def _new(page: Page, yielded: set[str]) -> Page:
    """A page of one category without the matches that an earlier category had; its total is not the search's."""
    matches = [node for node in page.matches if node.key not in yielded]
    yielded.update(node.key for node in matches)
    return replace(page, matches=matches, total=None, is_part=True)


def counted(row: Iterable[Page], gaps: list[str]) -> Iterator[Page]:
    """The pages with each match once; what they lack is added to `gaps`."""
    tally = Tally()
    for page in row:
        names = [name_of(node.type, ident_of(node), bytes(node.content)) for node in page.matches]
        new = tally.note(names, page.total, page.left_out)
        gaps.extend(filter(None, (page.gap, page.problem)))
        yield page if all(new) else replace(page, matches=list(compress(page.matches, new)))
    gaps.extend(filter(None, [tally.gap()]))


def ident_of(node: Node) -> str | None:
    """The id of a resource; what has none is named after its place, with a sign that no id has."""
    kind, _slash, ident = node.key.partition("/")
    return ident if kind == node.type and not ident.startswith("_") else None


def _unasked(answered: Sequence[str]) -> str:
    message = _(
        "the server only answers by category: what it has of none, or of another than {categories}, is not here"
    )
    return message.format(categories=", ".join(answered))


def card_search(
    wire: Sender,
    base: str,
    patient: str,
    patient_bytes: bytes,
    capability: Capability,
    notice: Callable[[str], None],
) -> CardSearch:
    """The searches of one card, with nothing asked yet."""
    from emkcli.fhir import decode
    from emkcli.fhir.owner import Owner

    owner = Owner([decode(patient_bytes or b"{}")], [f"Patient/{patient}"], lambda: [f"{wire.base_url}{base}"])
    other_people = OtherPeople(owner, notice)
    referenced = ReferencedResources(wire, base, other_people)
    return CardSearch(wire, base, patient, patient_bytes, other_people, capability, referenced)
