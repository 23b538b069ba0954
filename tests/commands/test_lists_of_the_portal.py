"""Long lists of the portal on a terminal: as much as a person reads, and how to see the rest."""

from __future__ import annotations

from tests.commands.terminals import Terminal, ended
from tests.contract.world import World

CLINICS = 160


def test_clinics_of_a_terminal_stop_after_a_screenful(embedded: World, terminal: Terminal) -> None:
    embedded.at("verified")
    code, shown = ended(terminal("clinic", "list", columns=80))
    assert code == 0
    assert f"showing 30 of {CLINICS} (--all, --limit N)" in shown
    assert len(shown.splitlines()) <= 2 * 30 + 4
    assert "gp-001" in shown
    assert "gkb-019" not in shown


def test_all_clinics_are_shown_where_they_are_asked_for_and_in_a_pipe(embedded: World, terminal: Terminal) -> None:
    embedded.at("verified")
    _code, shown = ended(terminal("clinic", "list", "--all", columns=80))
    assert "gkb-019" in shown
    assert "showing" not in shown
    assert len(embedded.ok("clinic", "list").items) == CLINICS
