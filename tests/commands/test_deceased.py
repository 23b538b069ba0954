"""That a person died is said wherever the person's data is, as it was sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Emk
from tests.invented import PATIENT, bundle, encoded

SENT = [
    ({"deceasedDateTime": "2025-03-04"}, "2025-03-04", "04.03.2025"),
    ({"deceasedDateTime": "2025"}, "2025", "2025"),
    ({"deceasedBoolean": True}, "true", "да"),
    ({"deceasedBoolean": False}, None, ""),
    ({}, None, ""),
]


def take(emk: Emk, path: Path, ident: str, deceased: Any) -> None:
    asthma = {
        "resourceType": "Condition",
        "id": ident,
        "subject": {"reference": "Patient/p1"},
        "code": {"text": "Астма"},
    }
    path.write_bytes(encoded(bundle({**PATIENT, **deceased}, asthma)))
    assert emk("card", "import", str(path), "--insecure-storage").code == 0


@pytest.mark.parametrize(("deceased", "sent", "words"), SENT)
def test_a_death_is_said(emk: Emk, tmp_path: Path, deceased: Any, sent: str | None, words: str) -> None:
    take(emk, tmp_path / "one.json", "c1", deceased)
    (person,) = emk("person", "list", "--backend", "local", "--json").items
    assert person["deceased"] == sent
    summary = emk("card", "summary", "-o", "table", "--lang", "ru").out
    page = tmp_path / "card.html"
    assert emk("card", "export", "--format", "html", "--to", str(page), "--lang", "ru").code == 0
    for shown in (
        summary,
        emk("person", "list", "--backend", "local", "-o", "table", "--lang", "ru").out,
        page.read_text("utf-8"),
    ):
        assert ("Дата смерти" in shown) == bool(words)
        assert words in shown


def test_a_day_of_death_is_kept_whatever_comes_after(emk: Emk, tmp_path: Path) -> None:
    for number, deceased in enumerate(({"deceasedBoolean": True}, {"deceasedDateTime": "2025-03-04"}, {})):
        take(emk, tmp_path / f"{number}.json", f"c{number}", deceased)
    (person,) = emk("person", "list", "--backend", "local", "--json").items
    assert person["deceased"] == "2025-03-04"
