"""What a command's help says is so: its examples run, and it ends with no other exit codes than it names."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from emkcli import __version__, errors
from emkcli.commands import entries
from emkcli.commands._command import Spec, spec_of
from emkcli.commands._help_page import HelpPage
from emkcli.commands._tree import functions_of
from emkcli.presentation.topics import exit_code_table
from tests.conftest import ROOT, Emk, Result
from tests.contract.test_exit_codes import ROWS
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
    "emk mock serve --port 8080 --state mock.sqlite3": "goes on until Ctrl-C",
    "emk mock serve --seed 7 --records 200 --speed 3600": "goes on until Ctrl-C",
    "emk config edit": "opens an editor",
    "EDITOR=nano emk config edit": "opens an editor",
    "emk smoke": "walks the whole journey; tests/contract/test_tools.py runs it",
    "emk smoke --junit smoke.xml": "walks the whole journey; tests/contract/test_tools.py runs it",
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


def _leaves() -> Iterator[tuple[str, Spec]]:
    for entry in entries().values():
        for word, function in functions_of(entry).items():
            spec = spec_of(function)
            assert spec is not None
            yield (f"{entry.name} {word}" if entry.group else entry.name), spec


LEAVES = dict(_leaves())
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


def test_every_command_has_examples_of_its_own() -> None:
    for path, spec in LEAVES.items():
        assert 1 <= len(spec.examples) <= 4, path
        assert any(f"emk {path}" in line for line in spec.examples), path
        assert len(set(spec.examples)) == len(spec.examples), path


def test_what_cannot_run_is_an_example_and_says_why() -> None:
    assert {line for spec in LEAVES.values() for line in spec.examples} >= set(CANNOT_RUN)
    assert all(CANNOT_RUN.values())


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_command_ends_with_no_other_codes_than_it_names(row: Any) -> None:
    words = [word for word in row.line if not word.startswith("-")]
    path = " ".join(words[:2]) if entries()[words[0]].group else words[0]
    assert row.code in LEAVES[path].exit_codes


def test_what_a_module_raises_one_of_its_commands_names() -> None:
    for entry in entries().values():
        named = {code for path, spec in LEAVES.items() if path.split()[0] == entry.name for code in spec.exit_codes}
        for module in entry.module.split():
            text = (ROOT / "emkcli" / "commands" / f"{module}.py").read_text(encoding="utf-8")
            for name in re.findall(r"raise errors\.(\w+)", text):
                assert getattr(errors, name).exit_code in named | set(exit_code_table.ANY_RUN), (entry.name, name)


def test_every_code_of_the_table_has_one_meaning() -> None:
    assert {code for code, _slug, _when in exit_code_table.rows()} == set(exit_code_table.MEANINGS)
    assert all(set(spec.exit_codes) <= set(exit_code_table.MEANINGS) for spec in LEAVES.values())


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_help_page_has_examples_exit_codes_and_the_manual(emk: Emk, language: str) -> None:
    page = emk("clinic", "choose", "--help", "--lang", language).out
    assert "  emk clinic choose gp-001 --yes\n" in page
    assert re.search(r"^  6   \S", page, re.M)
    assert not re.search(r"^  (9|10|12)  ", page, re.M)
    assert "man emk-clinic" in page
    assert "\x1b" not in page


def test_colour_takes_no_room() -> None:
    plain, coloured = (HelpPage(width=78, max_width=78, coloured=coloured) for coloured in (False, True))
    for page in (plain, coloured):
        page.write_names(
            "Around the card", ["request", "transfer", "profile", "consent", "notification", "service", "person"]
        )
    assert coloured.getvalue().startswith("\x1b")
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured.getvalue()) == plain.getvalue()
    assert len(plain.getvalue().splitlines()) == 1


@pytest.mark.parametrize("language", ["en", "ru"])
def test_emk_alone_fits_a_screen(emk: Emk, language: str) -> None:
    run = emk(env={"EMK_LANG": language, "COLUMNS": "80"})
    lines = run.out.splitlines()
    assert len(lines) <= 23
    assert max(map(len, lines)) <= 80
    assert all(re.search(rf"\b{name}\b", run.out) for name in entries())
    assert "emk demo --keep" in run.out
    assert "--profile" not in run.out
    assert "--profile" in emk("--help").out


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("labs", "emk card labs"),
        ("lasb", "emk card labs"),
        ("acces-log", "emk card access-log"),
        ("access_log", "emk card access-log"),
        ("CARD", "emk card"),
        ("card-labs", "emk card labs"),
        ("card clinc", "emk clinic"),
        ("card lab", "emk card labs"),
        ("prescription", "emk card prescriptions"),
        ("version", "emk --version"),
        ("help lasb", "emk card labs"),
        ("show", "emk clinic show or emk doctor show or emk application show"),
    ],
)
def test_did_you_mean_knows_the_whole_tree(emk: Emk, line: str, near: str) -> None:
    run = emk(*line.split(), "--json")
    assert (run.code, run.out) == (2, "")
    assert run.error["hint"] == f"did you mean {near}?"


def test_what_is_like_nothing_is_not_guessed_at(emk: Emk) -> None:
    assert emk("xyzzy", "--json").error["hint"] == "emk --help"
    assert emk("help", "xyzzy", "--json").error["hint"] == "emk help"


@pytest.mark.parametrize(
    "line",
    ["card labs --bogus -h", "card labs -h --bogus", "card labs -h", "card labs x --help", "--bogus card labs -h"],
)
def test_help_is_given_beside_a_wrong_option(emk: Emk, line: str) -> None:
    run = emk(*line.split())
    assert (run.code, run.err) == (0, "")
    assert run.out == emk("card", "labs", "--help").out


def test_after_two_dashes_nobody_asks_for_help(emk: Emk) -> None:
    run = emk("card", "labs", "--bogus", "--", "-h")
    assert (run.code, run.out) == (2, "")


@pytest.mark.parametrize(("subject", "page"), [("labs", "card labs"), ("card labs", "card labs"), ("card", "card")])
def test_help_of_a_command(emk: Emk, subject: str, page: str) -> None:
    assert emk("help", *subject.split()).out == emk(*page.split(), "--help").out


def test_help_of_a_command_as_a_document(emk: Emk) -> None:
    assert emk("help", "card", "labs", "--json").item["text"].startswith("Usage: emk card labs")


@pytest.mark.parametrize("line", ["-V", "--version", "-o json -V"])
def test_the_version(process: Emk, line: str) -> None:
    run = process(*line.split())
    assert (run.code, run.out) == (0, f"emk {__version__}\n")


@pytest.mark.parametrize("columns", range(50, 82, 4))
def test_no_line_ends_within_an_option(emk: Emk, columns: int) -> None:
    for line in (["--help"], ["card", "labs", "-h"], ["help", "-h"]):
        page = emk(*line, env={"COLUMNS": str(columns)}).out
        assert not re.search(r"\w-$|--$", page, re.M)
        assert "\N{NON-BREAKING HYPHEN}" not in page


ESCAPES = re.compile(r"\x1b(\[\d+m|\]8;;[^\x1b]*\x1b\\)")


def test_colours_and_links_where_colour_is_on(emk: Emk) -> None:
    page = emk("card", "labs", "--color", "always", "-h").out
    assert "\x1b[1mExamples:\x1b[0m" in page
    assert "\x1b]8;;man:emk-card(1)\x1b\\man emk-card\x1b]8;;\x1b\\" in page
    assert f"\x1b]8;;{(ROOT / 'docs/reference/commands.md').as_uri()}\x1b\\docs/reference/commands.md" in page
    assert ESCAPES.sub("", page) == emk("card", "labs", "-h").out
    assert emk("help", "labs", "--color", "always").out == page


@pytest.mark.parametrize(("language", "heading"), [("en", "EXPORT"), ("ru", "ВЫГРУЗКА")])
def test_a_topic_has_headings_where_colour_is_on(emk: Emk, language: str, heading: str) -> None:
    topic = emk("help", "formats", "--color", "always", "--lang", language).out
    assert f"\x1b[1m{heading}\x1b[0m (" in topic
    assert ESCAPES.sub("", topic) == emk("help", "formats", "--lang", language).out


@pytest.mark.parametrize("subject", ["labs", "formats"])
def test_a_document_has_no_colours(emk: Emk, subject: str) -> None:
    text = emk("help", subject, "--color", "always", "--json").item["text"]
    assert "\x1b" not in text


@pytest.mark.parametrize("line", [["-h"], ["help", "labs"], ["card", "labs", "-h"], []])
def test_a_terminal_shows_colours_and_a_modest_one_does_not(line: list[str]) -> None:
    assert "\x1b[1m" in _on_a_terminal(line, TERM="xterm")
    for plain in ({"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "xterm", "EMK_COLOR": "never"}):
        assert "\x1b" not in _on_a_terminal(line, **plain)


def _on_a_terminal(line: list[str], **environment: str) -> str:
    output, _status = pexpect.run(
        shlex.join([sys.executable, "-m", "emkcli", *line]),
        env={**os.environ, "EMK_LANG": "en", **environment},
        withexitstatus=True,
        encoding="utf-8",
    )
    assert "Usage:" in output
    return str(output)
