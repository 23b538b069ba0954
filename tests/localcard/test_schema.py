"""A card made by the first version of the store opens with everything in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw

from emkcli import localcard
from emkcli.api.ports import CardQuery
from emkcli.importers import document_reader
from emkcli.localcard import schema
from emkcli.localcard.imported_card import LocalCard
from tests.importers import semd_invented as semd
from tests.invented import PATIENT, bundle, encoded, lab
from tests.localcard.conftest import Keyring
from tests.localcard.test_importer import RESULT

ALL = CardQuery()
TABLES = {
    "person": "number, id, identity",
    "document": "number, person, file, sha256, document_id, series, version, date, imported_at, superseded",
    "piece": "number, person, id, document, key, type, full_url, date, category, media_type, content",
    "record": "number, piece, person, id, category, moment, json",
}
"""The tables of the first version, and all of their columns."""


def first_version(home: Path, keyring: Keyring, rows: dict[str, list[Any]]) -> None:
    secret = localcard.unlock(home, keyring, None)
    db = apsw.Connection(str(home / localcard.CARD_FILE))
    db.pragma("key", f"raw:{secret.hex()}")
    db.pragma("journal_mode", "wal")
    db.execute(schema._FIRST)
    for table, columns in TABLES.items():
        marks = ", ".join("?" * len(columns.split(",")))
        db.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows[table])
    db.pragma("user_version", 1)
    db.close()


def contents(card: LocalCard) -> dict[str, list[Any]]:
    return {table: list(card.store.rows(f"SELECT {columns} FROM {table}")) for table, columns in TABLES.items()}


def shown(card: LocalCard) -> list[Any]:
    lists = [list(getattr(card, name)(ALL)) for name in ("labs", "documents", "visits")]
    return [*lists, list(card.resources(ALL)) if not lists[1] else None, card.persons()]


def test_documents_of_an_older_card_stay(home: Path, tmp_path: Path, keyring: Keyring, card: LocalCard) -> None:
    files = {"a.json": encoded(bundle(PATIENT, lab("o1"), lab("o2", 7))), "b.xml": semd.document(RESULT)}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        list(localcard.ingest(card, document_reader.read(str(tmp_path / name)), "auto"))
    before, rows = shown(card), contents(card)
    digests = list(card.store.rows("SELECT r.id, s.digest FROM same s JOIN record r ON r.number = s.record"))
    card.close()
    for file in home.glob(f"{localcard.CARD_FILE}*"):
        file.unlink()
    first_version(home, keyring, rows)
    opened = localcard.open_card(home, keyring)
    assert opened.store.db.pragma("user_version") == schema.VERSION
    assert shown(opened) == before
    assert contents(opened) == rows
    again = list(opened.store.rows("SELECT r.id, s.digest FROM same s JOIN record r ON r.number = s.record"))
    assert sorted(again) == sorted(digests) != []
    assert opened.store.db.pragma("foreign_key_check") is None
    (tmp_path / "c.json").write_bytes(encoded(bundle(PATIENT, lab("o1", 9), timestamp="2030-01-01")))
    assert [one.status for one in localcard.ingest(opened, document_reader.read(str(tmp_path / "c.json")))] == ["added"]
    (tmp_path / "d.xml").write_bytes(files["b.xml"])
    assert [one.status for one in localcard.ingest(opened, document_reader.read(str(tmp_path / "d.xml")), "auto")] == [
        "duplicate"
    ]
    opened.close()


def test_deleting_goes_along_as_before(home: Path, keyring: Keyring) -> None:
    """The table that was rebuilt still takes its records along."""
    rows: dict[str, list[Any]] = {name: [] for name in TABLES}
    rows["document"] = [(1, "p", "f", "s", None, None, None, None, "2026-01-01", 0)]
    rows["piece"] = [(1, "p", "i-1", 1, "k", "Observation", None, None, "labs", "application/fhir+json", b"{}")]
    rows["record"] = [(1, 1, "p", "i-1", "labs", "", b'{"id": "i-1"}')]
    first_version(home, keyring, rows)
    opened = localcard.open_card(home, keyring)
    assert opened.store.row("SELECT count(*) FROM record") == (1,)
    opened.store.run("DELETE FROM piece")
    assert opened.store.row("SELECT count(*) FROM record") == (0,)
    opened.close()
