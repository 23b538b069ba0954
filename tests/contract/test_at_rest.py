"""What lies on the disk opens as docs/reference/at-rest.md says, by a program that has nothing of `emkcli`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.world import World
from tests.invented import BUNDLE

READER = Path(__file__).with_name("at_rest_reader.py")
MOST_LINES = 40
PASSPHRASE = "верная лошадь"
ALONE = "import runpy, sys; sys.modules['emkcli'] = None; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0])"
"""Runs a program in which an import of `emkcli`, direct or not, is an error."""


@pytest.fixture
def home(embedded: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A card of an imported document and a session, both under the passphrase."""
    file = tmp_path / "secret"
    file.touch(0o600)
    file.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    monkeypatch.setenv("EMK_PASSPHRASE_FILE", str(file))
    (embedded.files / "card.json").write_text(BUNDLE, encoding="utf-8")
    embedded.at("verified").ok(*embedded.login("--storage", "encrypted-file"))
    embedded.ok("card", "import", str(embedded.files / "card.json"))
    return embedded.home


def opened(home: Path, passphrase: str, *, profile: str = "default") -> subprocess.CompletedProcess[str]:
    state = home / "state"
    return subprocess.run(
        [sys.executable, "-I", "-c", ALONE, str(READER), str(state), profile, f"mock:{state}"],
        input=f"{passphrase}\n",
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_a_card_and_a_session_open_without_emk(home: Path, embedded: World) -> None:
    done = opened(home, PASSPHRASE)
    (first, *_rest) = embedded.ok("card", "labs", "--backend", "local").items
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"labs {first['id']}\naccess token: True\n"


def test_another_passphrase_opens_nothing(home: Path) -> None:
    done = opened(home, "другая")
    assert (done.returncode, done.stdout) == (1, "")
    assert "NotADBError" in done.stderr
    assert "emkcli" not in done.stderr


def test_a_session_opens_for_its_own_address_alone(home: Path) -> None:
    (session,) = (home / "state" / "sessions").glob("*.sealed")
    session.rename(session.with_name(session.name.replace("default", "other")))
    (home / "state" / "cards" / "default").rename(home / "state" / "cards" / "other")
    done = opened(home, PASSPHRASE, profile="other")
    assert done.returncode == 1
    assert "InvalidTag" in done.stderr
    assert "access token" not in done.stdout


def test_the_reader_is_short_and_knows_nothing_of_emk() -> None:
    text = READER.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert "emkcli" not in text


def test_an_import_of_emk_would_be_noticed(tmp_path: Path) -> None:
    program = tmp_path / "cheat.py"
    program.write_text("import emkcli")
    done = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, str(program)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "import of emkcli halted" in done.stderr
