"""An import that meets another one, a full disk or a card that cannot be written: what is in the card stays whole."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from emkcli import localcard
from tests.conftest import Emk, Result
from tests.faults.test_processes import together
from tests.importers import semd_invented as semd
from tests.invented import PATIENT, encoded, lab

DOCUMENTS = 12
IMPORT = ("card", "import", "--insecure-storage", "--json")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Invented documents of one person; every command reads the local card."""
    monkeypatch.setenv("EMK_BACKEND", "local")
    found = tmp_path / "documents"
    found.mkdir()
    for number in range(DOCUMENTS):
        results = (semd.result(semd.quantity(f"{one}.5"), str(one), f"Показатель {one}") for one in range(20))
        content = semd.document(semd.section("RESLAB", semd.battery(*results)), ident=str(number), series=f"s{number}")
        (found / f"{number:02}.xml").write_bytes(content)
    return found


def statuses(answer: Result) -> Counter[str]:
    return Counter(item["status"] for item in answer.items)


def whole(emk: Emk) -> int:
    """How many documents are there, each with all its results."""
    documents = emk("card", "documents", "--json").items
    results = Counter(item["report_id"] for item in emk("card", "labs", "--json").items)
    assert set(results) == {item["id"] for item in documents}
    assert set(results.values()) == {20}
    return len(documents)


def test_the_same_documents_from_several_processes(emk: Emk, folder: Path) -> None:
    assert emk(*IMPORT, str(folder / "00.xml")).code == 0
    found = together([(*IMPORT, str(folder))] * 3)
    assert [code for code, _out, _err in found] == [0, 0, 0], found
    counted = sum((Counter(one["status"] for one in json.loads(out)["items"]) for _c, out, _e in found), Counter[str]())
    assert counted == {"added": DOCUMENTS - 1, "duplicate": 2 * DOCUMENTS + 1}
    assert whole(emk) == DOCUMENTS


def test_first_imports_of_several_processes(emk: Emk, folder: Path) -> None:
    """A card that is not there yet is made once."""
    halves = [[str(one) for one in sorted(folder.iterdir())[start::2]] for start in (0, 1)]
    found = together([(*IMPORT, *names) for names in halves])
    assert [code for code, _out, _err in found] == [0, 0], found
    assert whole(emk) == DOCUMENTS


def limited(monkeypatch: pytest.MonkeyPatch, pragma: str, value: Any) -> None:
    """The next cards are opened with a limit of SQLite's own."""
    open_card = localcard.open_card

    def opened(*args: Any, **options: Any) -> Any:
        card = open_card(*args, **options)
        card.store.db.pragma(pragma, value)
        return card

    monkeypatch.setattr(localcard, "open_card", opened)


def test_a_full_disk(emk: Emk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert emk(*IMPORT, str(folder / "00.xml")).code == 0
    with monkeypatch.context() as small:
        limited(small, "max_page_count", 130)
        answer = emk(*IMPORT, str(folder))
        assert (answer.code, answer.error["code"]) == (13, "storage")
        assert "full" in answer.error["message"]
    there = whole(emk)
    assert 1 <= there < DOCUMENTS
    assert statuses(emk(*IMPORT, str(folder))) == {"duplicate": there, "added": DOCUMENTS - there}
    assert whole(emk) == DOCUMENTS


def test_a_card_that_cannot_be_written(emk: Emk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert emk(*IMPORT, str(folder / "00.xml")).code == 0
    with monkeypatch.context() as closed:
        limited(closed, "query_only", 1)
        answer = emk(*IMPORT, str(folder))
        assert (answer.code, answer.error["code"]) == (13, "storage")
        assert whole(emk) == 1, "reading goes on"
    assert whole(emk) == 1


def test_broken_lines_do_not_cost_the_others(emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMK_BACKEND", "local")
    lines = tmp_path / "card.ndjson"
    lines.write_bytes(b"\n".join([encoded(PATIENT), b'{"resourceType"', encoded(lab("o1"))]))
    answer = emk(*IMPORT, str(lines))
    assert answer.code == 12
    assert [(one["status"], one["reason"]) for one in answer.items] == [
        ("added", None),
        ("failed", "line 2: the JSON breaks off"),
    ]
    lines.write_bytes(b"\n".join(map(encoded, [PATIENT, lab("o2"), lab("o1")])))
    assert emk(*IMPORT, str(lines)).code == 0
    assert len(emk("card", "labs", "--json").items) == 2
