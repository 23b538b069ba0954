"""What cannot be so is shown as it was sent, and said in `warnings` of an import and of a sync."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emkcli import localcard, models
from emkcli.api.ports import CardQuery
from emkcli.importers import document_reader
from emkcli.localcard.imported_card import LocalCard
from emkcli.localcard.synced_card import Mirror
from tests.importers import semd_invented as semd
from tests.invented import PATIENT, Server, bundle, encoded, lab, quantity
from tests.localcard.test_sync import mirror, stamped

__all__ = ["mirror"]
ALL = CardQuery()
FUTURE = "its date is in the future"
ODD: dict[str, Any] = {
    "status": "Final",
    "effectiveDateTime": "2999-01-01",
    "referenceRange": [{"low": {"value": 5}, "high": {"value": 3}}],
}
SAID = ["its status is none of FHIR: Final", FUTURE, "its range is upside down"]


@pytest.fixture
def take(card: LocalCard, tmp_path: Path) -> Callable[[bytes], models.ImportResult]:
    def take(content: bytes) -> models.ImportResult:
        path = tmp_path / "one"
        path.write_bytes(content)
        return next(iter(localcard.ingest(card, document_reader.read(str(path)), None)))

    return take


def test_an_import_keeps_what_was_sent_and_says_what_cannot_be(card: LocalCard, take: Any) -> None:
    result = take(encoded(bundle(PATIENT, lab("odd", quantity("5,4"), **ODD), lab("plain"))))
    (odd, plain) = sorted(card.labs(ALL), key=lambda record: record.date != "2999-01-01")
    assert result.status == "added"
    assert result.warnings == [f"{odd.id}: {words}" for words in (SAID[0], "a quantity of it is no number", *SAID[1:])]
    assert (odd.status, odd.value, odd.value_number, odd.collected_at) == ("Final", "5,4", None, "2999-01-01")
    assert (odd.reference.low, odd.reference.high) == ("5", "3")
    assert plain.id not in " ".join(result.warnings)


def test_a_semd_says_the_same(card: LocalCard, take: Any) -> None:
    wrong = semd.result('<value xsi:type="PQ" value="4" unit="g/l"/>' + semd.span("5", "3"))
    result = take(semd.document(semd.section("RESLAB", semd.battery(wrong))))
    (record,) = card.labs(ALL)
    assert (record.reference.low, record.reference.high) == ("5", "3")
    assert f"{record.id}: its range is upside down" in result.warnings
    assert FUTURE not in " ".join(result.warnings)


def test_nothing_is_said_of_what_agrees(take: Any) -> None:
    assert take(encoded(bundle(PATIENT, lab("o1")))).warnings == []


def test_a_sync_says_it_of_what_came(mirror: Mirror) -> None:
    server = Server(stamped("odd", 1, **ODD), stamped("plain", 2))
    first = localcard.sync(mirror, *_who(server), None)
    assert first.warnings == [f"Observation/odd: {words}" for words in SAID]
    again = localcard.sync(mirror, *_who(server), None)
    assert again.warnings == []


def _who(server: Server) -> tuple[Any, models.Person]:
    card = server.card()
    return card.changes(), card.person()
