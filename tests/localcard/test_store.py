"""The encrypted file: private, unreadable without its key, safe against a second process and a sudden death."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import apsw
import pytest

from emkcli import errors, localcard
from emkcli.localcard import store
from emkcli.localcard.imported_card import LocalCard
from emkcli.localcard.store import Store
from tests.localcard.conftest import Keyring

KEY = bytes(32)
CHILD = """
import sys, time
from pathlib import Path
from emkcli.localcard.store import Store
from tests.localcard.conftest import Keyring
store = Store(Path(sys.argv[1]), bytes(32))
with store.transaction():
    store.run("INSERT INTO person (id, identity) VALUES ('half', '{}')")
    print("inside", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "card.sqlite3"


def _child(path: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "inside\n"
    return child


def test_the_file_is_private_and_encrypted(path: Path) -> None:
    opened = Store(path, KEY)
    opened.run("INSERT INTO person (id, identity) VALUES ('p', 'Пробная-Секретная')")
    for file in path.parent.glob("card.sqlite3*"):
        assert file.stat().st_mode & 0o777 == 0o600
        assert "Секретная".encode() not in file.read_bytes()
        assert not file.read_bytes().startswith(b"SQLite format")


@pytest.mark.parametrize("damage", ["key", "bytes", "text"])
def test_what_cannot_be_read_is_left_as_it_is(path: Path, damage: str) -> None:
    Store(path, KEY).close()
    if damage == "bytes":
        path.write_bytes(b"\x00" * 64 + path.read_bytes()[64:])
    if damage == "text":
        path.write_text("not a database at all" * 500)
    before = path.read_bytes()
    with pytest.raises(errors.Storage, match="left as it is"):
        Store(path, bytes(31) + b"\x01" if damage == "key" else KEY)
    assert path.read_bytes() == before


def test_a_link_is_not_followed(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere"))
    with pytest.raises(errors.Storage):
        Store(path, KEY)
    assert not path.with_name("elsewhere").exists()


def test_a_card_of_a_newer_emk(path: Path) -> None:
    opened = Store(path, KEY)
    opened.db.pragma("user_version", 99)
    opened.close()
    with pytest.raises(errors.Storage, match="99"):
        Store(path, KEY)


def test_a_second_process_waits_and_then_says_busy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(path, KEY).close()
    monkeypatch.setattr(store, "BUSY_MILLISECONDS", 100)
    child = _child(path)
    try:
        opened = Store(path, KEY)
        assert opened.row("SELECT count(*) FROM person") == (0,), "reading goes on"
        assert opened.row("PRAGMA busy_timeout") == (100,)
        started = time.monotonic()
        with pytest.raises(errors.Busy), opened.transaction():
            pass
        assert time.monotonic() - started < 40
    finally:
        child.kill()
        child.communicate()
    with opened.transaction():
        opened.run("INSERT INTO person (id, identity) VALUES ('whole', '{}')")
    assert list(opened.rows("SELECT id FROM person")) == [("whole",)], "nothing of the killed process is left"


def test_a_full_disk_leaves_the_card_sound(home: Path, keyring: Keyring, card: LocalCard) -> None:
    card.store.db.pragma("max_page_count", card.store.db.pragma("page_count"))
    with pytest.raises(errors.Storage, match="full"), card.store.transaction():
        card.store.run("INSERT INTO person (id, identity) VALUES ('p', zeroblob(1000000))")
    card.store.db.pragma("max_page_count", 1 << 30)
    assert localcard.open_card(home, keyring).persons() == []


def test_errors_of_sqlite_become_ours(path: Path) -> None:
    opened = Store(path, KEY)
    with pytest.raises(errors.Storage):
        opened.row("SELECT nothing FROM nowhere")
    with pytest.raises(errors.Storage), store.translated(path):
        raise apsw.IOError("disk")


def test_whoever_makes_the_card_at_the_same_time_is_waited_for(path: Path) -> None:
    """SQLite itself waits for nobody when a file is turned to its write-ahead log."""
    other = apsw.Connection(str(path))
    other.pragma("key", f"raw:{KEY.hex()}")
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE begun (x)")
    timer = Timer(0.3, lambda: other.execute("COMMIT"))
    timer.start()
    opened = Store(path, KEY)
    timer.join()
    other.close()
    assert opened.row("SELECT count(*) FROM begun") == (0,)
    opened.close()
