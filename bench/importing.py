"""Documents into the local card: how many in a minute, and whether memory grows with their number.

    make bench          (or: .venv/bin/python -m bench.importing)

Invented СЭМД of the size of real ones in one directory, then a Bundle and NDJSON of 20,000 results. Processor time is
what one core needs; the wall clock beside it depends on what else the machine does.
"""

from __future__ import annotations

import json
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.card import peak
from tests.importers import semd_invented as semd
from tests.invented import PATIENT, lab

SIZES = (100, 1_000)
RESULTS = 20_000
TARGET = 1_000
"""Documents in a minute."""
FEW_RESULTS, MANY_RESULTS = 12, 90


def document(number: int) -> bytes:
    """A laboratory protocol of 15 to 100 KB with its table, in turn with consultations in words."""
    results = FEW_RESULTS if number % 3 else MANY_RESULTS
    rows = "".join(f"<tr><td>Показатель {one}</td><td>5,{one}</td><td>г/л</td></tr>" for one in range(results))
    found = (
        semd.result(semd.quantity(f"5.{one}") + semd.span("4", "6", text="4 - 6 г/л"), str(one), f"Показатель {one}")
        for one in range(results)
    )
    told = semd.section("ANAM", *(semd.field("7006", "Слова врача о здоровье. " * 20) for _one in range(10)))
    lab = semd.section("RESLAB", semd.battery(*found), text=f"<table>{rows}</table>", title="Результаты")
    name = str(number)
    return semd.document(lab, told, ident=name, series=name, date=f"2026{number % 12 + 1:02}01")


def documents(folder: Path, count: int) -> str:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:05}.xml").write_bytes(document(number))
    size = sum(one.stat().st_size for one in folder.iterdir())
    return f"{count:,} СЭМД of {size / count / 1000:.0f} KB"


def bundle(path: Path) -> str:
    entries = [{"resource": one} for one in (PATIENT, *_labs())]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}), encoding="utf-8")
    return f"a Bundle of {RESULTS:,}"


def ndjson(path: Path) -> str:
    path.write_text("\n".join(json.dumps(one) for one in (PATIENT, *_labs())), encoding="utf-8")
    return f"NDJSON of {RESULTS:,}"


def _labs() -> list[Any]:
    return [lab(f"o{number}", number % 90 + 1) for number in range(RESULTS)]


def imported(path: Path) -> tuple[float, float, float]:
    """Seconds on the clock, seconds of the processor and the peak MB of one import into a new card."""
    with tempfile.TemporaryDirectory() as home:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("EMK_", "PYTHONDONTWRITE"))}
        environment = kept | {"EMK_HOME": home, "EMK_KEYRING": "off", "LANG": "C.UTF-8"}
        before = _processor()
        seconds, memory = peak(["card", "import", str(path), "--insecure-storage", "-o", "jsonl"], environment)
        return seconds, _processor() - before, memory


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    peaks = []
    with tempfile.TemporaryDirectory() as place:
        for count in SIZES:
            told = documents(Path(place, str(count)), count)
            seconds, busy, memory = imported(Path(place, str(count)))
            peaks.append(memory)
            rate = f"{count / busy * 60:7,.0f} a minute (at least {TARGET:,})"
            print(f"{told:24} {seconds:6.1f} s, processor {busy:6.1f} s, {memory:4.0f} MB {rate}")
        print(f"{'memory, large to small':24} {peaks[1] / peaks[0]:6.2f} x")
        makers: tuple[Callable[[Path], str], ...] = (bundle, ndjson)
        for make in makers:
            told = make(Path(place, "card.json"))
            started = time.monotonic()
            _seconds, busy, memory = imported(Path(place, "card.json"))
            print(f"{told:24} {time.monotonic() - started:6.1f} s, processor {busy:6.1f} s, {memory:4.0f} MB")


if __name__ == "__main__":
    main()
