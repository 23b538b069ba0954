"""Clients that are generated from the document of a served mock, and a walk with each: by the commands of docs/ci.md."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from emkcli.mock.seeding import PERSON
from tests.mock.person import PNG, Person
from tests.slow.foreign import environment, node_with, python_with, run

PYTHON = ("openapi-python-client==0.29.1",)
NODE = ("openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3")
PAGE = Path(__file__).parents[2] / "docs" / "ci.md"
PRINTED = "http://127.0.0.1:8081"
PEERS = Path(__file__).parent / "peers"
TYPES = ("--strict", "--module", "nodenext", "--target", "es2022")
NEWCOMER = PERSON | {"snils": "112-233-445 95", "phone": "+79161112233", "email": "new@example.org"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = {"EMK_HOME": str(tmp_path_factory.mktemp("server")), "EMK_KEYRING": "off"}
    line = [sys.executable, "-m", "emkcli", "mock", "serve"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=environment(**home)) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())["url"]
        process.terminate()


def tenant(server: str, name: str) -> tuple[str, dict[str, Any]]:
    """The address of a tenant, and what a person like the walk's has there by plain requests."""
    url = f"{server}/t/{name}"
    someone = Person(httpx.HTTPTransport())
    someone.http = httpx.Client(base_url=f"{server}/t/{name}-plain", trust_env=False)
    try:
        found = someone.seeded()
        clinics = someone.get("/clinics", page_size=2)
        plain = {
            "person": found["person_id"],
            "clinics": [clinic["short_name"] for clinic in clinics["items"]],
            "total": clinics["total"],
            "applications": [application["status"] for application in someone.get("/applications")["items"]],
            "refused": "login_required",
        }
        told = len(someone.get("/notifications")["items"])
    finally:
        someone.close()
    assert len(plain["clinics"]) == 2
    assert plain["applications"] == ["activated"]
    return url, plain | {"notifications": told}


def as_documented(program: str, programs: Path, url: str, place: Path) -> None:
    """The one command of that program on the page, with our address."""
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (words,) = [words for line in block.splitlines() if (words := shlex.split(line))[0] == program]
    run(programs / program, *(word.replace(PRINTED, url) for word in words[1:]), cwd=place)


def counted(walked: dict[str, Any]) -> dict[str, Any]:
    """The walk with how many notifications there were; each had a moment with its offset."""
    moments = [datetime.fromisoformat(moment) for moment in walked["notifications"]]
    assert moments
    assert all(moment.tzinfo for moment in moments)
    return walked | {"notifications": len(moments)}


def test_python_client(server: str, tmp_path: Path) -> None:
    programs = python_with(tmp_path / "python", *PYTHON)
    url, plain = tenant(server, "python")
    shutil.copy(PEERS / "emk_client.yaml", tmp_path)
    as_documented("openapi-python-client", programs, url, tmp_path)
    shutil.copy(PEERS / "walk_with_generated.py", tmp_path)
    walked = json.loads(run(programs / "python", tmp_path / "walk_with_generated.py", url, json.dumps(NEWCOMER)))
    assert counted(walked) == plain | {"bytes": len(PNG)}


def test_typescript_client(server: str, tmp_path: Path) -> None:
    node_with(tmp_path, *NODE)
    programs = tmp_path / "node_modules" / ".bin"
    url, plain = tenant(server, "typescript")
    as_documented("openapi-typescript", programs, url, tmp_path)
    walk = tmp_path / "walk.mts"
    shutil.copy(PEERS / "walk_with_generated.mts", walk)
    as_documented("tsc", programs, url, tmp_path)
    run(programs / "tsc", *TYPES, walk)
    walked = json.loads(run("node", tmp_path / "walk.mjs", url))
    assert counted(walked) == plain

    wrong = tmp_path / "wrong.mts"
    wrong.write_text(
        walk.read_text(encoding="utf-8").replace("clinic.short_name", "clinic.shortname"), encoding="utf-8"
    )
    line = [programs / "tsc", *TYPES, "--noEmit", wrong]
    refused = subprocess.run(line, capture_output=True, text=True, env=environment(), check=False)
    assert refused.returncode != 0
    assert "'shortname' does not exist on type" in refused.stdout
    assert refused.stdout.count("error TS") == 1
