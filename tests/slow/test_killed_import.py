"""An import that dies at any moment: what is in the card is whole, and the next one brings the rest, nothing twice."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from bench.importing import FEW_RESULTS, document, documents, imported
from emkcli import localcard
from emkcli.api.ports import CardQuery

DOCUMENTS, KILLS = 40, 100
ALL = CardQuery()


def started(home: Path, folder: Path) -> subprocess.Popen[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("EMK_")}
    environment = kept | {"EMK_HOME": str(home), "EMK_KEYRING": "off"}
    command = [sys.executable, "-m", "emkcli", "card", "import", str(folder), "--insecure-storage", "-o", "json"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def whole(home: Path) -> int:
    """How many documents are there; each of them with all its results."""
    (note,) = home.rglob("card.key.json")
    card = localcard.open_card(note.parent, None, insecure=True)
    try:
        if not card.persons():
            return 0
        results = Counter(one.report_id for one in card.labs(ALL))
        found = [one.id for one in card.documents(ALL)]
        assert len(found) == len(set(found))
        assert set(results) == set(found)
        assert set(results.values()) <= {FEW_RESULTS}
        return len(found)
    finally:
        card.close()


def test_a_hundred_kills(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(DOCUMENTS):
        (folder / f"{number:03}.xml").write_bytes(document(3 * number + 1))
    began = time.monotonic()
    assert started(tmp_path / "undisturbed", folder).wait() == 0
    lasts = time.monotonic() - began
    chance, kills, cards = random.Random(4), 0, 0
    while kills < KILLS:
        home, before = tmp_path / f"home{cards}", 0
        cards += 1
        while before < DOCUMENTS:
            running = started(home, folder)
            try:
                answer, _errors = running.communicate(timeout=chance.uniform(0.15, 1.1) * lasts)
            except subprocess.TimeoutExpired:
                running.kill()
                running.communicate()
                kills += 1
            else:
                assert running.returncode == 0
                statuses = Counter(item["status"] for item in json.loads(answer)["items"])
                assert statuses == Counter(added=DOCUMENTS - before, duplicate=before) - Counter()
            if any(home.rglob("card.sqlite3")):
                now = whole(home)
                assert now >= before
                before = now


def test_memory_is_that_of_one_document(tmp_path: Path) -> None:
    documents(tmp_path / "few", 60)
    documents(tmp_path / "many", 600)
    few, many = (imported(tmp_path / name)[2] for name in ("few", "many"))
    assert many < few * 1.2
