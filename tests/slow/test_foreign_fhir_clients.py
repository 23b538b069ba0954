"""The mock before FHIR clients that others wrote: each reads a card over a socket and counts what `emk card` counts.

fhirclient for Python and fhirclient for JavaScript log in as SMART has it and refresh; the others are handed a token.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.mock.visitor import Visitor
from tests.slow.browsing import inbox
from tests.slow.foreign import environment, node_with, python_with, run

PYTHON = ("fhirclient==4.4.0", "fhirpy==2.3.1", "sekmet-fhir==0.1.1", "smart-fetch==1.0.3")
NODE = ("fhir-kit-client@2.0.3", "fhirclient@2.6.3")
PEERS = Path(__file__).parent / "peers"
SCOPE = "launch/patient patient/*.rs openid fhirUser offline_access"
CLIENT = "viewer"
EMK = [sys.executable, "-m", "emkcli"]
LISTS = {
    "Condition": "diagnoses",
    "AllergyIntolerance": "allergies",
    "MedicationRequest": "prescriptions",
    "Immunization": "vaccinations",
    "Procedure": "procedures",
    "ServiceRequest": "referrals",
    "DocumentReference": "documents",
    "Observation?category=laboratory": "labs",
    "Observation?category=vital-signs": "vitals",
}
"""What a search finds, and the list of `emk card` that shows just that."""
FETCHED = {
    *(search for search in LISTS if "?" not in search),
    "Encounter",
    "DiagnosticReport",
    "Specimen",
    "Observation",
}
"""Of the types that smart-fetch knows, those of a card here."""


class Server(NamedTuple):
    """A served mock with an activated card, somebody's token, and what emk says of the card."""

    url: str
    phone: str
    patient: str
    token: str
    lists: dict[str, int]
    types: Counter[str]

    @property
    def fhir(self) -> str:
        return f"{self.url}/fhir/R4"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python of their own: what they need is none of ours."""
    return python_with(tmp_path_factory.mktemp("python"), *PYTHON)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The peers beside our scripts: Node looks for modules next to the file that imports them."""
    place = node_with(tmp_path_factory.mktemp("node"), *NODE)
    for script in PEERS.glob("count_by_*.mjs"):
        shutil.copy(script, place)
    return place


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place = tmp_path_factory.mktemp("server")
    home = {"EMK_HOME": str(place), "EMK_KEYRING": "off"}
    process = subprocess.Popen(
        [*EMK, "mock", "serve"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment(**home)
    )
    assert process.stdout
    url = json.loads(process.stdout.readline())["url"]
    with httpx.Client(base_url=url, trust_env=False) as http:
        phone = http.post("/mock/seed", json={"state": "activated"}).raise_for_status().json()["phone"]
        redirects = {"redirect_uris": ["http://127.0.0.1/callback"]}
        http.put(f"/mock/clients/{CLIENT}", json=redirects).raise_for_status()
        challenge = http.post("/oauth2/challenges", json={"method": "sms", "login": phone}).raise_for_status().json()
        form = {"grant_type": "urn:emk:grant-type:sms-code", "challenge_id": challenge["id"], "code": inbox(url)}
        tokens = http.post("/oauth2/token", data=form).raise_for_status().json()
    mine = home | {"EMK_BACKEND": "http", "EMK_URL": url, "EMK_TOKEN": tokens["access_token"]}
    lists = {
        name: json.loads(run(*EMK, "card", name, "--limit", "1", "-o", "json", **mine))["total"]
        for name in LISTS.values()
    }
    run(*EMK, "card", "export", "--format", "fhir", "--to", place / "card.json", **mine)
    exported = json.loads((place / "card.json").read_bytes())["entry"]
    types = Counter(entry["resource"]["resourceType"] for entry in exported)
    yield Server(url, phone, tokens["patient"], tokens["access_token"], lists, types)
    process.terminate()
    process.communicate()


def expected(server: Server) -> dict[str, int]:
    counts = {search: server.lists[name] for search, name in LISTS.items()}
    assert all(counts.values()), "a card with something in every list"
    return counts


def logged_in(server: Server, *command: str | Path) -> dict[str, Any]:
    """What a peer prints after a person has opened the address it began with, and come back."""
    line = [*command, server.fhir, CLIENT, SCOPE, *LISTS]
    process = subprocess.Popen(
        list(map(str, line)),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    )  # fmt: skip
    assert process.stdout
    address = process.stdout.readline().strip()
    with httpx.Client(trust_env=False) as http:
        http.post(f"{server.url}/mock/clock", json={"advance": 61}).raise_for_status()  # a new code may be sent
        visitor = Visitor(http).open(address)
        visitor.press("send", who=server.phone).press("enter", code=inbox(server.url))
    out, err = process.communicate(f"{visitor.address}\n", timeout=120)
    assert process.returncode == 0, err[-1500:]
    told: dict[str, Any] = json.loads(out)
    return told


def test_fhirclient_for_python(server: Server, python: Path) -> None:
    told = logged_in(server, python / "python", PEERS / "count_by_fhirclient.py")
    assert told["counts"] == expected(server)
    assert told["renewed"]
    assert told["again"] == server.lists["diagnoses"]


def test_fhirclient_for_javascript(server: Server, node: Path) -> None:
    told = logged_in(server, "node", node / "count_by_fhirclient.mjs")
    assert told["counts"] == expected(server)
    assert told["renewed"]
    assert told["again"] == server.lists["diagnoses"]
    assert (told["user"], told["patient"]) == (f"Patient/{server.patient}", server.patient)


def test_fhirpy(server: Server, python: Path) -> None:
    line = (python / "python", PEERS / "count_by_fhirpy.py", server.fhir, server.patient, *LISTS)
    told = json.loads(run(*line, FHIR_TOKEN=server.token))
    assert told["counts"] == told["told"] == expected(server)
    assert (told["everything"], told["summary"]) == (server.lists["diagnoses"], "Composition")


def test_fhir_kit_client(server: Server, node: Path) -> None:
    line = ("node", node / "count_by_fhir_kit_client.mjs", server.fhir, server.patient, *LISTS)
    told = json.loads(run(*line, FHIR_TOKEN=server.token))
    assert told["counts"] == told["posted"] == expected(server)
    assert (told["everything"], told["summary"]) == (server.lists["diagnoses"], "Composition")
    assert told["places"] == [f"{server.url}/oauth2/authorize", f"{server.url}/oauth2/token"]


def test_smart_fetch(server: Server, python: Path, tmp_path: Path) -> None:
    """Its crawl, type after type, against what emk exports of each type."""
    (tmp_path / "token").write_text(server.token, encoding="utf-8")
    asked = ("--fhir-url", server.fhir, "--bearer-token", tmp_path / "token", "--id-list", server.patient)
    plain = ("--export-mode", "crawl", "--hydration-tasks", "none", "--no-compression")
    run(python / "smart-fetch", "export", *asked, *plain, tmp_path / "out")
    fetched = {
        kind: {json.loads(line)["id"] for file in (tmp_path / "out").glob(f"{kind}.*") for line in file.open("rb")}
        for kind in FETCHED
    }
    assert {kind: len(ids) for kind, ids in fetched.items()} == {kind: server.types[kind] for kind in FETCHED}


def test_smart_fetch_in_bulk(server: Server, python: Path, tmp_path: Path) -> None:
    """Kick-off, status, files and removal by its own rules; against what emk exports of each type."""
    (tmp_path / "token").write_text(server.token, encoding="utf-8")
    asked = ("--fhir-url", server.fhir, "--bearer-token", tmp_path / "token", "--no-compression")
    said = run(python / "smart-fetch", "bulk", *asked, "--no-default-filters", tmp_path / "out")
    fetched = {
        kind: {json.loads(line)["id"] for file in (tmp_path / "out").glob(f"{kind}.*") for line in file.open("rb")}
        for kind in FETCHED
    }
    assert {kind: len(ids) for kind, ids in fetched.items()} == {kind: server.types[kind] for kind in FETCHED}
    assert "Failed" not in said


def test_sekmet_in_bulk(server: Server, python: Path, tmp_path: Path) -> None:
    """It holds each line against its type and each count against the manifest. Its scenario is for servers that are written to."""
    peer = {"base_url": server.fhir, "auth": {"type": "bearer", "token": server.token}}
    (tmp_path / "settings.yaml").write_text(json.dumps({"peers": {"emk": peer}}), encoding="utf-8")
    said = run(
        python / "sekmet",
        "bulk",
        "export",
        "-p",
        "emk",
        "--level",
        "patient",
        "-c",
        tmp_path / "settings.yaml",
        cwd=tmp_path,
    )
    told = {words[0]: words for words in map(str.split, said.splitlines()) if "declared=" in " ".join(words)}
    assert said.splitlines()[-1].strip() == "VALID"
    assert {kind: int(told[kind][1]) for kind in FETCHED} == {kind: server.types[kind] for kind in FETCHED}
    assert "invalid=0" in told["Observation"]
