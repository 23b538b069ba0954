"""The list of what no other list shows, of a server: what it keeps is asked for, and a refusal is no absence."""

from __future__ import annotations

import httpx
import pytest

from emkcli import errors
from emkcli.api.fhir.searches import OTHERS
from emkcli.api.filters import ListIncomplete
from emkcli.api.ports import CardQuery
from tests.invented import Resource, Server, encoded, lab

ALL = CardQuery()
SUBJECT = {"reference": "Patient/p1"}


def other(kind: str, ident: str, **elements: object) -> Resource:
    return {"resourceType": kind, "id": ident, "subject": SUBJECT, **elements}


HABIT = lab("habit", category=[{"coding": [{"code": "social-history"}]}], effectiveDateTime="2026-01-02")
KEPT = (
    other("CarePlan", "plan", title="План", period={"start": "2026-01-03"}),
    other("Flag", "flag", code={"text": "Осторожно"}),
    other("AdverseEvent", "harm", date="2026-01-01"),
    HABIT,
    lab("glucose"),
)


class Keeper(Server):
    """A server that says which types it keeps, or nothing."""

    kinds: tuple[str, ...] | None = ("Observation", "CarePlan", "Flag", "AdverseEvent", "Practitioner")

    def capability(self) -> httpx.Response:
        if self.kinds is None:
            return httpx.Response(404)
        rest = [{"resource": [{"type": kind} for kind in self.kinds]}]
        return httpx.Response(200, content=encoded({"resourceType": "CapabilityStatement", "rest": rest}))


def asked(server: Server) -> set[str]:
    return {path for path, _params in server.asked} & OTHERS.keys()


def test_what_the_server_keeps_is_asked_for_and_nothing_else() -> None:
    server = Keeper(*KEPT)
    found = server.card().other(ALL)
    assert [record.id for record in found] == ["CarePlan/plan", "Observation/habit", "AdverseEvent/harm", "Flag/flag"]
    assert found.total is None
    assert asked(server) == {"CarePlan", "Flag", "AdverseEvent"}
    assert ("subject", "Patient/p1") in dict(server.asked)["AdverseEvent"], "R4 has no other name for whose it is"
    assert ("patient", "p1") in dict(server.asked)["CarePlan"]


def test_a_server_that_does_not_tell_is_asked_for_every_type() -> None:
    told, silent = Keeper(*KEPT), Keeper(*KEPT)
    silent.kinds = None
    assert [record.id for record in silent.card().other(ALL)] == [record.id for record in told.card().other(ALL)]
    assert asked(silent) == OTHERS.keys()
    silent.failing = {"Goal": 404}
    with pytest.raises(ListIncomplete, match="Goal"):
        list(silent.card().other(ALL))


def test_a_refusal_is_said_after_what_came() -> None:
    server = Keeper(*KEPT)
    server.failing = {"Flag": 400}
    seen = []
    with pytest.raises(ListIncomplete, match="Flag"):
        seen.extend(record.id for record in server.card().other(ALL))
    assert seen == ["CarePlan/plan", "Observation/habit", "AdverseEvent/harm"]


def test_what_is_not_kept_is_not_lacking() -> None:
    server = Keeper(HABIT)
    server.kinds, server.unknown = ("Observation",), set(OTHERS)
    assert [record.id for record in server.card().other(ALL)] == ["Observation/habit"]
    server.unknown.add("Procedure")
    with pytest.raises(errors.Unsupported):
        server.card().procedures(ALL)


def test_one_record_by_its_short_name() -> None:
    server = Keeper(*KEPT)
    assert server.card().record("flag").to_builtins()["title"] == "Осторожно"
    assert asked(server) == {"CarePlan", "Flag", "AdverseEvent"}


def test_days_are_checked_where_no_parameter_asks_for_them() -> None:
    found = Keeper(*KEPT).card().other(CardQuery(since="2026-01-02", until="2026-01-02"))
    assert [record.id for record in found] == ["Observation/habit"]
