"""A search of a server's card says of each list whether none of it was looked through, or not all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from emkcli import errors
from emkcli.api.filters import ListIncomplete
from emkcli.usecases.card.search_card import _FetchedCard


def test_a_list_that_broke_off_was_looked_through_in_part() -> None:
    said: list[str] = []
    missing: list[str] = []
    app: Any = SimpleNamespace(notice=said.append)
    card: Any = SimpleNamespace()
    searched = _FetchedCard(app, card, ["labs"], missing)
    causes: list[Any] = [ListIncomplete(["the server counts 450, but sent 200"]), errors.Forbidden("No.")]
    for cause in causes:
        searched._note("labs", cause)
    assert said == [
        "Not looked through to the end: labs. The list is incomplete: the server counts 450, but sent 200",
        "Not looked through: labs. No.",
    ]
    assert missing == ["labs", "labs"]
