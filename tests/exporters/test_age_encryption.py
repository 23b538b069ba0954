"""Encrypted exports: what age opens is the export, and nothing readable is anywhere else."""

from __future__ import annotations

import io
import json
import sqlite3
import sys
import tarfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli import errors
from emkcli.exporters import targets
from emkcli.exporters.targets import age_encryption
from emkcli.exporters.targets.age_encryption import Encryption
from tests.exporters.running import export_card
from tests.exporters.test_sqlite_writer import ALL, ENVELOPE, rows
from tests.invented import Server, lab, quantity

NAME = "Пробная"


@pytest.fixture(scope="module")
def identity() -> Any:
    return pyrage.x25519.Identity.generate()


@pytest.fixture(scope="module")
def encryption(identity: Any) -> Encryption:
    found = age_encryption.asked([str(identity.to_public())], lambda: "")
    assert found
    return found


@pytest.fixture
def server() -> Server:
    return Server(lab("a", quantity("5.40")), {"resourceType": "Condition", "id": "d", "code": {"text": "Диагноз"}})


def silent(directory: Path) -> bool:
    """Whether no file says anything of the person or the card."""
    said = b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())
    return not any(word.encode() in said for word in (NAME, "Диагноз", "Глюкоза", "Observation"))


@pytest.mark.parametrize("form", ["fhir", "json", "html", "ips", "ics"])
def test_a_file(server: Server, tmp_path: Path, identity: Any, encryption: Encryption, form: str) -> None:
    target = tmp_path / "card.age"
    export_card(server.card(), ALL, form, str(tmp_path / "plain"), envelope=ENVELOPE)
    plain = (tmp_path / "plain").read_bytes()
    for path in tmp_path.iterdir():
        path.unlink()
    result = export_card(server.card(), ALL, form, str(target), encryption=encryption, envelope=ENVELOPE)
    assert target.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert abs(len(pyrage.decrypt(target.read_bytes(), [identity])) - len(plain)) < 40, "but for the time in it"
    assert silent(tmp_path)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    note = json.loads(Path(str(result.manifest)).read_bytes())
    digest = sha256(target.read_bytes()).hexdigest()
    assert note["files"] == [{"path": "card.age", "bytes": target.stat().st_size, "sha256": digest}]


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_a_directory_is_one_tar(
    server: Server, tmp_path: Path, identity: Any, encryption: Encryption, form: str
) -> None:
    target = tmp_path / "card.tar.age"
    export_card(server.card(), ALL, form, str(target), encryption=encryption, envelope=ENVELOPE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card.tar.age", "card.tar.age.manifest.json"]
    assert silent(tmp_path)
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(target.read_bytes(), [identity]))) as archive:
        found = {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]
    note = json.loads(found.pop("manifest.json"))
    assert note["person"]["name"] == "Пробная Анна"
    assert {one["path"]: one["sha256"] for one in note["files"]} == {
        name: sha256(content).hexdigest() for name, content in found.items()
    }


def test_sqlite_is_built_in_memory(
    server: Server, tmp_path: Path, identity: Any, encryption: Encryption, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    connect = sqlite3.connect
    monkeypatch.setattr("sqlite3.connect", lambda path, **more: (opened.append(path), connect(path, **more))[1])
    export_card(server.card(), ALL, "sqlite", str(tmp_path / "x"), encryption=encryption)
    assert opened == [":memory:"]
    assert rows(pyrage.decrypt((tmp_path / "x").read_bytes(), [identity]), "SELECT value FROM labs") == [("5.40",)]


def test_standard_output(server: Server, identity: Any, encryption: Encryption) -> None:
    out = io.BytesIO()
    export_card(server.card(), ALL, "fhir", "-", stdout=out, encryption=encryption)
    assert json.loads(pyrage.decrypt(out.getvalue(), [identity]))["type"] == "collection"


def test_a_passphrase_is_not_shown() -> None:
    assert "лошадь" not in repr(age_encryption.asked(["passphrase"], lambda: "верная лошадь"))


@pytest.mark.parametrize("size", [0, 1, 1000, 65_536, 300_000])
@pytest.mark.parametrize("room", [0, 150, -1])
def test_a_full_disk_is_never_silent(encryption: Encryption, size: int, room: int) -> None:
    """Wherever in the encrypted file it is: pyrage itself says nothing when the last piece cannot be written."""
    room = room if room >= 0 else size + 150  # less than the head of the file and its content

    class Disk(io.BytesIO):
        def write(self, content: Any) -> int:
            if self.tell() + len(content) > room:
                raise OSError(28, "No space left on device")
            return super().write(content)

    def fill() -> None:
        with age_encryption.encrypted(Disk(), encryption) as plain:
            for start in range(0, size, 10_000):
                plain.write(bytes(min(10_000, size - start)))

    with pytest.raises(OSError, match="No space left"):
        fill()


def test_a_full_disk_leaves_nothing(
    server: Server, tmp_path: Path, encryption: Encryption, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: targets.Output, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(targets.Output, "write", full)
    with pytest.raises(errors.Storage, match="No space left"):
        export_card(server.card(), ALL, "json", str(tmp_path / "x"), encryption=encryption)
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_breaks_off_cannot_be_opened(identity: Any, encryption: Encryption) -> None:
    out = io.BytesIO()

    def break_off() -> None:
        with age_encryption.encrypted(out, encryption) as plain:
            plain.write(b"x" * 200_000)
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(out.getvalue(), [identity])


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=70_000), max_size=4))
def test_any_bytes_come_back(pieces: list[bytes]) -> None:
    identity, out = pyrage.x25519.Identity.generate(), io.BytesIO()
    with age_encryption.encrypted(out, Encryption((identity.to_public(),))) as plain:
        for piece in pieces:
            plain.write(piece)
    assert pyrage.decrypt(out.getvalue(), [identity]) == b"".join(pieces)


def test_several_recipients_and_files_of_them(tmp_path: Path, server: Server) -> None:
    keys = [pyrage.x25519.Identity.generate() for _ in range(3)]
    file = tmp_path / "recipients.txt"
    file.write_text(f"# врач\n{keys[1].to_public()}\n\n{keys[2].to_public()}\n")
    found = age_encryption.asked([str(keys[0].to_public()), str(file)], lambda: "")
    out = io.BytesIO()
    export_card(server.card(), ALL, "json", "-", stdout=out, encryption=found)
    for key in keys:
        assert json.loads(pyrage.decrypt(out.getvalue(), [key]))["kind"] == "card"


@pytest.mark.parametrize(
    "words",
    [["age1nothing"], ["ssh-rsa AAAA"], ["no-such-file"], ["\0"], ["empty"], ["bad"], ["."], ["passphrase", "age1x"]],
)
def test_recipients_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").write_text("# nobody\n")
    Path("bad").write_text("age1oops\n")
    with pytest.raises(errors.Usage):
        age_encryption.asked(words, lambda: "x")


def test_a_secret_key_is_not_repeated(identity: Any) -> None:
    with pytest.raises(errors.Usage) as told:
        age_encryption.asked([str(identity)], lambda: "")
    assert str(identity)[-20:] not in told.value.message


def test_no_encryption_is_none_and_needs_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", None)
    assert age_encryption.asked([], lambda: "") is None
    with pytest.raises(errors.Usage) as told:
        age_encryption.asked(["age1x"], lambda: "")
    assert told.value.hint == "pip install 'emkcli[age]'"
