"""An export says in its result and its manifest where everything of the card is, whatever the format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emkcli import localcard, models
from emkcli.api.ports import Card, CardQuery
from emkcli.exporters.file_formats import FILE_FORMATS
from emkcli.importers import document_reader
from tests.conftest import Emk
from tests.exporters.running import export_card
from tests.invented import PATIENT, Server, bundle, encoded, lab
from tests.localcard.test_account import ASTHMA, CLINIC, UNKNOWN, places

ALL = CardQuery()
CONTENT = (CLINIC, lab("o1"), lab("o2", 7), ASTHMA | {"onsetDateTime": "2019-01-01"}, UNKNOWN)
WHERE = {"records": 3, "supporting": 2, "unread": 1}


@pytest.fixture(params=["local", "server", "server without $everything"])
def card(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Card]:
    if request.param != "local":
        server = Server(*CONTENT)
        server.everything = request.param == "server"
        yield server.card()
        return
    path = tmp_path / "one.json"
    path.write_bytes(encoded(bundle(PATIENT, *CONTENT)))
    opened = localcard.open_card(tmp_path / "home", None, insecure=True)
    list(localcard.ingest(opened, document_reader.read(str(path)), None))
    yield opened
    opened.close()


def manifest_of(result: models.ExportResult) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(str(result.manifest)).read_bytes())
    return document


@pytest.mark.parametrize("format", FILE_FORMATS)
def test_every_format(card: Card, format: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    expected = dict(WHERE)
    if "without" in request.node.name:
        # a server that is asked type by type is not asked for what FHIR has not
        expected.pop("unread")
    result = export_card(card, ALL, format, str(tmp_path / "out"))
    assert places(result.account) == expected
    assert result.complete is ("unread" not in expected)
    document = manifest_of(result)
    assert document["account"] == result.account.to_builtins()
    assert document["unread"] == [part.to_builtins() for part in result.unread]
    assert document["complete"] is result.complete
    assert [part.what for part in result.unread] == (["Horoscope"] if "unread" in expected else [])


def test_a_part_of_the_card(card: Card, tmp_path: Path) -> None:
    """What others refer to goes along; what is of no list may be of any."""
    for name in ("csv", "fhir"):
        result = export_card(card, ALL, name, str(tmp_path / name), categories=["diagnoses"])
        account = places(result.account)
        assert (account["records"], account["supporting"]) == (1, 2)


def test_pages_and_tables_say_what_is_lacking(tmp_path: Path) -> None:
    for name in ("html", "json"):
        target = tmp_path / name
        export_card(Server(*CONTENT).card(), ALL, name, str(target))
        assert "Horoscope" in target.read_text()
        assert "Everything that was asked for is on this page." not in target.read_text()
        export_card(Server(*CONTENT[:-1]).card(), ALL, name, str(target), force=True)
        assert "Horoscope" not in target.read_text()


def test_what_documents_and_server_have_is_counted_once(tmp_path: Path) -> None:
    from emkcli.localcard.merged_card import MergedCard
    from tests.localcard.test_sync import ANNA

    path = tmp_path / "one.json"
    path.write_bytes(encoded(bundle(PATIENT, lab("o1"), lab("own", 9))))
    imports = localcard.open_card(tmp_path / "home", None, insecure=True)
    list(localcard.ingest(imports, document_reader.read(str(path)), None))
    mirror = localcard.open_mirror(tmp_path / "home" / "b.sqlite3", None, insecure=True)
    localcard.sync(mirror, Server(lab("o1"), lab("o2", 7)).card().changes(), ANNA, None)
    result = export_card(MergedCard(mirror, imports), ALL, "csv", str(tmp_path / "csv"))
    assert places(result.account) == {"records": 3, "supporting": 2, "duplicate": 1}
    assert result.records == {"labs": 3}
    imports.close()
    mirror.close()


def test_from_the_command_line(emk: Emk, tmp_path: Path) -> None:
    """What no list shows ends with 12, and does not hold back `--since last`."""
    path = tmp_path / "one.json"
    path.write_bytes(encoded(bundle(PATIENT, *CONTENT)))
    assert emk("card", "import", str(path), "--insecure-storage", "--json").code == 12
    export = ("card", "export", "--backend", "local", "--format", "csv", "--since", "last", "--json", "--to")
    first = emk(*export, str(tmp_path / "first"))
    assert (first.code, first.json["item"]["records"]) == (12, {"labs": 2, "diagnoses": 1})
    assert emk(*export, str(tmp_path / "second")).json["item"]["records"] == {}


def test_explained(emk: Emk, tmp_path: Path) -> None:
    """A line for each place in a text, the same document as ever in JSON."""
    path = tmp_path / "one.json"
    path.write_bytes(encoded(bundle(PATIENT, *CONTENT)))
    run = ("card", "import", str(path), "--explain", "--insecure-storage", "--lang", "en")
    done = emk(*run)
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert (done.code, {tuple(row[1:4]) for row in rows}) == (
        12,
        {("records", "", "3"), ("supporting", "", "2"), ("unread", "Horoscope", "1")},
    )
    assert {row[0] for row in rows} == {str(path)}
    again = emk(*run, "--json").json
    assert again["items"] == emk(*run[:3], "--json", "--lang", "en").json["items"]
    account = again["items"][0]["account"]
    assert (account["duplicate"], account["unread"], account["total"]) == (5, 1, 6)
