"""A real keyring daemon on a D-Bus of its own: Debian's gnome-keyring, unlocked, and no keyring at all."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
set -eu
emk() { "%s" -m emkcli "$@"; }
echo -n secret | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1
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

BUNDLE = """{"resourceType": "Bundle", "type": "collection", "entry": [
{"resource": {"resourceType": "Patient", "id": "p", "name": [{"family": "Образцова", "given": ["Анна"]}], "birthDate": "1985-03-02"}},
{"resource": {"resourceType": "Observation", "id": "o", "status": "final", "subject": {"reference": "Patient/p"},
 "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}],
 "code": {"text": "Глюкоза"}, "effectiveDateTime": "2026-01-02", "valueQuantity": {"value": 5.40, "unit": "ммоль/л"}}}]}"""


def test_session_and_card_key_live_in_the_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for program in ("dbus-run-session", "gnome-keyring-daemon"):
        assert shutil.which(program), f"install {program}: this check needs a real keyring"
    monkeypatch.delenv("EMK_KEYRING")
    (tmp_path / "bundle.json").write_text(BUNDLE, encoding="utf-8")
    done = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", SCRIPT % sys.executable],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.split("\n")[:-1]
    assert said == ['"keyring"', '"simplified"', "true", "false", "whoami 4", '"added"', '"5.40"', "true"]


def test_without_any_keyring_a_real_backend_fails_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No D-Bus at all: exit 4 with the reason, and nothing written that holds the token."""
    monkeypatch.delenv("EMK_KEYRING")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    done = subprocess.run(
        [sys.executable, "-m", "emkcli", "login", "--token-stdin", "--backend", "fhir", "--url", "https://example.org"],
        input="sentinel-token-value\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 4, done.stderr
    assert "no safe place" in done.stderr
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and b"sentinel-token-value" in p.read_bytes()]
