"""What waits on the disk cannot be read there, comes back as it was, and is gone with its process."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import IO, Any

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from emkcli.security import encrypted_spool
from emkcli.security.encrypted_spool import EncryptedSpool


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[IO[bytes]]:
    """Temporary files as they are opened, and little room in memory."""
    opened: list[IO[bytes]] = []
    real = tempfile.TemporaryFile

    def noted(*args: Any, **options: Any) -> IO[bytes]:
        opened.append(real(*args, **options))
        return opened[-1]

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(tempfile, "TemporaryFile", noted)
    monkeypatch.setattr(encrypted_spool, "IN_MEMORY", 20)
    return opened


def on_disk(file: IO[bytes]) -> bytes:
    file.flush()
    return os.pread(file.fileno(), 1 << 20, 0)


def test_a_little_text_touches_no_disk(files: list[IO[bytes]]) -> None:
    with EncryptedSpool() as spool:
        spool.write("глюкоза 5,4")
        assert list(spool.pieces()) == ["глюкоза 5,4"]
    assert files == []


def test_more_is_sealed_without_a_name_and_comes_back(files: list[IO[bytes]], tmp_path: Path) -> None:
    lines = [f"глюкоза {number}\n" for number in range(100)]
    with EncryptedSpool() as spool:
        for line in lines:
            spool.write(line)
        (file,) = files
        content = on_disk(file)
        assert list(tmp_path.iterdir()) == []
        assert len(content) > len("".join(lines[:-10]).encode())
        assert "глюк".encode() not in content
        assert len({content[n : n + 8] for n in range(0, len(content) - 8, 8)}) > 100, "no piece looks like another"
        assert "".join(spool.pieces()) == "".join(lines)
    assert file.closed


def test_what_somebody_changes_is_not_given_out(files: list[IO[bytes]]) -> None:
    with EncryptedSpool() as spool:
        spool.write("глюкоза 5,4 и ещё немного")
        assert on_disk(files[0])
        os.pwrite(files[0].fileno(), b"\x00\x00\x00", 3)
        with pytest.raises(InvalidTag):
            list(spool.pieces())


@given(st.lists(st.text(alphabet=st.characters(), max_size=12), max_size=8))
def test_every_text_comes_back(parts: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch, EncryptedSpool() as spool:
        patch.setattr(encrypted_spool, "IN_MEMORY", 5)
        for part in [*parts, "\ud800"]:
            spool.write(part)
        assert "".join(spool.pieces()) == "".join([*parts, "\ud800"])
