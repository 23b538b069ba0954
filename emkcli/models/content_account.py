"""Where everything that a source holds went: one count for each resource of FHIR, contained ones included, and for each
clinical statement of a document; the numbers add up to what an independent counter found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, TypeAlias

from emkcli.models.elements import Model

if TYPE_CHECKING:
    from emkcli.models.records import Missing

Place: TypeAlias = Literal[
    "records", "other", "text", "supporting", "duplicate", "superseded", "other_person", "unread"
]
PLACES: tuple[Place, ...] = (
    "records",
    "other",
    "text",
    "supporting",
    "duplicate",
    "superseded",
    "other_person",
    "unread",
)


class ContentAccount(Model):
    """`total` is the sum of all others."""

    total: Annotated[int, "resources of the source, contained ones included, or statements of the document"] = 0
    records: Annotated[int, "of these, in the lists of the card"] = 0
    other: Annotated[int, "in the list `other`"] = 0
    text: Annotated[int, "in the text of their document"] = 0
    supporting: Annotated[int, "patients, physicians, clinics and what else records refer to"] = 0
    duplicate: Annotated[int, "in the card already, or in the source twice"] = 0
    superseded: Annotated[int, "older states of what is in the card"] = 0
    other_person: Annotated[int, "about somebody else, and not stored"] = 0
    unread: Annotated[int, "in none of these places: what is lacking"] = 0


class Unread(Model):
    """What no list, no text and nothing else of the card has."""

    what: Annotated[str, "type of the resource, or name of the statement"]
    count: Annotated[int, "how many"]
    where: Annotated[str | None, "the file, its section, or the server's type"] = None
    reason: Annotated[str | None, "why, in the language of the run"] = None


class Placed(NamedTuple):
    """A kind of resource or statement, and where some of that kind went."""

    what: str
    place: Place


Placements: TypeAlias = Mapping[Placed, int]


@dataclass
class Ledger:
    """The account of one source while it is read: `counted` comes from a counter that knows nothing of the reader."""

    counted: Counter[str] = field(default_factory=Counter)
    placed: Counter[Placed] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)

    def note(self, placements: Placements, place: Place | None = None) -> None:
        """Where these went; a `place` stands for all of them: what is a duplicate is one in all its parts."""
        for placed, count in placements.items():
            self.placed[placed if place is None else Placed(placed.what, place)] += count

    def rest(self, place: Place) -> None:
        """Everything that has no place yet is there."""
        for what, count in self._unplaced().items():
            if count > 0:
                self.placed[Placed(what, place)] += count

    def account(self) -> ContentAccount:
        """The numbers, which add up."""
        places: Counter[str] = Counter()
        for (_what, place), count in self.settled().items():
            places[place] += count
        return ContentAccount(total=sum(places.values()), **{place: places[place] for place in PLACES})

    def unread(self, where: str | None = None, why: Callable[[str], str | None] | None = None) -> list[Unread]:
        """What is lacking, by its kind."""
        return [
            Unread(what=what, count=count, where=where, reason=self.reasons.get(what) or (why and why(what)))
            for (what, place), count in sorted(self.settled().items())
            if place == "unread" and count
        ]

    def lacking(self) -> dict[str, int]:
        """By kind, how many were counted and are in no place, not even said to be unread."""
        return {what: count for what, count in self._unplaced().items() if count > 0}

    def _unplaced(self) -> dict[str, int]:
        """By kind, how many more were counted than placed; below zero, how many were placed and never counted."""
        sums: Counter[str] = Counter()
        for (what, _place), count in self.placed.items():
            sums[what] += count
        return {what: self.counted[what] - sums[what] for what in {*self.counted, *sums}}

    def settled(self) -> Counter[Placed]:
        """What was counted and not placed is unread; so is what was placed more often than it was counted: then one of
        the two is wrong, and nobody knows which."""
        settled = Counter(self.placed)
        for what, lacking in self._unplaced().items():
            settled[Placed(what, "unread")] += abs(lacking)
            for place in PLACES[:-1] if lacking < 0 else ():
                taken = min(-lacking, settled[Placed(what, place)])
                settled[Placed(what, place)] -= taken
                lacking += taken
        return +settled


@dataclass
class Holdings:
    """The account of a whole card, added up piece by piece; `missing` is what could not be asked for."""

    places: Counter[Place] = field(default_factory=Counter)
    lacking: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    missing: list[Missing] = field(default_factory=list)

    def add(self, placements: Placements, where: str | None = None, times: int = 1) -> None:
        """`times` pieces that all hold this; `where` is the file they came in."""
        for (what, place), count in placements.items():
            self.places[place] += count * times
            if place == "unread":
                self.lacking[what, where] += count * times

    def join(self, other: Holdings) -> None:
        """Those of another card of the same person."""
        self.places.update(other.places)
        self.lacking.update(other.lacking)
        self.missing += other.missing

    def account(self) -> ContentAccount:
        """The numbers, which add up."""
        return ContentAccount(total=sum(self.places.values()), **{place: self.places[place] for place in PLACES})

    def unread(self, why: Callable[[str], str | None]) -> list[Unread]:
        """What is lacking, by its kind and file."""
        rows = sorted(self.lacking.items(), key=lambda row: (row[0][0], row[0][1] or ""))
        return [Unread(what=what, count=count, where=where, reason=why(what)) for (what, where), count in rows]
