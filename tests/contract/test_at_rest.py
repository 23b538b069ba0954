"""What lies on the disk opens as docs/reference/at-rest.md says, by programs that have nothing of `emkcli`."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import apsw
import keyring
import msgspec
import pytest

from emkcli import localcard
from emkcli.localcard.schema import VERSION
from emkcli.models import Tokens
from tests.conftest import ROOT
from tests.contract.world import World
from tests.fixtures import old_home
from tests.golden import house
from tests.invented import BUNDLE
from tests.localcard.conftest import Keyring
from tests.security.keyrings import vault

READER = Path(__file__).with_name("at_rest_reader.py")
PAGES = Path(__file__).with_name("at_rest_pages.py")
PAGE = ROOT / "docs" / "reference" / "at-rest.md"
MOST_LINES = 40
PASSPHRASE = "верная лошадь"
ALONE = "import runpy, sys; sys.modules['emkcli'] = None; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0])"
"""Runs a program in which an import of `emkcli`, direct or not, is an error."""


@pytest.fixture
def state(embedded: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A card of an imported document and a session, both under the passphrase."""
    file = tmp_path / "secret"
    file.touch(0o600)
    file.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    monkeypatch.setenv("EMK_PASSPHRASE_FILE", str(file))
    (embedded.files / "card.json").write_text(BUNDLE, encoding="utf-8")
    embedded.at("verified").ok(*embedded.login("--storage", "encrypted-file"))
    embedded.ok("card", "import", str(embedded.files / "card.json"))
    return embedded.home / "state"


def alone(program: Path, *arguments: object, passphrase: str = PASSPHRASE) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-I", "-c", ALONE, str(program), *map(str, arguments)],
        input=f"{passphrase}\n".encode(),
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_a_card_and_a_session_open_without_emk(state: Path, embedded: World) -> None:
    done = alone(READER, state, "default", f"mock:{state}")
    (first, *_rest) = embedded.ok("card", "labs", "--backend", "local").items
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == f"labs {first['id']}\naccess token: True\n"


def test_those_of_an_older_emk_open_as_well(tmp_path: Path) -> None:
    with tarfile.open(old_home.ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    state = tmp_path / "emk" / "state"
    (state / "cards" / "default").rename(state / "cards" / "sealed")
    done = alone(READER, state, "sealed", "mock:emk/state", passphrase=house.PASSPHRASE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert re.fullmatch(r"documents i-[0-9a-f]{16}\naccess token: True\n", done.stdout.decode())


def test_another_passphrase_opens_nothing(state: Path) -> None:
    done = alone(READER, state, "default", f"mock:{state}", passphrase="другая")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"NotADBError" in done.stderr
    assert b"emkcli/" not in done.stderr
    pages = alone(PAGES, state / "cards" / "default", passphrase="другая")
    assert (pages.returncode, pages.stdout) == (1, b"")
    assert b"InvalidSignature" in pages.stderr


def test_a_session_opens_for_its_own_profile_alone(state: Path) -> None:
    (session,) = (state / "sessions").glob("*.sealed")
    session.rename(session.with_name(session.name.replace("default", "other")))
    shutil.copytree(state / "cards" / "default", state / "cards" / "other")
    done = alone(READER, state, "other", f"mock:{state}")
    assert done.returncode == 1
    assert b"InvalidTag" in done.stderr
    assert b"access token" not in done.stdout


def test_the_pages_open_without_a_library_for_the_cipher(state: Path, embedded: World) -> None:
    done = alone(PAGES, state / "cards" / "default")
    assert (done.returncode, done.stderr) == (0, b"")
    with closing(sqlite3.connect(":memory:")) as plain:
        plain.deserialize(done.stdout)
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert plain.execute("PRAGMA user_version").fetchall() == [(VERSION,)]
        ids = {ident for (ident,) in plain.execute("SELECT id FROM record WHERE category = 'labs'")}
    assert ids == {item["id"] for item in embedded.ok("card", "labs", "--backend", "local").items} != set()


def test_a_changed_page_is_noticed(state: Path) -> None:
    card = state / "cards" / "default" / "card.sqlite3"
    content = bytearray(card.read_bytes())
    content[5000] ^= 1
    card.write_bytes(content)
    done = alone(PAGES, card.parent)
    assert (done.returncode, done.stdout) == (1, b"")


def test_a_keyring_holds_the_key_and_the_session(
    embedded: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.forgotten(monkeypatch)
    vault.install(tmp_path / "vault")
    monkeypatch.setenv("EMK_KEYRING", "auto")
    (embedded.files / "card.json").write_text(BUNDLE, encoding="utf-8")
    embedded.at("verified").ok("logout")
    embedded.ok(*embedded.login("--storage", "keyring"))
    embedded.ok("card", "import", str(embedded.files / "card.json"))
    state = embedded.home / "state"
    note = json.loads((state / "cards" / "default" / "card.key.json").read_text())
    assert note == {"id": note["id"], "kind": "keyring"}
    key = keyring.get_password("emk:secrets", f"local-card-{note['id']}")
    with closing(apsw.Connection(str(state / "cards" / "default" / "card.sqlite3"))) as card:
        card.pragma("key", f"raw:{bytes.fromhex(key or '').hex()}")
        assert card.pragma("user_version") == VERSION
    tokens = json.loads(keyring.get_password(f"emk:mock:{state}", "default") or "")
    assert tokens.keys() == {field.name for field in msgspec.structs.fields(Tokens)}


def test_the_files_bear_the_names_of_the_page(embedded: World) -> None:
    state = embedded.at("synced").home / "state"
    copy, slot = sha256(b"mock ").hexdigest()[:16], sha256(f"mock:{state}".encode()).hexdigest()[:12]
    names = {path.relative_to(state).as_posix() for path in state.rglob("*") if path.is_file()}
    assert {name for name in names if name.startswith(("cards/", "sessions/")) and not name.endswith(".lock")} == {
        "cards/default/card.key.json",
        "cards/default/card.key.plain",
        f"cards/default/{copy}.sqlite3",
        f"sessions/default-{slot}.json",
    }
    assert {"audit.jsonl", "mock.sqlite3"} < names


@pytest.mark.parametrize("program", [READER, PAGES], ids=["reader", "pages"])
def test_the_programs_are_short_and_know_nothing_of_emk(program: Path) -> None:
    text = program.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert "emkcli" not in text
    assert f"```{{literalinclude}} ../../{program.relative_to(ROOT)}" in PAGE.read_text(encoding="utf-8")


def test_an_import_of_emk_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "cheat.py").write_text("import emkcli")
    done = alone(tmp_path / "cheat.py")
    assert done.returncode == 1
    assert b"import of emkcli halted" in done.stderr


def test_the_page_names_every_table_and_column(tmp_path: Path) -> None:
    with closing(localcard.open_card(tmp_path / "card", Keyring())) as card:
        list(localcard.ingest(card, []))
        card.store.index()
        tables = [name for (name,) in card.store.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        columns = {name: [row[1] for row in card.store.rows(f"PRAGMA table_info({name})")] for name in tables}
    _head, *sections = re.split(r"^#+ `(\w+)`\n", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    described = {
        name: re.findall(r"^\| `(\w+)` \|", text.partition("\n#")[0], re.MULTILINE)
        for name, text in zip(sections[::2], sections[1::2], strict=True)
    }
    assert described == {name: names for name, names in columns.items() if not name.startswith("search")}
