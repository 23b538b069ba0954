"""The newest record about each thing: the last result of an analyte, the last of a vital sign, of a kind of study."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, Protocol, TypeVar

from emkcli.clinical import analytes
from emkcli.clinical.analyte_names import plain
from emkcli.clinical.dates import order
from emkcli.clinical.out_of_range import is_abnormal, side
from emkcli.clinical.status import Stated, is_withdrawn
from emkcli.clinical.units import measure
from emkcli.models import LabResult, Study, Vital


class Dated(Stated, Protocol):
    """A record of the card."""

    @property
    def id(self) -> str: ...

    @property
    def date(self) -> str | None: ...


R = TypeVar("R", bound=Dated)
Rank = tuple[Hashable, ...]


def by_date(record: Dated) -> Rank:
    return (order(record.date),)


class Latest(Generic[R]):
    """Remembers the newest record of each key while records pass by, so that a card of any length leaves a few behind.

    The greatest `rank` wins and, of equal ones, the first by id, whatever order they come in; what was taken back is
    passed over. No record is too old to be the last: cut off by its age, it would read as if nothing had been found.
    """

    def __init__(self, key: Callable[[R], Hashable], rank: Callable[[R], Rank] = by_date) -> None:
        self._key, self._rank = key, rank
        self._newest: dict[Hashable, tuple[Rank, R]] = {}

    def add(self, record: R) -> None:
        if is_withdrawn(record):
            return
        key, rank = self._key(record), self._rank(record)
        newest = self._newest.get(key)
        if newest is None or (rank, newest[1].id) > (newest[0], record.id):
            self._newest[key] = rank, record

    def of(self, records: Iterable[R]) -> list[R]:
        """The newest of these and of what was added before."""
        for record in records:
            self.add(record)
        return self.records

    @property
    def records(self) -> list[R]:
        """One record of each key, in the order in which the keys came."""
        return [record for _rank, record in self._newest.values()]


def results() -> Latest[LabResult]:
    """The last result of each analyte that says something; where none does, the last of all."""
    return Latest(analytes.key, _result_rank)


def vitals() -> Latest[Vital]:
    return Latest(lambda vital: (vital.code or plain(vital.display) or vital.id, measure(vital.unit, None)))


def studies() -> Latest[Study]:
    return Latest(lambda study: plain(study.title) or study.id)


def out_of_range(lab_results: Iterable[LabResult]) -> list[LabResult]:
    """The last result of each analyte, where it is abnormal."""
    return list(filter(is_abnormal, results().of(lab_results)))


def says_something(result: LabResult) -> bool:
    """A value or a flag, also in words: a result that was refused, or the head of a panel, has neither."""
    return result.value is not None or bool(result.flag or result.interpretation)


def _result_rank(result: LabResult) -> Rank:
    """Of two of one moment the one out of range: overlooking it would be worse, and a resistance before all that is
    flagged as harmless (`S`)."""
    return (
        says_something(result),
        order(result.collected_at),
        side(result) != 0,
        is_abnormal(result),
        result.value or "",
    )
