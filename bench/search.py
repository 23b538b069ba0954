"""Full text in a local card: 100,000 records searched, and the first search after an import of 20,000 results.

    make bench          (or: .venv/bin/python -m bench.search)

Times are those of one process after start-up; beside each stands the ratio to reading every record once, which is what
a search without an index would have to do.
"""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from emkcli import localcard
from emkcli.importers import document_reader
from emkcli.localcard.imported_card import LocalCard
from emkcli.localcard.search import hit, parse

MOST_MS = 50.0
RECORDS, IMPORTED = 100_000, 20_000
QUERIES = {
    "a name": "гемоглобином",
    "two words": "общий холестерин",
    "an unfinished word": "креат",
    "a phrase": '"щитовидной железы"',
    "a code": "J06.9",
    "a word in every record": "поликлиника",
    "a number": "5.47",
}
NAMES = ("Гемоглобин", "Глюкоза", "Холестерин общий", "Креатинин", "Гормоны щитовидной железы", "Калий", "Натрий")
WORDS = ("после еды", "натощак", "повторно", "контроль J06.9", "взято дома", "без особенностей", "цито")


class Keys:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.get, self.set = self.kept.get, self.kept.__setitem__

    def delete(self, name: str) -> None:
        self.kept.pop(name, None)


def results(count: int, start: int) -> Iterator[dict[str, object]]:
    """Invented laboratory results as FHIR, some hundred different texts over ten years."""
    chance = random.Random(7 + start)
    for number in range(start, start + count):
        day = f"20{chance.randrange(16, 26)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        yield {
            "resourceType": "Observation",
            "id": f"o{number}",
            "status": "final",
            "category": [{"coding": [{"code": "laboratory"}]}],
            "code": {"text": f"{chance.choice(NAMES)} {chance.choice(WORDS)}"},
            "effectiveDateTime": day,
            "performer": [{"display": f"Городская поликлиника № {chance.randrange(900, 990)}"}],
            "valueQuantity": {"value": chance.randrange(100, 900) / 100, "unit": "ммоль/л"},
        }


def fill(card: LocalCard, folder: Path, count: int, start: int) -> float:
    """Import that many as bundles of a thousand; seconds."""
    patient = {"resourceType": "Patient", "id": "p", "name": [{"family": "Пробная"}], "birthDate": "1979-06-01"}
    began, rest = time.perf_counter(), results(count, start)
    number = 0
    while batch := list(islice(rest, 1000)):
        number += 1
        path = folder / f"{start}-{number}.json"
        entries = [{"resource": one} for one in (patient, *batch)]
        path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}), "utf-8")
        (done,) = localcard.ingest(card, document_reader.read(str(path)))
        if done.status != "added":
            raise SystemExit(f"{path}: {done.status} {done.reason}")
    return time.perf_counter() - began


def search(card: LocalCard, text: str) -> tuple[float, int]:
    """Milliseconds until the first twenty hits are there with their snippets, and how many there are."""
    began = time.perf_counter()
    wanted = parse(text)
    total, found = card.search(wanted, None, (), 21)
    shown = [hit(one, wanted) for one in found]
    taken = (time.perf_counter() - began) * 1000
    if not shown:
        raise SystemExit(f"{text}: nothing was found")
    return taken, total


def read_all(card: LocalCard) -> float:
    began = time.perf_counter()
    for _row in card.store.rows("SELECT json FROM record"):
        pass
    return (time.perf_counter() - began) * 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        card = localcard.open_card(Path(place) / "card", Keys())
        took = fill(card, Path(place), IMPORTED, 0)
        first, _total = search(card, QUERIES["a name"])
        print(
            f"import of {IMPORTED:,} results with their index {took:6.1f} s; the first search after it {first:6.1f} ms"
        )
        fill(card, Path(place), RECORDS - IMPORTED, IMPORTED)
        whole = read_all(card)
        print(f"{RECORDS:,} records; reading every one takes {whole:.0f} ms")
        slowest = 0.0
        for name, text in QUERIES.items():
            times = [search(card, text) for _round in range(7)]
            median = statistics.median(taken for taken, _total in times)
            slowest = max(slowest, median)
            print(f"{name:24} {median:7.1f} ms  {median / whole:6.3f} x  {times[0][1]:>8,} hits")
        card.close()
    print(f"slowest {slowest:.1f} ms, at most {MOST_MS:.0f} ms wanted")
    if slowest > MOST_MS:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
