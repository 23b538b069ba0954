"""Cards and their key are made, used and removed under one lock, and whatever a killed process leaves is found again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emkcli import errors, localcard
from emkcli.localcard import directory as protocol
from emkcli.localcard.key import NOTE, Keys
from emkcli.security.passphrases import Passphrase
from tests.invented import PATIENT, bundle, encoded, lab
from tests.localcard.conftest import Keyring


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LOCK_SECONDS", 0.2)


def names(home: Path) -> list[str]:
    """What lies there, without locks and without what SQLite keeps beside a card that is open."""
    beside = (protocol.LOCK, "-wal", "-shm")
    return sorted(path.name for path in home.iterdir() if not path.name.endswith(beside))


def test_nothing_is_removed_while_somebody_has_a_card_open(home: Path, keyring: Keyring) -> None:
    card = localcard.open_card(home, keyring)
    with pytest.raises(errors.Busy):
        localcard.forget(home, keyring)
    assert len(keyring.kept) == 1
    card.close()
    assert localcard.forget(home, keyring) is True
    assert keyring.kept == {}
    assert names(home) == []


def test_two_may_have_cards_open(home: Path, keyring: Keyring) -> None:
    card, again = localcard.open_card(home, keyring), localcard.open_card(home, keyring)
    mirror = localcard.open_mirror(home / "a.sqlite3", keyring)
    for opened in (card, again, mirror):
        opened.close()
    assert names(home) == ["a.sqlite3", NOTE, localcard.CARD_FILE]


FORGET = """
import sys
from pathlib import Path
from emkcli import errors, localcard
from emkcli.localcard import directory
directory.LOCK_SECONDS = 0.2
try:
    print(localcard.forget(Path(sys.argv[1]), None))
except errors.Busy:
    print("busy")
"""


def test_a_second_card_of_a_process_does_not_give_back_the_lock_of_the_first(home: Path, keyring: Keyring) -> None:
    """Closing a descriptor of a file gives back the locks of the process on it: none is opened beside SQLite's."""
    opened = [localcard.open_card(home, keyring), localcard.open_mirror(home / "a.sqlite3", keyring)]
    opened.append(localcard.open_card(home, keyring))
    for _turn in range(2):
        child = subprocess.run([sys.executable, "-c", FORGET, str(home)], capture_output=True, text=True, check=True)
        assert child.stdout == "busy\n"
        opened.pop().close()
    opened.pop().close()
    child = subprocess.run([sys.executable, "-c", FORGET, str(home)], capture_output=True, text=True, check=True)
    assert child.stdout == "True\n"


def test_an_empty_card_goes_with_its_key_unless_it_is_used(home: Path, keyring: Keyring, take: Any) -> None:
    first, second = localcard.open_card(home, keyring), localcard.open_card(home, keyring)
    localcard.forget_empty(first, keyring)  # another import is under way and may store something
    assert names(home) == [NOTE, localcard.CARD_FILE]
    second.close()
    localcard.forget_empty(localcard.open_card(home, keyring), keyring)
    assert names(home) == []
    assert keyring.kept == {}


def test_a_card_that_somebody_filled_meanwhile_stays(home: Path, keyring: Keyring, take: Any) -> None:
    first = localcard.open_card(home, keyring)
    assert [result.status for result in take(bundle(PATIENT, lab("o1")))] == ["added"]
    localcard.forget_empty(first, keyring)
    card = localcard.open_card(home, keyring)
    assert len(card.persons()) == 1
    card.close()


def test_the_key_stays_with_a_synced_copy(home: Path, keyring: Keyring) -> None:
    localcard.open_mirror(home / "a.sqlite3", keyring).close()
    localcard.forget_empty(localcard.open_card(home, keyring), keyring)
    assert names(home) == ["a.sqlite3", NOTE]
    localcard.open_mirror(home / "a.sqlite3", keyring).close()


