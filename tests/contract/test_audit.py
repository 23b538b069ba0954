"""The local log of sensitive actions: one line each, whole lines, nothing personal, and never in the way."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyrage
import pytest

from emkcli.security.audit_log import AuditLog
from emkcli.security.redact import Redactor
from tests.contract.world import BOTH, World

OTHERS = 0o077


def log(world: World) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (world.home / "state" / "audit.jsonl").read_text().splitlines()]


def test_a_journey_leaves_its_trace(embedded: World) -> None:
    embedded.at("new").ok("register", "--from", embedded.person)
    embedded.ok(*embedded.verify())
    embedded.advance("1h")
    embedded.ok(*embedded.login())
    embedded.ok("connect", *BOTH)
    embedded.fails(3, "not_found", "clinic", "choose", "gp-999", "--yes")
    embedded.ok("clinic", "choose", "gp-005", "--yes")
    embedded.advance("48h")
    embedded.ok("request", "create", "prescription", "--medicine", "Аторвастатин", "--yes")
    embedded.ok("transfer", "create", "--to", "gp-001", "--category", "allergies", "--yes")
    embedded.ok("transfer", "create", "--to", "gp-001", "--category", "labs", "--dry-run")
    embedded.ok("card", "export", "--format", "csv", "--to", str(embedded.files / "out"), "--category", "labs")
    embedded.ok("card", "labs")
    embedded.ok("consent", "revoke", "egisz-transfer", "--yes")
    embedded("auth", "token", "--show")
    embedded("auth", "token")
    embedded.ok("logout")
    found = log(embedded)
    assert [(entry["action"], entry["exit_code"]) for entry in found] == [
        ("register", 0),
        ("verify", 0),
        ("login", 0),
        ("connect", 0),
        ("clinic choose", 3),
        ("clinic choose", 0),
        ("request create", 0),
        ("transfer create", 0),
        ("card export", 0),
        ("consent revoke", 0),
        ("auth token", 0),
        ("logout", 0),
    ]
    details = {entry["action"]: entry["details"] for entry in found}
    assert details["connect"] == {"consents": ["medical-data@1", "egisz-transfer@1"]}
    assert details["consent revoke"] == {"consents": ["egisz-transfer"]}
    assert details["card export"].items() >= {"format": "csv", "categories": ["labs"], "destination": "file"}.items()
    assert details["card export"]["records"] > 0
    assert details["transfer create"]["categories"] == ["allergies"]
    assert {(entry["profile"], entry["backend"], entry["origin"]) for entry in found} == {("default", "mock", None)}
    text = (embedded.home / "state" / "audit.jsonl").read_text()
    for secret in ("Сойкин", "9000000777", "Аторвастатин", "gp-0", str(embedded.files), "@example"):
        assert secret not in text


def test_an_export_says_whether_it_was_encrypted(embedded: World) -> None:
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    export = ("card", "export", "--format", "ics", "--to")
    embedded.at("activated").ok(*export, str(embedded.files / "plain"))
    embedded.ok(*export, str(embedded.files / "sealed"), "--encrypt", recipient)
    shown = embedded.ok("audit", "show").items
    assert [entry["details"]["encrypted"] for entry in shown if entry["action"] == "card export"] == [True, False]
    assert recipient not in (embedded.home / "state" / "audit.jsonl").read_text()


def test_a_server_is_named_by_its_origin_alone(served: World) -> None:
    served.at("connected").ok("logout", "--url", served.url + "/")
    assert log(served)[-1]["origin"] == served.url


def test_setup_tells_which_consents_were_given(embedded: World) -> None:
    embedded.at("logged-in")("setup", *BOTH, "--clinic", "gp-005", "--yes", "--no-input")
    assert log(embedded)[-1]["action"] == "setup"
    assert log(embedded)[-1]["details"] == {"consents": ["medical-data@1", "egisz-transfer@1"]}


def test_showing_it(embedded: World) -> None:
    embedded.at("logged-in").ok("logout")
    embedded("clinic", "choose", "gp-001", "--yes")
    shown = embedded.ok("audit", "show")
    assert shown.json["kind"] == "audit_entry_list"
    assert [entry["action"] for entry in shown.items] == ["clinic choose", "logout", "login", "verify", "register"]
    assert [entry["action"] for entry in embedded.ok("audit", "show", "--failed").items] == ["clinic choose"]
    limited = embedded.ok("audit", "show", "--limit", "2").json
    assert (len(limited["items"]), limited["total"], limited["truncated"]) == (2, 5, True)
    assert len(embedded.ok("audit", "show", "--action", "login", "--action", "logout").items) == 2
    assert embedded.ok("audit", "show", "--until", "2020").items == []
    assert len(embedded.ok("audit", "show", "--since", "1d").items) == 5
    embedded.fails(2, "usage", "audit", "show", "--since", "yesterday")
    assert embedded("audit", "show", "-o", "csv").out.splitlines()[0].startswith("at,action,profile,backend,exit_code")


def test_it_is_there_without_a_session_or_a_first_entry(embedded: World) -> None:
    embedded.at("new")
    assert embedded.ok("audit", "show").items == []


def test_a_broken_line_is_shown_and_the_next_one_is_whole(embedded: World) -> None:
    embedded.at("logged-in")
    path = embedded.home / "state" / "audit.jsonl"
    with path.open("ab") as file:
        file.write(b'{"action":"lo\xff 000-000-107 07')
    embedded.ok("logout")
    newest, broken, *_older = embedded.ok("audit", "show").items
    assert (newest["action"], newest["broken"]) == ("logout", None)
    assert broken["broken"].startswith('{"action":"lo')
    assert "000-000-107" not in broken["broken"]


def test_it_stays_the_owners_alone(embedded: World) -> None:
    embedded.at("logged-in")
    path = embedded.home / "state" / "audit.jsonl"
    path.chmod(0o666)
    embedded.ok("logout")
    assert path.stat().st_mode & OTHERS == 0


@pytest.mark.parametrize("trouble", ["directory", "link", "full"])
@pytest.mark.parametrize("output", ["plain", "json"])
def test_a_log_that_cannot_be_written_stops_nothing(embedded: World, trouble: str, output: str) -> None:
    path = embedded.at("logged-in").home / "state" / "audit.jsonl"
    path.unlink()
    if trouble == "directory":
        path.mkdir()
    else:
        path.symlink_to("/dev/full" if trouble == "full" else embedded.files / "elsewhere")
    done = embedded("logout", "-o", output)
    assert done.code == 0
    said = done.json["warnings"] if output == "json" else done.err
    assert "not in the audit log" in str(said)
    assert not (embedded.files / "elsewhere").exists()


PROGRAM = """
import sys
from pathlib import Path
from emkcli.security.audit_log import AuditLog
from emkcli.security.redact import Redactor
for number in range(300):
    AuditLog(Path(sys.argv[1]), Redactor()).append({"action": sys.argv[2] * 400, "exit_code": number})
"""


def test_two_processes_never_mix_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"

    def write(letter: str) -> None:
        subprocess.run([sys.executable, "-c", PROGRAM, str(path), letter], check=True)

    with ThreadPoolExecutor(3) as several:
        list(several.map(write, "xyz"))
    entries = list(AuditLog(path, Redactor()).entries())
    assert [entry.broken for entry in entries] == [None] * 900
    for letter in "xyz":
        own = [entry.exit_code for entry in entries if entry.action == letter * 400]
        assert own == list(range(300))
