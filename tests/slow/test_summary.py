"""The mock's `$summary` against the definitions of the International Patient Summary."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime

import pytest

from emkcli.mock import fhir
from emkcli.mock.clock import MOSCOW
from emkcli.mock.fhir.summary import summary
from tests.mock.test_fhir_server import BASE, record
from tests.slow.walker import Walker
from tests.slow.walker.definitions import Json
from tests.slow.walker.documents import summary_faults

NOW = datetime(2026, 11, 23, 10, tzinfo=MOSCOW)


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    """An adult, another one, a child, and somebody of whom nothing is known."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(fhir.SCHEMA)
    for who, born in (("anna", "1979-06-01"), ("boris", "1961-06-01"), ("vera", "2019-06-01")):
        fhir.put_all(connection, record(who, born))
    fhir.put_all(connection, [one for one in record("nobody", "1990-01-01") if one["resourceType"] == "Patient"])
    yield connection
    connection.close()


@pytest.mark.parametrize("who", ["anna", "boris", "vera", "nobody"])
@pytest.mark.parametrize("kinds", [None, {"Patient", "Condition"}])
def test_a_summary_keeps_its_profiles(db: sqlite3.Connection, walker: Walker, who: str, kinds: set[str] | None) -> None:
    document: Json = json.loads(summary(db, who, BASE, NOW, kinds))
    assert summary_faults(walker, document) == []
    spoilt = document | {"type": "collection"}
    assert summary_faults(walker, spoilt), "and the walker would have seen it"
