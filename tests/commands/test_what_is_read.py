"""Nobody is logged in: what is at hand is read, every document says so, and no setting is rewritten for it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from emkcli.app import App
from emkcli.usecases.card import records
from tests.conftest import Emk
from tests.importers import semd_invented as semd


@pytest.fixture
def imported(emk: Emk, tmp_path: Path) -> Emk:
    """A home where a document was imported and nobody is logged in."""
    document = tmp_path / "one.xml"
    document.write_bytes(semd.document(semd.section("RESLAB", semd.battery(semd.result(semd.quantity("5.5"))))))
    assert emk("card", "import", str(document), "--insecure-storage").code == 0
    return emk


def test_the_local_card_says_that_it_is_one(imported: Emk) -> None:
    answer = imported("card", "labs", "--json")
    assert (answer.code, answer.json["backend"], answer.json["demo"]) == (0, "local", False)
    assert len(answer.items) == 1
    assert "Nobody is logged in: this is the local card." in answer.json["warnings"]
    assert imported("config", "get", "backend").out == "mock\n"


def test_an_export_says_it_too(imported: Emk, tmp_path: Path) -> None:
    target = tmp_path / "card.json"
    assert imported("card", "export", "--format", "json", "--to", str(target)).code == 0
    assert '"backend": "local"' in target.read_text(encoding="utf-8")
    assert '"backend": "mock"' not in target.read_text(encoding="utf-8")


def test_to_decide_rewrites_no_setting(imported: Emk) -> None:
    app = App(stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO())
    app.start()
    source = records.source_of(app)
    assert (source.backend, app.source, app.given) == ("local", None, {})
    assert (app.settings.backend, app.context().backend) == ("mock", "mock")
    owner = records.note(app, source)
    assert (app.settings.backend, app.context().backend, app.marks.mark("new").fields) == ("mock", "local", {})
    assert app.context().person == app.owner
    assert app.owner is not None
    assert app.owner.id == owner.id
    app.close()
