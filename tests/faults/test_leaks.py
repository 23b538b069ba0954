"""Every command on a bad day, with `--debug`: nothing planted on stderr, in the audit log or where others can read."""

from __future__ import annotations

import subprocess
import sys

import pytest

from emkcli.mock.faults import KINDS
from tests.contract.world import World
from tests.faults.hostile import GROUPS, MODES, Attack
from tests.faults.leaks import SPOKEN, planted_in, secrets_of, spilt

FEW = (
    ("whoami",),
    ("card", "show", SPOKEN),
    ("profile", "show"),
    ("transfer", "create", "--to", SPOKEN, "--category", "labs", "--yes"),
    ("api", "GET", "/api/v1/account?snils=000-000-107+07"),
)


@pytest.fixture(autouse=True)
def no_waiting(pauses: list[float]) -> None:
    """No test waits."""


@pytest.mark.parametrize("kind", ["none", *KINDS])
def test_a_few_commands_under_every_fault(embedded: World, kind: str) -> None:
    embedded.at("activated")
    secrets = secrets_of(embedded)
    assert len(secrets) >= 3
    if kind != "none":
        embedded.ok("mock", "fault", "add", kind, "--times", "0", "--seconds", "0.01")
    for line in FEW:
        for output in ("plain", "json"):
            done = embedded(*line, "--debug", "-o", output)
            assert planted_in(done.err, secrets) == [], (line, done.err)
    assert spilt(embedded, secrets) == []


@pytest.mark.parametrize("mode", MODES)
def test_a_server_that_repeats_every_secret(embedded: World, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """A sample; tests/slow walks every command."""
    attack = Attack(embedded, monkeypatch)
    for number, line in enumerate((*FEW, embedded.login(), ("profile", "update", "--from", embedded.person))):
        wanted = (*line, "--debug", "-o", ("plain", "json")[number % 2])
        assert attack.readable(wanted, mode, GROUPS[number % len(GROUPS)], good=number % 3) == [], line
    assert attack.answers >= 3
    assert attack.echoes > 50


def test_without_the_values_the_same_server_gets_its_way(embedded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the known values switched off the same lines do leak, in every mode that says anything: the test above can fail."""
    monkeypatch.setattr("emkcli.security.secret_values.Needles.spans", lambda needles, text: [])
    attack = Attack(embedded, monkeypatch)
    some = (("profile", "show"), ("card", "labs"), embedded.login())
    silent = {mode for mode in MODES if not any(attack.readable((*line, "--json"), mode, GROUPS[0]) for line in some)}
    assert silent == {
        "redirect",
        "headers",
        "page",
        "half an answer",
        "wrong types",
        "links",
    }  # of these nothing is repeated anyway


PROGRAM = """
import logging, sys, threading
from emkcli import cli
from emkcli.usecases.onboarding import next_step

def die():
    raise RuntimeError(sys.argv[1])

class Lost:
    def __del__(self):
        raise RuntimeError(sys.argv[1])

def spill(*arguments, **options):
    logging.getLogger("somebody").warning("refused %s", sys.argv[1])
    broken = threading.Thread(target=die)
    broken.start()
    broken.join()
    Lost()
    raise ValueError(sys.argv[1])

next_step.latest = spill
sys.exit(cli.main(["status", *sys.argv[2:]]))
"""


@pytest.mark.parametrize("more", [(), ("--debug",), ("--debug", "--json")], ids=lambda more: "-".join(more) or "plain")
def test_what_libraries_threads_and_finalizers_say(embedded: World, more: tuple[str, ...]) -> None:
    embedded.at("activated")
    command = [sys.executable, "-c", PROGRAM, SPOKEN, *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert planted_in(done.stderr, set()) == []
    assert ("somebody: refused" in done.stderr) is bool(more)
    assert done.stderr.count("RuntimeError at") == (2 if more else 0)
    assert "ValueError" in done.stderr


def test_the_search_finds_what_is_there(embedded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the redactor switched off the same lines do leak: the test above can fail."""
    embedded.at("activated")
    monkeypatch.setattr("emkcli.security.redact.Redactor.text", lambda redactor, said: said)
    assert planted_in(embedded("card", "show", SPOKEN).err, set()) != []
