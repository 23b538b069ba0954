"""A result that a document takes back is no point of a trend."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Emk
from tests.importers import semd_invented as x


def test_a_trend_says_how_many_results_were_taken_back(emk: Emk, tmp_path: Path) -> None:
    results = [
        x.result(status + x.quantity(value))
        for status, value in (("", "131"), ('<statusCode code="nullified"/>', "999"))
    ]
    (tmp_path / "one.xml").write_bytes(x.document(x.section("RESLAB", x.battery(*results))))
    assert emk("card", "import", str(tmp_path / "one.xml"), "--insecure-storage").code == 0
    run = emk("card", "trend", "Гемоглобин", "--backend", "local", "-o", "json")
    printed = json.loads(run.out)
    assert printed["warnings"] == ["Results that were taken back, neither counted nor drawn: 1."]
    assert [segment["count"] for segment in printed["item"]["segments"]] == [1]
    table = emk("card", "trend", "Гемоглобин", "--backend", "local", "-o", "table")
    assert "neither counted nor drawn: 1." in table.err
    assert "Results 1" in " ".join(table.out.split())
    assert "Results 2" not in " ".join(table.out.split())
