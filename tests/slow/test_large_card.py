"""A card of 20,000 results is listed and exported whole, in memory that does not grow with it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

from bench.card import peak, server

RESULTS = 20_000


def test_twenty_thousand_results(tmp_path: Path) -> None:
    with server(RESULTS, tmp_path) as environment:
        memory = {}
        for form, to in (("fhir", "card.json"), ("json", "all.json"), ("csv", "lists")):
            arguments = ["card", "export", "--format", form, "--to", str(tmp_path / to)]
            _seconds, memory[form] = peak(arguments, environment)
        _seconds, memory["list"] = peak(["card", "labs", "-o", "jsonl"], environment)
        emk = [sys.executable, "-m", "emkcli"]
        listed = subprocess.run([*emk, "card", "labs", "-o", "json"], env=environment, capture_output=True, check=True)
        document = json.loads(listed.stdout)
        assert document["total"] == len(document["items"]) == RESULTS
        assert not document["truncated"]
        taken = [item["collected_at"] for item in document["items"]]
        assert taken == sorted(taken, reverse=True)
        assert len({item["id"] for item in document["items"]}) == RESULTS
    assert max(memory.values()) < 110, memory

    bundle = json.loads((tmp_path / "card.json").read_bytes())
    names = [f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in bundle["entry"]]
    assert len(names) == len(set(names))
    with (tmp_path / "lists" / "labs.csv").open(encoding="utf-8", newline="") as file:
        assert sum(1 for _row in csv.DictReader(file)) == RESULTS
    assert len(json.loads((tmp_path / "all.json").read_bytes())["records"]["labs"]) == RESULTS
    for manifest in (tmp_path / "card.json.manifest.json", tmp_path / "lists" / "manifest.json"):
        assert json.loads(manifest.read_bytes())["complete"] is True
