"""What a scenario does to people whose card is open: to all of them when it is set, later to whoever's card is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emkcli.mock import consents

if TYPE_CHECKING:
    from emkcli.mock.exchange import Call


def befall_all(call: Call) -> None:
    for row in call.db.execute("SELECT DISTINCT person FROM applications WHERE status = 'activated'").fetchall():
        befall(call, row["person"])


def befall(call: Call, person: str) -> None:
    """`child` opens the cards of a person's children; `consent-withdrawn` takes back what only the person could take back here."""
    from emkcli.mock import seeding

    if call.scenario == "consent-withdrawn":
        consents.withdraw(call, person, consents.MEDICAL)
    if call.scenario == "child":
        children = "SELECT id FROM persons WHERE account = ? AND relation = 'child'"
        for row in call.db.execute(children, (person,)).fetchall():
            seeding.open_card(call, row["id"])
