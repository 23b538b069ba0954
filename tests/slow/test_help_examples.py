"""The examples of a command's help run, each where a person would type it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.test_help_pages import LEAVES
from tests.conftest import Result
from tests.contract.world import PERSON, World

CANNOT_RUN = {
    "emk demo --keep --to card": "needs a home that nobody is logged in to; tests/commands/test_first_minute.py runs it",
    "emk setup": "asks a person at a terminal; tests/commands/test_prompts.py runs it",
    "emk login": "asks a person at a terminal; tests/commands/test_prompts.py runs it",
    "emk login --method browser": "needs a browser; tests/commands/test_mock_login.py runs it",
    "emk card open": "needs a browser; tests/commands/test_open.py runs it",
    "emk card open --no-browser": "waits for a browser; tests/commands/test_open.py runs it",
    "emk notification watch": "goes on until Ctrl-C; tests/contract/test_portal.py runs it",
    "emk notification watch --interval 15m --exec 'notify-send emk'": "goes on until Ctrl-C, and needs a desktop",
    "emk mock serve": "goes on until Ctrl-C; tests/contract/conftest.py runs it",
    "emk mock serve --port 8080 --state mock.sqlite3 --max-tenants 16": "goes on until Ctrl-C",
    "emk mock serve --seed 7 --records 200 --speed 3600": "goes on until Ctrl-C",
    "emk mock serve --host 0.0.0.0 --port 8080 --control-token-file token.txt": "tests/mock/test_control_token.py runs it",
    "emk mock inbox --code --url http://127.0.0.1:8080 --control-token-file token.txt": "needs the server of that example",
    "emk smoke --url http://127.0.0.1:8080 --control-token-file token.txt": "needs the server of that example",
    "emk config edit": "opens an editor",
    "EDITOR=nano emk config edit": "opens an editor",
}
"""Examples that no test of this file can run, and why."""
ASKS = ("application cancel", "card forget", "consent revoke", "mock reset", "request cancel", "transfer revoke")
"""They ask a person whether to go on; the test says yes, and where a selfie goes out it answers with the code that comes."""
STAGES = {
    "emk setup --wait": "submitted",
    "setup": "logged-in",
    "register": "new",
    "verify": "registered",
    "login": "verified",
    "connect": "logged-in",
    "clinic choose": "connected",
    "doctor choose": "connected",
    "application cancel": "submitted",
    "mock pictures": "registered",
    "emk mock seed --from person.toml": "new",
    "card sync": "activated",
    "card": "synced",
}
"""How far the person is where a line or a command is for; otherwise the card is activated."""
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "fullUrl": "urn:uuid:0c1d5a6e-0000-4000-8000-000000000001",
            "resource": {
                "resourceType": "Patient",
                "name": [{"family": PERSON["last_name"], "given": [PERSON["first_name"], PERSON["middle_name"]]}],
                "birthDate": PERSON["birth_date"],
                "gender": "female",
            },
        },
        {
            "fullUrl": "urn:uuid:0c1d5a6e-0000-4000-8000-000000000002",
            "resource": {
                "resourceType": "Observation",
                "status": "final",
                "category": [{"coding": [{"code": "laboratory"}]}],
                "code": {"text": "Глюкоза"},
                "subject": {"reference": "urn:uuid:0c1d5a6e-0000-4000-8000-000000000001"},
                "effectiveDateTime": "2025-02-03",
                "valueQuantity": {"value": 5.1, "unit": "ммоль/л"},
            },
        },
    ],
}
"""A document that a person has already."""
SAMPLES = {
    "lab-zh4nbm-0345": "card labs --limit 1",
    "recipe-zh4nbm-0056": "card prescriptions --active --limit 1",
    "2026-0000776": "application list",
    "r-000001": "request list",
    "t-000001": "transfer list",
    "n-000001": "notification list",
    "p-001083": "person list",
    "d-01106": "doctor list --clinic gp-001 --limit 1",
}
"""Ids that the examples name, and the list of this world that has such."""
TRANSFER = "emk transfer create --to gp-002 --category labs --since 1y --yes"
BEFORE = {
    "emk verify --wait --for 1h": [
        "emk verify --passport-scan passport.png --selfie selfie.jpg --code-command 'emk mock inbox --code'"
    ],
    "emk verify --passport-scan pictures/passport.png --selfie pictures/selfie.jpg": ["emk mock pictures pictures"],
    "emk mock state load snapshot.jsonl": ["emk mock state save snapshot.jsonl"],
    "request show": ["emk request create prescription --medicine Atorvastatin --yes"],
    "request cancel": ["emk request create prescription --medicine Atorvastatin --yes"],
    "transfer show": [TRANSFER],
    "transfer revoke": [TRANSFER],
}
"""What a person did before."""
OUTCOMES = {
    "emk setup --accept-consent medical-data@1 --accept-consent egisz-transfer@1 --clinic gp-001 --yes": {9},
    "emk card export --format pdf --preset doctor-visit --to visit.pdf": {12},
}
"""What a line may end with besides 0: not decided yet; two pages do not hold everything."""
LOOKED_FOR = {3, 9}
"""What a line with --exit-code is there for."""


RUNNABLE = [(path, line) for path, spec in LEAVES.items() for line in spec.examples if line not in CANNOT_RUN]


@pytest.fixture
def shell(embedded: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The directory a person stands in, with the files that the examples name."""
    monkeypatch.chdir(tmp_path)
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("весна в Сокольниках\n", encoding="utf-8")
    passphrase.chmod(0o600)
    monkeypatch.setenv("EMK_PASSPHRASE_FILE", str(passphrase))
    monkeypatch.setenv("SHELL", "/bin/bash")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return embedded


