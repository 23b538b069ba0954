"""What a request meets: the moment, the scenario, and whether something is due or planned; read in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emkcli.mock import clock

if TYPE_CHECKING:
    from sqlite3 import Connection

_QUERY = """
SELECT point, real, speed, (SELECT value FROM settings WHERE name = 'scenario'), (SELECT min(at) FROM events),
    EXISTS (SELECT 1 FROM faults) FROM clock
"""


class Circumstances(NamedTuple):
    """As they are before the request is answered."""

    now: int
    scenario: str
    is_event_due: bool
    has_faults: bool


def of(db: Connection) -> Circumstances:
    point, real, speed, scenario, event, has_faults = db.execute(_QUERY).fetchone()
    now = clock.reckoned(point, real, speed)
    return Circumstances(now, scenario, event is not None and event <= now, bool(has_faults))
