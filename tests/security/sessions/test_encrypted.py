"""The encrypted file refuses whatever is not exactly what was sealed for this place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emkcli import errors
from emkcli.security.passphrases import Passphrase
from emkcli.security.sessions import encrypted_file
from emkcli.security.sessions.encrypted_file import EncryptedStore
from tests.security.sessions.places import COST, tokens


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text("верная лошадь")
    file.chmod(0o600)
    return file


def opened(tmp_path: Path, secret: Path, purpose: str = "дом https://карта.example") -> EncryptedStore:
    return EncryptedStore(tmp_path / "one.sealed", Passphrase(str(secret)), purpose)


def test_nothing_of_it_can_be_read(tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encrypted_file, "COST", COST)
    opened(tmp_path, secret).save(tokens("sentinel"))
    content = (tmp_path / "one.sealed").read_bytes()
    header = json.loads(content.partition(b"\n")[0])
    assert (header["kdf"], header["n"], header["r"], header["p"]) == ("scrypt", 2**15, 8, 3)
    assert (header["version"], header["cipher"]) == (1, "AES-256-GCM")
    assert not [word for word in ("sentinel", "карта", "лошадь", "пациент") if word.encode() in content]
    assert opened(tmp_path, secret).load() == tokens("sentinel")


def test_every_save_has_a_nonce_of_its_own(tmp_path: Path, secret: Path) -> None:
    one = opened(tmp_path, secret)
    seen = set()
    for _time in range(5):
        one.save(tokens("a"))
        seen.add(json.loads((tmp_path / "one.sealed").read_bytes().partition(b"\n")[0])["nonce"])
    assert len(seen) == 5


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_one_changed_byte_and_it_is_refused(tmp_path: Path, secret: Path, where: float, change: int) -> None:
    opened(tmp_path, secret).save(tokens("sentinel"))
    content = bytearray((tmp_path / "one.sealed").read_bytes())
    content[int(where * len(content))] ^= change
    (tmp_path / "one.sealed").write_bytes(content)
    with pytest.raises(errors.Storage) as caught:
        opened(tmp_path, secret).load()
    assert "sentinel" not in caught.value.message
    assert (tmp_path / "one.sealed").read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", b"[]\nx", b'{"salt": 1, "nonce": 2}\n', b"\xff\xfe\n"])
def test_what_is_no_sealed_file_is_refused(tmp_path: Path, secret: Path, content: bytes) -> None:
    (tmp_path / "one.sealed").write_bytes(content)
    (tmp_path / "one.sealed").chmod(0o600)
    with pytest.raises(errors.Storage, match="does not open"):
        opened(tmp_path, secret).load()


def test_a_cost_that_would_eat_the_memory_is_not_obeyed(tmp_path: Path, secret: Path) -> None:
    opened(tmp_path, secret).save(tokens("a"))
    header, _newline, rest = (tmp_path / "one.sealed").read_bytes().partition(b"\n")
    greedy = json.dumps(json.loads(header) | {"n": 2**30}).encode()
    (tmp_path / "one.sealed").write_bytes(greedy + b"\n" + rest)
    with pytest.raises(errors.Storage, match="newer emk"):
        opened(tmp_path, secret).load()


def test_another_passphrase_or_place_does_not_open_it(tmp_path: Path, secret: Path) -> None:
    opened(tmp_path, secret).save(tokens("a"))
    with pytest.raises(errors.Storage, match="the passphrase is another one"):
        opened(tmp_path, secret, "дом https://чужая.example").load()
    secret.write_text("другая")
    with pytest.raises(errors.Storage, match="the passphrase is another one"):
        opened(tmp_path, secret).load()
    with pytest.raises(errors.Storage):
        opened(tmp_path, secret).probe()


def test_a_file_that_others_may_read_is_narrowed(tmp_path: Path, secret: Path) -> None:
    opened(tmp_path, secret).save(tokens("a"))
    (tmp_path / "one.sealed").chmod(0o640)
    assert opened(tmp_path, secret).load() == tokens("a")
    assert (tmp_path / "one.sealed").stat().st_mode & 0o777 == 0o600


def test_a_person_types_a_new_passphrase_twice_and_a_known_one_once(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(label: str) -> str:
        asked.append(label)
        return "лошадь" if len(asked) != 2 else "лошадка"

    def store() -> EncryptedStore:
        return EncryptedStore(tmp_path / "one.sealed", Passphrase(ask=ask), "дом")

    with pytest.raises(errors.InvalidInput, match="differ"):
        store().probe()
    store().save(tokens("a"))
    assert asked == ["New passphrase", "The same again"] * 2
    one = store()
    assert one.load() == tokens("a")
    one.save(tokens("b"))
    assert asked[4:] == ["Passphrase"]


def test_one_derivation_a_run(tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path, secret).save(tokens("a"))
    made: list[object] = []
    derive = encrypted_file.scrypt
    monkeypatch.setattr(encrypted_file, "scrypt", lambda *a, **kw: made.append(a) or derive(*a, **kw))
    one = opened(tmp_path, secret)
    one.load()
    one.load()
    one.save(tokens("b"))
    assert len(made) == 1


def test_with_nobody_to_ask_the_way_out_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.NoSecretStorage) as caught:
        EncryptedStore(tmp_path / "one.sealed", Passphrase(), "дом").probe()
    assert "EMK_PASSPHRASE_FILE" in str(caught.value.hint)