def _prepare(world: World, path: str, line: str) -> None:
    world.at(next((STAGES[key] for key in (line, path, path.split()[0]) if key in STAGES), "activated"))
    files = world.files
    template = world.ok("register", "--template").item["text"]
    person = re.sub("^phone = .*$", f'phone = "{PERSON["phone"]}"', template, flags=re.M)
    (files / "person.toml").write_text(person, encoding="utf-8")
    (files / "changes.toml").write_text(
        'residence_address = "г. Москва, Проспект Мира, д. 18, кв. 3"\n', encoding="utf-8"
    )
    (files / "token.txt").write_text("invented\n", encoding="utf-8")
    (files / "token.txt").chmod(0o600)
    for document in (files / "document.json", files / "documents" / "bundle.json"):
        document.parent.mkdir(exist_ok=True)
        document.write_text(json.dumps(BUNDLE), encoding="utf-8")


def _ids(world: World, line: str) -> str:
    """The line with the ids of this world in the place of those of the examples."""
    for sample, lookup in SAMPLES.items():
        if sample in line:
            found = world.ok(*lookup.split()).items
            line = line.replace(sample, found[0]["id"])
    return line


@pytest.mark.parametrize(("path", "line"), RUNNABLE, ids=[line for _path, line in RUNNABLE])
def test_an_example_runs(shell: World, path: str, line: str) -> None:
    _prepare(shell, path, line)
    for before in _before(path, line):
        _run(shell, before)
    done = _run(shell, _ids(shell, line))
    expected = {0} | (LOOKED_FOR if "--exit-code" in line else OUTCOMES.get(line, set()))
    assert done.code in expected, (done.code, done.err)
    assert done.code in LEAVES[path].exit_codes


def _before(path: str, line: str) -> list[str]:
    """What a person did before: the examples of one command may build on each other."""
    return BEFORE.get(line, BEFORE.get(path, []))


def _run(world: World, line: str) -> Result:
    path = " ".join(line.split()[1:3])
    if path in ASKS and "--yes" not in line and "--dry-run" not in line:
        line += " --yes"
    if "--selfie" in line and "--dry-run" not in line and "--code-command" not in line:
        line += " --code-command 'emk mock inbox --code'"
    if re.search(r"[|<>]|\$\(", line):
        done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False, timeout=60)
        return Result(done.returncode, done.stdout, done.stderr)
    return world(*shlex.split(line)[1:])


def test_what_cannot_run_is_an_example_and_says_why() -> None:
    assert {line for spec in LEAVES.values() for line in spec.examples} >= set(CANNOT_RUN)
    assert all(CANNOT_RUN.values())
