"""Real documents that are not in the repository: every file of the directory that the variable EMK_SAMPLES names.

`EMK_SAMPLES=… make slow SLOW=tests/slow/test_real_samples.py`. Where `expected/NAME.json` lies beside a file, what it says is
held against the card. Without the variable nothing is read, and the last lines of the run say so.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from emkcli import localcard
from emkcli.importers import document_reader
from tests.localcard.test_account import places
from tests.slow.ground_truth import Json, Tally, compare

SAMPLES = os.environ.get("EMK_SAMPLES")
SUFFIXES = (".json", ".xml", ".ccda")
REFUSED = ("failed", "unsupported")


def files_of(directory: str | None) -> list[Path]:
    """The documents, without what is known of them and what is said about them."""
    assert directory is None or Path(directory).is_dir(), f"EMK_SAMPLES is no directory: {directory}"
    every = sorted(Path(directory).rglob("*")) if directory else []
    return [path for path in every if path.suffix in SUFFIXES and path.parent.name != "expected"]


def truth_of(path: Path) -> Json:
    """What is known to be in a file."""
    known = path.parent / "expected" / f"{path.stem}.json"
    truth: Json = json.loads(known.read_bytes()) if known.exists() else {}
    return truth


FILES = files_of(SAMPLES)


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """A line that stands at the end of the run."""
    return lambda line: record_property("figures", line)


def test_every_sample_is_read_rightly(tmp_path: Path, figures: Callable[[str], None]) -> None:
    together, refused, unread = Tally(), 0, 0
    for number, path in enumerate(FILES):
        card = localcard.open_card(tmp_path / str(number), None, insecure=True)
        results = list(localcard.ingest(card, document_reader.read(str(path)), "new"))
        records: dict[str, list[Json]] = {}
        for category, content in card.store.rows("SELECT category, json FROM record ORDER BY number"):
            records.setdefault(category, []).append(json.loads(content))
        card.close()
        for result in results:
            places(result.account)  # the numbers add up
            assert result.status == "added" or result.reason, f"{path.name}: {result.status} without a reason"
            refused += result.status in REFUSED
            unread += result.account.unread
        tally = compare(truth_of(path), records) if results[0].status not in REFUSED else Tally()
        together.right += tally.right
        together.wrong += [f"{path.name}: {line}" for line in tally.wrong]
        together.unread += [f"{path.name}: {line}" for line in tally.unread]
    if FILES:
        figures(
            f"samples: {len(FILES)} files, {refused} refused by name; fields right {together.right}, "
            f"wrong {len(together.wrong)}; rows in no record {len(together.unread)}; resources and statements unread {unread}"
        )
    faults = together.wrong + together.unread
    assert not faults, "\n".join(faults)


def test_the_comparison_sees_what_is_wrong_and_what_is_lacking() -> None:
    row = {"name": "Glucose", "status": "final", "value": "5.40", "date": "2026-03-01T08:00:00Z", "components": []}
    truth = {"observations": [row, row | {"name": "Sodium", "value": "140"}], "texts": [{"text": "Здорова."}]}
    record = {
        "analyte": "Glucose",
        "value": "5.4",
        "unit": None,
        "status": "final",
        "collected_at": "2026-03-01T08:00:00.0Z",
    }
    sodium = record | {"analyte": "Sodium", "value": "140"}
    document = {"sections": [{"text": "Осмотр:  Здорова."}]}
    whole = compare(truth, {"labs": [record, sodium], "documents": [document]})
    assert (whole.right, whole.wrong, whole.unread) == (9, [], [])
    spoiled = compare(truth, {"labs": [record, sodium | {"value": "14"}], "documents": []})
    assert spoiled.wrong == ["observations: Sodium: value is not '140'", "texts: Здорова."]
    assert (spoiled.right, spoiled.unread) == (7, [])
    lost = compare({"procedures": [{"name": "Биопсия", "date": "2026-03-01"}]}, {"labs": [record]})
    assert (lost.right, lost.wrong, lost.unread) == (0, [], ["procedures: Биопсия"])
