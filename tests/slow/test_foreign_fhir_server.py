"""`emk smoke` and the lists of the card on a FHIR server that others wrote: fhirsnake, which serves files and knows no search.

It states neither its version nor what it can, and answers every search with all records of the type, whoever's they are.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from tests.conftest import Emk

PEER = "fhirsnake==1.1.0"
WHOSE = {"reference": "Patient/p1"}
SOMEBODY = {"reference": "Patient/p2"}
RESOURCES: list[dict[str, Any]] = [
    {"resourceType": "Patient", "id": "p1", "name": [{"family": "Сойкина", "given": ["Анна"]}], "gender": "female"},
    {"resourceType": "Patient", "id": "p2", "name": [{"family": "Чужой"}]},
    {"resourceType": "Patient", "id": "empty", "name": [{"family": "Пустой"}]},
    *({"resourceType": "Observation", "id": name, "status": "final", "subject": whose, "code": {"text": code},
       "category": [{"coding": [{"code": category}]}], "effectiveDateTime": "2026-01-02",
       "valueQuantity": {"value": value, "unit": unit}}
      for name, whose, category, code, value, unit in (
          ("o1", WHOSE, "laboratory", "Глюкоза", 5.4, "ммоль/л"),
          ("o2", SOMEBODY, "laboratory", "Чужое", 99, "ммоль/л"),
          ("o3", WHOSE, "vital-signs", "Пульс", 70, "/min"))),
    {"resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"code": "AMB"}, "subject": WHOSE},
    {"resourceType": "Immunization", "id": "i1", "status": "completed", "vaccineCode": {"text": "Грипп"}, "patient": WHOSE},
    {"resourceType": "AllergyIntolerance", "id": "a1", "patient": WHOSE, "code": {"text": "Пенициллин"}},
    {"resourceType": "Condition", "id": "c1", "subject": WHOSE, "code": {"text": "J06.9"}},
]  # fmt: skip


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """In an environment of its own, as it pins what it needs."""
    place = tmp_path_factory.mktemp("fhirsnake")
    for resource in RESOURCES:
        folder = place / "resources" / resource["resourceType"]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{resource['id']}.json").write_text(json.dumps(resource), encoding="utf-8")
    python = place / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(place / "venv")], check=True, timeout=120)
    subprocess.run([python, "-m", "pip", "install", "--quiet", PEER], check=True, timeout=300)
    [code] = (place / "venv").glob("lib/*/site-packages/fhirsnake")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    line = [python, "-m", "uvicorn", "--app-dir", str(code), "main:app", "--port", str(port)]
    server = subprocess.Popen(line, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        with suppress(httpx.ConnectError):
            assert httpx.get(address, trust_env=False).json()["resourceType"] == "CapabilityStatement"
            break
        time.sleep(0.1)
    yield address
    server.terminate()
    server.wait(60)


@pytest.fixture
def foreign(url: str, emk: Emk) -> Emk:
    return lambda *arguments: emk("--backend", "fhir", "--url", url, *arguments)


def test_every_list_is_read(foreign: Emk) -> None:
    done = foreign("--person", "p1", "smoke", "--json")
    checks = {check["name"]: check for check in done.json["items"]}
    assert done.code == 0, done.out
    assert {name for name, check in checks.items() if check["skipped"]} == {"account", "application"}
    assert done.json["warnings"] == ["The server sent records of another person; they were left out: Observation 1."]


@pytest.mark.parametrize(
    ("category", "shown"),
    [
        ("labs", "Observation/o1"), ("vitals", "Observation/o3"), ("visits", "Encounter/e1"),
        ("vaccinations", "Immunization/i1"), ("allergies", "AllergyIntolerance/a1"), ("diagnoses", "Condition/c1"),
    ],
)  # fmt: skip
def test_a_list_has_this_persons_records_alone(foreign: Emk, category: str, shown: str) -> None:
    done = foreign("--person", "p1", "card", category, "--fields", "id")
    assert (done.code, done.out) == (0, f"{shown}\n")


def test_a_card_with_nothing_in_it_fails(foreign: Emk) -> None:
    done = foreign("--person", "empty", "smoke", "--json")
    assert done.code == 12
    assert [check["name"] for check in done.json["items"] if check["problem"]] == ["card records"]


def test_somebody_unknown_fails_once(foreign: Emk) -> None:
    done = foreign("--person", "nobody", "smoke", "--json")
    assert done.code == 12
    assert [check["name"] for check in done.json["items"] if check["problem"]] == ["card person"]
    assert {check["skipped"] for check in done.json["items"][3:]} == {"needs card person"}
