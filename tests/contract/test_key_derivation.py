"""What lies under a passphrase opens with the key of the promised cost, and so was locked with it: derived here anew."""

from __future__ import annotations

import json
from hashlib import scrypt
from pathlib import Path
from typing import Any

import apsw
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.contract.world import World
from tests.invented import BUNDLE

PASSPHRASE = "верная лошадь"
SESSION = {"n": 2**15, "r": 8, "p": 3}
CARD = {"n": 2**15, "r": 8, "p": 1}
CHEAP = {"n": 2**4}


@pytest.fixture(autouse=True)
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret"
    file.touch(0o600)
    file.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    monkeypatch.setenv("EMK_PASSPHRASE_FILE", str(file))


def derived(salt: str, cost: dict[str, int]) -> bytes:
    return scrypt(PASSPHRASE.encode(), salt=bytes.fromhex(salt), maxmem=2**27, dklen=32, **cost)


def test_a_session(embedded: World) -> None:
    embedded.at("verified").ok(*embedded.login("--storage", "encrypted-file"))
    (file,) = (embedded.home / "state" / "sessions").glob("*.sealed")
    header, _newline, sealed = file.read_bytes().partition(b"\n")
    told: dict[str, Any] = json.loads(header)
    assert {name: told[name] for name in SESSION} == SESSION
    bound = header + b"\n" + f"default mock:{embedded.home / 'state'}".encode()

    def opened(cost: dict[str, int]) -> bytes:
        return AESGCM(derived(told["salt"], cost)).decrypt(bytes.fromhex(told["nonce"]), sealed, bound)

    assert json.loads(opened(SESSION))["access_token"] == embedded("auth", "token", "--show").out.strip()
    with pytest.raises(InvalidTag):
        opened(SESSION | CHEAP)


def test_a_card(embedded: World) -> None:
    (embedded.files / "card.json").write_text(BUNDLE, encoding="utf-8")
    embedded.at("new").ok("card", "import", str(embedded.files / "card.json"))
    place = embedded.home / "state" / "cards" / "default"
    note = json.loads((place / "card.key.json").read_text())
    assert (note["kind"], note["cost"]) == ("passphrase", CARD)

    def records(cost: dict[str, int]) -> int:
        with apsw.Connection(str(place / "card.sqlite3")) as card:
            card.pragma("key", f"raw:{derived(note['salt'], cost).hex()}")
            found: int = card.execute("SELECT count(*) FROM record").get
            return found

    assert records(CARD) == 1
    with pytest.raises(apsw.NotADBError):
        records(CARD | CHEAP)