def test_a_proposal_that_was_never_accepted_leaves_nothing(home: Path, keyring: Keyring) -> None:
    home.mkdir(mode=0o700)
    (home / f"{NOTE}.cut").write_bytes(b'{"id"')
    (home / f"{NOTE}.killed").write_text('{"id": "killed", "kind": "keyring"}')
    keyring.kept["local-card-killed"] = "00"
    with Keys(home, keyring).proposed() as proposal:
        assert "local-card-killed" in keyring.kept
        assert len(keyring.kept) == 2
        localcard.open_card(home, keyring).close()
        assert proposal.exists(), "its maker lives"
        assert sorted(names(home)) == sorted([proposal.name, NOTE, localcard.CARD_FILE])
        assert len(keyring.kept) == 2
    assert names(home) == [NOTE, localcard.CARD_FILE]
    assert list(keyring.kept) == [f"local-card-{json.loads((home / NOTE).read_text())['id']}"]


@pytest.fixture
def holds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The locks that this process holds at the moment."""
    held: list[str] = []
    hold = protocol.CardDirectory._hold

    def counted(self: protocol.CardDirectory, *, alone: bool, seconds: float | None = None) -> Callable[[], None]:
        release = hold(self, alone=alone, seconds=seconds)
        held.append("alone" if alone else "shared")
        return lambda: (held.pop(), release())[1]

    monkeypatch.setattr(protocol.CardDirectory, "_hold", counted)
    return held


def test_nobody_is_asked_while_the_lock_is_held(home: Path, holds: list[str]) -> None:
    asked: list[str] = []

    class Slow(Keyring):
        def get(self, name: str) -> str | None:
            return self._asked("get") or super().get(name)

        def set(self, name: str, value: str) -> None:
            super().set(name, self._asked("set") or value)

        def delete(self, name: str) -> None:
            super().delete(self._asked("delete") or name)

        def _asked(self, question: str) -> str:
            asked.append(f"{question} {holds}")
            return ""

    def ask(label: str) -> str:
        asked.append(f"passphrase {holds}")
        return "верная лошадь"

    keyring = Slow()
    localcard.unlock(home, keyring)
    keyring.kept.clear()
    localcard.forget_empty(localcard.open_card(home, keyring), keyring)
    localcard.open_card(home, keyring).close()
    localcard.forget(home, keyring)
    typed = Passphrase(ask=ask, chosen=True)
    localcard.open_card(home, None, typed).close()
    localcard.open_card(home, None, Passphrase(ask=ask)).close()
    assert set(asked) == {"get []", "set []", "delete []", "passphrase []"}
    assert holds == []


def test_a_key_without_a_card_is_used_or_replaced(home: Path, keyring: Keyring) -> None:
    key = localcard.unlock(home, keyring)
    assert localcard.unlock(home, keyring) == key
    keyring.kept.clear()  # a removal that was killed between the secret and its note
    localcard.open_card(home, keyring).close()
    assert localcard.unlock(home, keyring) != key
    assert len(keyring.kept) == 1


def test_a_card_without_its_key_says_what_to_do(home: Path, keyring: Keyring) -> None:
    localcard.open_card(home, keyring).close()
    keyring.kept.clear()
    with pytest.raises(errors.NoSecretStorage) as lost:
        localcard.open_card(home, keyring)
    assert "emk card forget" in str(lost.value.hint)
    (home / NOTE).unlink()
    for make in (True, False):
        with pytest.raises(errors.Storage) as gone:
            localcard.open_card(home, keyring, make=make)
        assert "emk card forget" in str(gone.value.hint)
    assert names(home) == [localcard.CARD_FILE], "nothing was touched"
    assert localcard.forget(home, keyring) is True
    localcard.open_card(home, keyring).close()


def test_a_damaged_note_names_the_way_out_and_it_is_one(home: Path, keyring: Keyring) -> None:
    localcard.open_card(home, keyring).close()
    (home / NOTE).write_text("{")
    with pytest.raises(errors.Storage, match="damaged") as damaged:
        localcard.open_card(home, keyring)
    assert "emk card forget" in str(damaged.value.hint)
    assert localcard.forget(home, keyring) is True
    assert names(home) == []
    localcard.open_card(home, keyring).close()


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
@pytest.mark.parametrize("name", [NOTE, f"{NOTE}.0123456789abcdef"])
def test_no_pipe_and_no_directory_by_the_name_of_a_note_is_waited_for(
    home: Path, keyring: Keyring, make: Callable[[Path], None], name: str
) -> None:
    home.mkdir(mode=0o700)
    make(home / name)
    assert localcard.forget(home, keyring) is False
    localcard.open_card(home, keyring).close()
    assert json.loads((home / NOTE).read_text())["kind"] == "keyring"


def test_something_else_by_the_name_of_the_lock(home: Path, keyring: Keyring) -> None:
    home.mkdir(mode=0o700)
    (home / protocol.LOCK).write_bytes(b"not a database, however long it may be " * 200)
    with pytest.raises(errors.Storage, match="cannot be locked"):
        localcard.open_card(home, keyring)
    assert names(home) == []


def test_how_long_a_command_waits(home: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    acquire = protocol.ReadWriteLock.acquire_read
    monkeypatch.setattr(
        protocol.ReadWriteLock,
        "acquire_read",
        lambda self, seconds: (waited.append(seconds), acquire(self, seconds))[1],
    )
    localcard.open_card(home, keyring).close()
    assert set(waited) == {0.2}


def test_a_log_that_was_left_is_not_read_into_the_next_card(home: Path, keyring: Keyring, take: Any) -> None:
    card = localcard.open_card(home, keyring)
    take(bundle(PATIENT, lab("o1")))
    logs = {path.name: path.read_bytes() for path in home.glob("*-wal")}
    assert any(logs.values())
    card.close()
    # A removal that was killed after the cards had been renamed.
    (home / localcard.CARD_FILE).replace(home / f"{localcard.CARD_FILE}{protocol.REMOVED}")
    for name, content in logs.items():
        (home / name).write_bytes(content)
    assert localcard.forget(home, keyring) is False
    assert [path.name for path in home.iterdir()] == [protocol.LOCK]
    card = localcard.open_card(home, keyring)
    assert card.persons() == []
    card.close()


def test_locks_are_never_removed(home: Path, keyring: Keyring) -> None:
    localcard.open_card(home, keyring).close()
    lock = (home / protocol.LOCK).stat().st_ino
    localcard.forget(home, keyring)
    assert (home / protocol.LOCK).stat().st_ino == lock
    assert (home / protocol.LOCK).stat().st_mode & 0o777 == 0o600


def test_who_only_reads_makes_nothing(home: Path, keyring: Keyring) -> None:
    home.mkdir(mode=0o700)
    with pytest.raises(errors.NotFound):
        localcard.open_card(home, keyring, make=False)
    localcard.unlock(home, keyring)  # a key alone is no card
    with pytest.raises(errors.NotFound):
        localcard.open_mirror(home / "a.sqlite3", keyring, make=False)
    assert names(home) == [NOTE]
    localcard.open_card(home, keyring).close()
    localcard.open_card(home, keyring, make=False).close()


def test_what_must_not_be_forgotten_was_never_there(home: Path) -> None:
    assert localcard.forget(home, None) is False
    assert not home.exists()


@pytest.fixture
def take(home: Path, keyring: Keyring, tmp_path: Path) -> Any:
    """An import of its own, as another process would do it."""
    from emkcli.importers import document_reader

    def run(document: dict[str, Any]) -> list[Any]:
        (tmp_path / "document.json").write_bytes(encoded(document))
        card = localcard.open_card(home, keyring)
        try:
            return list(localcard.ingest(card, document_reader.read(str(tmp_path / "document.json"))))
        finally:
            card.close()

    return run
