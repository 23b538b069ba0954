"""What changed since a moment: never everything and never nothing in its place."""

from __future__ import annotations

from typing import Any

import pytest

from emkcli import errors
from emkcli.api.filters import ChangesUnknown
from emkcli.api.ports import CardQuery
from tests.exporters.running import export_card
from tests.invented import Server, lab

SINCE = "2026-05-01T10:00:00+03:00"
NEW = CardQuery(updated_since=SINCE)


def stamped(ident: str, at: str | None, **more: Any) -> dict[str, Any]:
    return lab(ident, **more) | ({"meta": {"lastUpdated": at}} if at else {})


@pytest.fixture
def server() -> Server:
    """It takes no notice of the question: what comes is checked."""
    server = Server(
        stamped("before", "2026-05-01T06:59:59Z"),
        stamped("then", "2026-05-01T07:00:00.000Z"),
        stamped("late", "2026-05-02T00:00:00Z", effectiveDateTime="2014-01-01", status="amended"),
    )
    server.tracks = False
    return server


def test_lists_ask_and_check(server: Server) -> None:
    found = list(server.card().labs(NEW))
    assert [(one.id, one.status) for one in found] == [("Observation/then", "final"), ("Observation/late", "amended")]
    asked = [params for path, params in server.asked if path == "Observation"]
    assert all(("_lastUpdated", f"ge{SINCE}") in params for params in asked)
    assert server.card().labs(NEW).total is None, "the server's total is of something else"


@pytest.mark.parametrize("everything", [True, False])
def test_resources_ask_and_check(server: Server, everything: bool) -> None:
    server.everything = everything
    found = [one.id for one in server.card().resources(NEW)]
    assert found == ["Patient/p1", "Observation/then", "Observation/late"]


@pytest.mark.parametrize("refused", ["_include", "_count"])
def test_a_server_that_refuses_other_parameters_is_still_asked(server: Server, refused: str) -> None:
    server.refused, server.everything = {refused}, False
    assert len(list(server.card().labs(NEW))) == 2
    assert len(list(server.card().resources(NEW))) == 3


@pytest.mark.parametrize("form", ["json", "fhir", "csv", "sqlite"])
def test_a_server_that_cannot_tell(server: Server, tmp_path: Any, form: str) -> None:
    server.refused, server.everything = {"_lastUpdated"}, False
    with pytest.raises(errors.Unsupported):
        export_card(server.card(), NEW, form, str(tmp_path / "x"))
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_does_not_say_when(server: Server) -> None:
    server.resources.append(stamped("silent", None))
    with pytest.raises(ChangesUnknown):
        list(server.card().labs(NEW))
    with pytest.raises(ChangesUnknown):
        list(server.card().resources(NEW))


def test_a_type_that_is_not_kept_is_still_no_lack(server: Server, tmp_path: Any) -> None:
    server.unknown, server.refused, server.everything = {"Immunization"}, set(), False
    result = export_card(server.card(), NEW, "json", str(tmp_path / "x"))
    assert (result.complete, result.records) == (True, {"labs": 2})
    assert export_card(server.card(), NEW, "ndjson", str(tmp_path / "y")).complete
