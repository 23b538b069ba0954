"""What a person reads has no words for programs in it; JSON keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest

from emkcli import models
from emkcli.results import Listing
from tests.conftest import Emk
from tests.invented import PATIENT, Resource, bundle, encoded
from tests.presentation.render.test_table import shown

P = {"reference": "Patient/p1"}
STRANGER = {**PATIENT, "id": "p2", "name": [{"family": "Чужой", "given": ["Иван"]}], "birthDate": "1950-01-01"}
STRANGER.pop("identifier", None)


def about(ident: str, patient: str) -> Resource:
    return {"resourceType": "Condition", "id": ident, "subject": {"reference": patient}, "code": {"text": "Астма"}}


def written(path: Path, *resources: Resource) -> str:
    path.write_bytes(encoded(bundle(*resources)))
    return str(path)


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("explain", [(), ("--explain",)])
def test_a_reason_is_a_sentence(emk: Emk, tmp_path: Path, lang: str, explain: tuple[str, ...]) -> None:
    path = written(tmp_path / "two.json", PATIENT, STRANGER, about("c1", "Patient/p1"), about("c2", "Patient/p2"))
    command = ("card", "import", path, "--insecure-storage", "--lang", lang, *explain)
    table = emk(*command, "-o", "table").out
    assert "several_patients" not in table
    assert "--person auto" in " ".join(table.split())
    assert emk(*command, "--json").items[0]["reason"].startswith("several_patients: ")


def test_what_is_unread_has_words() -> None:
    unread = [models.Unread(what="AllergyIntolerance", count=2), models.Unread(what="CarePlan", count=1)]
    result = models.ImportResult(file="a.json", status="added", unread=unread)
    table = shown(Listing([result], models.ImportResult), 200)
    assert "allergy 2, care plan 1" in table
    assert "AllergyIntolerance" not in table


TEXTS = [
    ("Осмотр 2026-03-02.", "Осмотр 02.03.2026."),
    ("с 2026-03-02 по 2026-03-05", "с 02.03.2026 по 05.03.2026"),
    ("в 2026-03-02T08:15:00+03:00, повторно", "в 02.03.2026 08:15, повторно"),
    ("№ 12-2026-03-02, 2026-03-02-7", "№ 12-2026-03-02, 2026-03-02-7"),
    ("2026-13-45", "2026-13-45"),
]


@pytest.mark.parametrize(("sent", "told"), TEXTS)
def test_dates_in_texts_are_written_as_everywhere(emk: Emk, tmp_path: Path, sent: str, told: str) -> None:
    section = {"title": "Осмотр", "text": {"status": "generated", "div": f"<div>{sent}</div>"}}
    paper = {"resourceType": "Composition", "id": "d", "status": "final", "subject": P, "section": [section]}
    path = written(tmp_path / "one.json", PATIENT, {**paper, "type": {"text": "Протокол"}, "title": "Протокол"})
    assert emk("card", "import", path, "--insecure-storage").code == 0
    (document,) = emk("card", "documents", "--json").items
    assert document["sections"][0]["text"] == sent
    assert f"\n{told}\n" in emk("card", "show", document["id"], "-o", "table", "--lang", "ru").out
