"""Every command under every fault, and what other users of the machine see of real processes while they run."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from emkcli.mock.faults import KINDS
from tests.contract.world import BOTH, World
from tests.faults.hostile import GROUPS, MODES, Attack
from tests.faults.leaks import lines, planted_in, secrets_of, spilt


@pytest.mark.parametrize("kind", ["none", *KINDS])
def test_every_command_under_a_fault(embedded: World, pauses: list[float], kind: str) -> None:
    embedded.at("activated")
    fault = ("mock", "fault", "add", kind, "--times", "0", "--seconds", "0.01")
    secrets = secrets_of(embedded)
    seen = 0
    for number, line in enumerate(lines(embedded)):
        if kind != "none":
            embedded.ok(*fault)
        done = embedded(*line, "--debug", "--no-input", "-o", ("plain", "json")[number % 2])
        embedded("mock", "fault", "clear")
        secrets |= secrets_of(embedded)
        assert planted_in(done.err, secrets) == [], (line, done.err)
        assert done.code != 1, (line, done.err)
        assert spilt(embedded, secrets) == [], line
        embedded.at("activated")
        seen += 1
    assert seen > 100


@pytest.mark.parametrize("mode", MODES)
def test_every_command_against_a_server_that_repeats_secrets(
    embedded: World, pauses: list[float], monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """Every command, with both kinds of errors, in every spelling, from the first request on and later ones."""
    attack = Attack(embedded, monkeypatch)
    embedded.at("activated")
    found = []
    for number, line in enumerate(lines(embedded)):
        for turn, spellings in enumerate(GROUPS):
            output = ("plain", "json")[(number + turn) % 2]
            wanted = (*line, "--debug", "--no-input", "-o", output)
            found += [(line, secret) for secret in attack.readable(wanted, mode, spellings, good=(number + turn) % 4)]
    said = f"{mode}: {attack.runs} runs, {attack.answers} hostile answers, {attack.echoes} echoes, {len(found)} found"
    print(said)  # noqa: T201
    assert found == []
    assert attack.runs > 400


def below(parent: int) -> dict[int, str]:
    """The command lines of a process and of everything it started, as anybody on this machine can read them, and the
    environments, as others of this user can."""
    parents, said = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                said[int(folder.name)] = _words(folder / "cmdline")
                with suppress(PermissionError):  # of a program that hides it
                    said[int(folder.name)] += _words(folder / "environ")
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
    family, grown = {parent}, True
    while grown:
        more = {child for child, above in parents.items() if above in family} - family
        family, grown = family | more, bool(more)
    return {process: said[process] for process in family if said.get(process)}


def _words(file: Path) -> str:
    return file.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")


def watched(*line: str, stdin: str = "") -> tuple[int, str, set[str]]:
    """Run a real `emk` and read the process list all the time."""
    process = subprocess.Popen(
        [sys.executable, "-m", "emkcli", *line, "--debug"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(stdin)
    process.stdin.close()
    seen: set[str] = set()
    while process.poll() is None:
        seen |= set(below(process.pid).values())
        time.sleep(0.005)
    said = process.stderr.read()
    process.stderr.close()
    return process.returncode, said, seen


def signer(folder: Path) -> str:
    """OpenSSL with an invented key, as a person with a qualified signature would name it."""
    assert shutil.which("openssl"), "install openssl: this check runs a real signer"
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=invented/1.2.643.100.3=00000010707", "-days", "2",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return f"openssl cms -sign -binary -outform DER -signer {certificate} -inkey {key}"


def test_the_process_list_holds_no_secret(embedded: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One real process per row, with the programs it starts: the code program, a signer, the encryption of an export."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("correct horse 424242\n")
    passphrase.chmod(0o600)
    monkeypatch.setenv("EMK_PASSPHRASE_FILE", str(passphrase))
    embedded.at("new")
    rows = (
        (("register", "--from", embedded.person), None),
        (embedded.verify(), None),
        (("mock", "clock", "advance", "1h"), None),
        (
            ("login", "--from", embedded.person, "--code-command", f"{sys.executable} -m emkcli mock inbox --code"),
            "mock inbox",
        ),
        (("login", "--from", embedded.person, "--method", "signature", "--signer", signer(tmp_path)), "openssl cms"),
        (("connect", *BOTH), None),
        (("clinic", "choose", "gp-005", "--yes"), None),
        (("mock", "clock", "advance", "48h"), None),
        (("card", "labs"), None),
        (("card", "export", "--format", "fhir", "--to", str(tmp_path / "x.age"), "--encrypt", "passphrase"), None),
        (("card", "sync"), None),
        (("profile", "update", "--from", "-"), None),
        (("auth", "token", "--show"), None),
        (("selfcheck",), None),
        (("logout",), None),
    )
    secrets: set[str] = set()
    processes: set[str] = set()
    for line, child in rows:
        given = "email = 'sojkina@example.org'\n" if "-" in line else ""
        code, said, seen = watched(*line, stdin=given)
        secrets |= secrets_of(embedded)
        processes |= seen
        assert code == 0, (line, said)
        assert planted_in(said, secrets) == [], line
        assert child is None or any(child in one for one in seen), (line, seen)
    assert [(one, found) for one in processes if (found := planted_in(one, secrets))] == []
    assert not any("correct horse" in one for one in processes)
    assert len(processes) >= len(rows)
    assert spilt(embedded, secrets) == []
