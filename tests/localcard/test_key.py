"""Where the key of the local card lives, and what happens when it is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emkcli import errors, localcard
from emkcli.localcard import unlock
from emkcli.localcard.key import NOTE, PLAIN_ALLOWED
from emkcli.security.passphrases import Passphrase
from tests.localcard.conftest import Keyring


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text("верная лошадь\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def test_the_keyring_comes_first(home: Path, keyring: Keyring, passphrase: Path) -> None:
    key = unlock(home, keyring, Passphrase(str(passphrase)), insecure=True)
    assert [bytes.fromhex(one) for one in keyring.kept.values()] == [key]
    assert unlock(home, keyring, None) == key
    assert key.hex() not in (home / NOTE).read_text()


def test_two_homes_do_not_share_a_key(tmp_path: Path, keyring: Keyring) -> None:
    assert unlock(tmp_path / "a", keyring, None) != unlock(tmp_path / "b", keyring, None)
    assert len(keyring.kept) == 2


@pytest.mark.parametrize("broken", [None, Keyring(works=False)])
def test_a_passphrase_where_no_keyring_works(home: Path, broken: Keyring | None, passphrase: Path) -> None:
    key = unlock(home, broken, Passphrase(str(passphrase)))
    assert unlock(home, broken, Passphrase(str(passphrase))) == key
    with pytest.raises(errors.NoSecretStorage, match="passphrase"):
        unlock(home, broken, None)
    passphrase.write_text("другая")
    assert unlock(home, broken, Passphrase(str(passphrase))) != key


def test_a_passphrase_file_is_private_and_not_empty(home: Path, passphrase: Path) -> None:
    passphrase.chmod(0o644)
    with pytest.raises(errors.Storage, match="Others can read"):
        unlock(home, None, Passphrase(str(passphrase)))
    passphrase.chmod(0o600)
    passphrase.write_text("\n")
    with pytest.raises(errors.InvalidInput):
        unlock(home, None, Passphrase(str(passphrase)))
    with pytest.raises(errors.Storage):
        unlock(home, None, Passphrase(str(passphrase.with_name("none"))))


def test_without_a_place_it_fails_closed_with_the_ways_out(home: Path) -> None:
    with pytest.raises(errors.NoSecretStorage) as caught:
        localcard.open_card(home, Keyring(works=False))
    assert "locked" in caught.value.message
    assert "EMK_PASSPHRASE_FILE" in str(caught.value.hint)
    assert "--insecure-storage" in str(caught.value.hint)
    assert not localcard.has_card(home)


def test_a_plain_file_only_when_asked_for(home: Path) -> None:
    localcard.open_card(home, None, insecure=True).close()
    assert (home / NOTE).stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700
    localcard.open_card(home, None).close()


@pytest.fixture
def planted(home: Path) -> str:
    """A key that somebody else knows, put there before the first card."""
    home.mkdir(mode=0o700)
    key = "ab" * 32
    (home / NOTE).write_text(json.dumps({"id": "planted", "kind": "file", "key": key}))
    return key


def test_a_planted_plain_key_makes_no_card(home: Path, keyring: Keyring, planted: str) -> None:
    for secrets in (keyring, None):
        with pytest.raises(errors.NoSecretStorage, match="--insecure-storage was never said") as caught:
            localcard.open_card(home, secrets)
        assert planted not in f"{caught.value.message} {caught.value.hint}"
    assert not localcard.has_card(home)
    assert [path.name for path in home.iterdir()] == [NOTE]


def test_a_plain_key_is_allowed_by_its_content(home: Path) -> None:
    """What was said for one key is not said for the next, whatever its note is called."""
    localcard.open_card(home, None, insecure=True).close()
    note = json.loads((home / NOTE).read_text())
    (home / NOTE).write_text(json.dumps(note | {"key": "cd" * 32}))
    with pytest.raises(errors.NoSecretStorage, match="never said"):
        localcard.open_card(home, None)
    (home / NOTE).write_text(json.dumps(note))
    localcard.open_card(home, None).close()


def test_a_home_from_before_is_opened_after_it_was_said_once(home: Path) -> None:
    localcard.open_card(home, None, insecure=True).close()
    (home / PLAIN_ALLOWED).unlink()
    with pytest.raises(errors.NoSecretStorage, match="never said"):
        localcard.open_card(home, None, make=False)
    localcard.open_card(home, None, insecure=True).close()
    localcard.open_card(home, None, make=False).close()
    assert localcard.forget(home, None)
    assert [path.name for path in home.iterdir()] == ["card.lock"]


def test_a_lost_key_is_told_and_never_replaced(home: Path, keyring: Keyring) -> None:
    localcard.open_card(home, keyring).close()
    keyring.kept.clear()
    with pytest.raises(errors.NoSecretStorage):
        localcard.open_card(home, keyring)
    (home / NOTE).unlink()
    with pytest.raises(errors.Storage):
        localcard.open_card(home, keyring)
    assert keyring.kept == {}


@pytest.mark.parametrize(
    "note", ["", "[]", "{}", '{"kind": "passphrase", "id": "x", "salt": "zz"}', '{"kind":"file","id":"x","key":"zz"}']
)
def test_a_damaged_note(home: Path, note: str, passphrase: Path) -> None:
    home.mkdir()
    (home / NOTE).write_text(note)
    with pytest.raises(errors.Storage):
        localcard.open_card(home, None, Passphrase(str(passphrase)), insecure=True)
    assert (home / NOTE).read_text() == note


def test_forget_removes_card_and_key(home: Path, keyring: Keyring) -> None:
    localcard.open_card(home, keyring).close()
    assert localcard.forget(home, keyring)
    assert keyring.kept == {}
    assert [path.name for path in home.iterdir()] == ["card.lock"]  # never removed: another process may wait for it
    assert not localcard.forget(home, keyring)
    assert not localcard.forget(home / "none", None)


def test_the_note_says_where_the_key_is(home: Path, keyring: Keyring) -> None:
    localcard.open_card(home, keyring).close()
    assert json.loads((home / NOTE).read_text())["kind"] == "keyring"
