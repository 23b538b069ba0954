"""A server's card into its local copy: only what changed, page by page, each page one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from emkcli import errors
from emkcli.api.changes import Changes
from emkcli.api.fhir.referenced import FILE
from emkcli.api.filters import SUPPORTING
from emkcli.api.ports import CardQuery
from emkcli.localcard.store import Store
from emkcli.localcard.stored_placements import StoredHoldings
from emkcli.localcard.syncing import progress
from emkcli.localcard.syncing.copy_resources import Copy
from emkcli.localcard.syncing.progress import Run
from emkcli.localcard.syncing.type_sync import Gap, TypeSync
from emkcli.locale import _
from emkcli.models import Missing
from emkcli.models.content_account import Holdings, Placed

_NAMED = sorted(SUPPORTING - {"Patient"}, key=lambda kind: (kind != "PractitionerRole", kind))
"""What the card refers to; a role names a physician and a clinic."""


@dataclass
class Sync:
    """One run over the types of a card. `missing` names those that could not be read, and why."""

    store: Store
    changes: Changes
    run: Run
    tell: Callable[[str], None]
    others: set[str] = field(default_factory=set)
    """Keys of what came along and is of a type that is asked for by itself, if at all."""
    warnings: list[str] = field(default_factory=list)
    """What of that which came cannot be so."""

    def go(self) -> list[Missing]:
        copy = Copy(self.store, self.run.person, self.run.number, self.changes.now(), warnings=self.warnings)
        with self.store.transaction():
            copy.take([self.changes.patient] if self.changes.patient else [], self._now())
            copy.renew()
            self.run.note_removed(copy.removed)
        refusal = Missing(what="Patient", why=_("the server does not let it be read"))
        missing = [] if self.changes.patient else [refusal]
        # an iterator: when the server is gone, what is left of it is what could not be read
        rest = iter([*self.changes.kinds, *_NAMED])
        for kind in rest:
            self.tell(kind)
            try:
                TypeSync(self.changes, self.run, copy, kind, self.others).bring()
            except (errors.LoginRequired, errors.Unreachable) as cause:
                missing += [
                    Missing(what=unread, why=cause.message) for unread in (kind, *rest) if unread not in SUPPORTING
                ]
            except (errors.Storage, errors.Cancelled):
                raise  # nothing can be kept any more; everything below costs one type only
            except errors.EmkError as cause:
                missing.append(Missing(what=kind, why=cause.message))
            except Gap as gap:
                missing.append(Missing(what=kind, why=gap.why))
        TypeSync(self.changes, self.run, copy, FILE, self.others).read_files()
        with self.store.transaction():
            self.run.end(self._now(), missing)
        return missing

    def holdings(self) -> Holdings:
        """Where everything is that the copy has now, and what the server sent besides."""
        held = StoredHoldings(self.store, self.run.person, CardQuery(person=self.run.person)).all()
        held.add({Placed(kind, "other_person"): count for kind, count in self.changes.other_people.items()})
        held.add(Counter(Placed(key.partition("/")[0], "unread") for key in self._lost()))
        return held

    def _lost(self) -> Iterator[str]:
        """What came along with others and was not sent when its type was asked for, if it was."""
        sql = "SELECT 1 FROM piece WHERE person = ? AND id = ?"
        return (key for key in sorted(self.others) if self.store.row(sql, self.run.person, key) is None)

    def _now(self) -> str:
        return self.changes.now().isoformat(timespec="seconds")


def sync(
    store: Store, person: str, changes: Changes, *, full: bool, tell: Callable[[str], None]
) -> tuple[Run, list[Missing], Holdings, list[str]]:
    """Bring the copy up to date; the run tells what changed, the texts what of it cannot be so."""
    with store.transaction():
        run = progress.begin(store, person, changes.now().isoformat(timespec="seconds"), full=full)
    turn = Sync(store, changes, run, tell)
    return run, turn.go(), turn.holdings(), turn.warnings
