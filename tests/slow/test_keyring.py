"""A real keyring daemon on a D-Bus of its own: Debian's gnome-keyring, unlocked, locked and absent; a D-Bus that is silent."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, Emk
from tests.invented import BUNDLE

DAEMON = """
set -eu
emk() { "%(python)s" -m emkcli "$@"; }
up() {
  until dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
    org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true; do sleep 0.1; done
}
unlocked() { echo -n secret | gnome-keyring-daemon --unlock --components=secrets --foreground >/dev/null 2>&1 & daemon=$!; up; }
locked() { kill $daemon; wait $daemon || true; gnome-keyring-daemon --components=secrets --foreground >/dev/null 2>&1 & daemon=$!; up; }
"""

ABORTED = re.compile(r"Aborted\b.*\| gnome-keyring-daemon")
ATTEMPTS = 3

LIFE = """
unlocked
emk register --template > person.toml
emk register --from person.toml -o json >/dev/null
test ! -e "$EMK_HOME/state/sessions" || test -z "$(find "$EMK_HOME/state/sessions" -name '*.json')"
emk auth status -o json --query item.token_source
emk whoami -o json --query item.trust
emk logout -o json --query item.ended
emk logout -o json --query item.ended
emk whoami >/dev/null 2>&1 || echo "whoami $?"
emk card import bundle.json -o json --query 'items[0].status'
emk card labs --backend local -o json --query 'items[0].value'
emk card forget --yes -o json --query item.removed
"""

LOCKED = """
export EMK_BACKEND=fhir EMK_URL=https://example.org
unlocked
echo sentinel-token-value | emk login --token-stdin
locked
for line in "auth status" "auth token --show" "logout"; do
  emk $line -o json 2>err.json || echo "$line: $?"
  grep -c 'keyring is locked, and nobody may be asked' err.json
done
echo other | emk login --token-stdin -o json 2>err.json || echo "login: $?"
grep -c 'There is no safe place' err.json
test -z "$(grep -rl sentinel-token-value "$EMK_HOME" "$HOME/.local")"
EMK_KEYRING=off emk logout -o json --query item.ended
"""

SUITE = """
unlocked
REAL_KEYRING=1 "%(python)s" -m pytest -q tests/security/sessions/test_places.py -k "secret_service" --rootdir=.
"""


@pytest.fixture(autouse=True)
def keyring_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    for program in ("dbus-run-session", "dbus-send", "gnome-keyring-daemon"):
        assert shutil.which(program), f"install {program}: this check needs a real keyring"
    monkeypatch.delenv("EMK_KEYRING")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)


def on_a_bus(script: str, folder: Path) -> list[str]:
    """What a shell script says on a D-Bus session of its own; the session ends with it, and the daemon with the session.

    The daemon of GNOME aborts now and then when a client is killed in the middle of a call; without it nothing was tried,
    and it is begun anew.
    """
    for _attempt in range(ATTEMPTS):
        done = _played(script, folder)
        if not ABORTED.search(done.stderr):
            break
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def _played(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", (DAEMON + script + "\nkill $daemon\n") % {"python": sys.executable}],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_session_and_card_key_live_in_the_keyring(tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_text(BUNDLE, encoding="utf-8")
    said = on_a_bus(LIFE, tmp_path)
    assert said == ['"keyring"', '"simplified"', "true", "false", "whoami 4", '"added"', '"5.40"', "true"]


def test_a_locked_keyring_is_said_and_nothing_is_asked(tmp_path: Path) -> None:
    said = on_a_bus(LOCKED, tmp_path)
    assert said == [
        "The token is stored.",
        *("auth status: 4", "1", "auth token --show: 4", "1", "logout: 4", "1", "login: 4", "1"),
        "false",
    ]


def test_the_suite_of_places_passes_on_a_real_secret_service(tmp_path: Path) -> None:
    said = on_a_bus(SUITE, ROOT)
    assert "100%" in "\n".join(said)


def test_without_any_keyring_a_real_backend_fails_closed(tmp_path: Path, process: Emk) -> None:
    """No D-Bus at all: exit 4 with the reason, and nothing written that holds the token."""
    line = ("login", "--token-stdin", "--backend", "fhir", "--url", "https://example.org")
    done = process(*line, stdin="sentinel-token-value\n", env={"PATH": "/usr/bin:/bin"})
    assert done.code == 4, done.err
    assert "no safe place" in done.err
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and b"sentinel-token-value" in p.read_bytes()]


@pytest.fixture
def silent_bus(tmp_path: Path) -> Iterator[str]:
    """A D-Bus that welcomes whoever comes and then says nothing more."""
    path = tmp_path / "bus"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    guests: list[socket.socket] = []

    def welcome() -> None:
        while True:
            try:
                guest, _address = listener.accept()
            except OSError:
                return
            guests.append(guest)
            guest.recv(4096)
            guest.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")

    threading.Thread(target=welcome, daemon=True).start()
    yield f"unix:path={path}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for guest in guests:
        guest.close()


SLEEPY = """
import time
from keyring.backends import SecretService
SecretService.Keyring.get_password = SecretService.Keyring.set_password = lambda *_arguments: time.sleep(60)
SecretService.Keyring.priority = 9
import keyring
keyring.set_keyring(SecretService.Keyring())
from emkcli.security.keyrings import allowed_backends
allowed_backends.obstacle = lambda _backend: None
"""


@pytest.mark.parametrize("line", ["auth status", "whoami", "logout", "login --token-stdin", "card import bundle.json"])
@pytest.mark.parametrize("stalled", ["bus", "library"])
def test_a_keyring_that_sleeps_ends_the_command_before_the_keyring_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silent_bus: str, process: Emk, line: str, stalled: str
) -> None:
    """Once the peer on D-Bus is silent, once the library's own backend sleeps for a minute; every command touches it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bundle.json").write_text(BUNDLE, encoding="utf-8")
    (tmp_path / "sitecustomize.py").write_text(SLEEPY, encoding="utf-8")
    environ = {"EMK_BACKEND": "http", "EMK_URL": "https://example.org"}
    planted = os.pathsep.join([str(tmp_path), str(ROOT)])
    environ |= {"DBUS_SESSION_BUS_ADDRESS": silent_bus} if stalled == "bus" else {"PYTHONPATH": planted}
    began = time.monotonic()
    done = process(*line.split(), "-o", "json", stdin="tok\n", env=environ)
    assert time.monotonic() - began < 30, "the library sleeps for a minute"
    assert (done.code, done.error["code"]) == (4, "no_secret_storage"), done.err
    if stalled == "library":
        assert "did not answer within 5 s" in done.error["message"]
