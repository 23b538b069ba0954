"""What an older emk read from the same bytes is read anew, and what an older sync took on trust is asked again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emkcli import localcard, models
from emkcli.api.ports import CardQuery
from emkcli.importers import document_reader
from emkcli.localcard.imported_card import LocalCard
from emkcli.localcard.synced_card import Mirror
from tests.importers import semd_invented as semd
from tests.invented import PATIENT, Server, bundle, encoded, lab
from tests.localcard.conftest import Keyring
from tests.localcard.test_importer import RESULT
from tests.localcard.test_sync import ANNA, stamped

ALL = CardQuery()
METHOD = {"method": {"text": "Фотометрия"}}
OLDER = """
UPDATE record SET json = CAST(json_remove(json, '$.method', '$.flag', '$.unit') AS BLOB) WHERE category = 'labs';
UPDATE document SET reader = 0;
UPDATE person SET reader = 0;
"""
"""As if an emk that knew less of a result had read the card."""
BEFORE = """
DROP INDEX piece_by_place;
ALTER TABLE piece DROP COLUMN placements;
ALTER TABLE document DROP COLUMN unread;
ALTER TABLE document DROP COLUMN reader;
ALTER TABLE person DROP COLUMN reader;
UPDATE progress SET ordered = 1;
PRAGMA user_version = 2;
"""


def lists(card: LocalCard) -> list[Any]:
    return [list(card.labs(ALL)), list(card.documents(ALL))]


def test_a_synced_card_gains_what_is_read_now(tmp_path: Path, keyring: Keyring) -> None:
    mirror = localcard.open_mirror(tmp_path / "a.sqlite3", keyring)
    server = Server(*(stamped(f"o{number}", number, **METHOD) for number in range(5)))
    localcard.sync(mirror, server.card().changes(), ANNA, None)
    now = lists(mirror)
    mirror.store.db.execute(OLDER)
    assert lists(mirror) != now
    result = localcard.sync(mirror, server.card().changes(), ANNA, None)
    assert (result.changed, lists(mirror)) == ({"labs": 5}, now)
    assert localcard.sync(mirror, server.card().changes(), ANNA, None).unchanged == {"labs": 5}
    mirror.close()


@pytest.mark.parametrize(
    "content", [encoded(bundle(PATIENT, lab("o1", **METHOD), lab("o2", 7))), semd.document(RESULT)]
)
def test_a_document_imported_again_is_read_anew(
    card: LocalCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    path = tmp_path / "document"
    path.write_bytes(content)

    def take() -> tuple[str, str | None]:
        (done,) = localcard.ingest(card, document_reader.read(str(path)), "auto")
        return done.status, done.reason

    assert take() == ("added", None)
    now = lists(card)
    card.store.db.execute(OLDER)
    assert lists(card) != now
    assert take() == ("duplicate", "it is in the card already; it was read anew")
    assert lists(card) == now
    assert card.store.row("SELECT count(*) FROM search_pending") == (0,)
    assert take() == ("duplicate", "it is in the card already")


def test_reading_anew_keeps_the_signature(card: LocalCard, tmp_path: Path) -> None:
    path, signature = tmp_path / "a.xml", tmp_path / "a.xml.sig"
    path.write_bytes(semd.document(RESULT))
    signature.write_bytes(b"no signature of anything")
    list(localcard.ingest(card, document_reader.read(str(path)), "auto"))
    (signed,) = card.documents(ALL)
    assert isinstance(signed.signature, models.Signature)
    signature.unlink()
    card.store.db.execute(OLDER)
    list(localcard.ingest(card, document_reader.read(str(path)), "auto"))
    assert list(card.documents(ALL)) == [signed]


def test_two_documents_of_one_number_are_read_anew_each(card: LocalCard, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    contents = [semd.document(RESULT), semd.document(RESULT).replace(b"5.40", b"5.50")]
    for content in contents:
        path.write_bytes(content)
        list(localcard.ingest(card, document_reader.read(str(path)), "auto"))
    now = lists(card)
    assert [len(records) for records in now] == [4, 2]
    card.store.db.execute(OLDER)
    assert lists(card) != now
    for content in contents:
        path.write_bytes(content)
        list(localcard.ingest(card, document_reader.read(str(path)), "auto"))
    assert lists(card) == now


def test_a_copy_of_an_older_emk_asks_for_everything_once(tmp_path: Path, keyring: Keyring) -> None:
    path, server = tmp_path / "a.sqlite3", Server(*(stamped(f"o{number}", number) for number in range(3)))
    server.sorts = server.tags = False
    opened = localcard.open_mirror(path, keyring)
    localcard.sync(opened, server.card().changes(), ANNA, None)
    opened.store.db.execute(BEFORE)
    opened.close()
    server.resources[2] = stamped("o1", 1, 9)  # changed unseen: it stays within what was held for known
    again: Mirror = localcard.open_mirror(path, keyring)
    assert localcard.sync(again, server.card().changes(), ANNA, None).changed == {"labs": 1}
    assert {one.id: one.value for one in again.labs(ALL)}["Observation/o1"] == "9"
    again.close()
