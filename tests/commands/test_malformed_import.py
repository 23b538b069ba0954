"""`card import` of a file with a malformed part: the rest is in the card, the part is said, and the exit code is 12."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Emk
from tests.invented import PATIENT, bundle, encoded, lab


def test_a_malformed_entry_ends_with_12_each_time(emk: Emk, tmp_path: Path) -> None:
    whole = bundle(PATIENT, lab("o1"))
    file = tmp_path / "one.json"
    file.write_bytes(encoded(whole | {"entry": [None, *whole["entry"]]}))
    for status in ("added", "duplicate"):
        answer = emk("card", "import", str(file), "--insecure-storage", "--json")
        (item,) = answer.items
        assert (answer.code, item["status"], item["account"]["unread"]) == (12, status, 1)
        (part,) = item["unread"]
        assert (part["what"], part["count"]) == ("entry", 1)
        assert part["reason"] == "a FHIR resource should stand here, and there is none"
    labs = emk("card", "labs", "--backend", "local", "--json").items
    assert [record["value"] for record in labs] == ["5"]
