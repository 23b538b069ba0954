"""`config.toml` as somebody else may have left it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emkcli import errors
from emkcli.config import scratch
from emkcli.config.config_file import ConfigFile


@pytest.mark.parametrize("setting", ["lang", "limits.response"])
@pytest.mark.parametrize(
    "content", ["profiles = 3\n", "[profiles]\ndefault = 3\n", "[profiles.default]\nlimits = 1\n", "profiles = [1]\n"]
)
def test_a_value_where_a_table_belongs(tmp_path: Path, content: str, setting: str) -> None:
    file = ConfigFile(tmp_path / "config.toml")
    file.path.write_text(content)
    if setting == "lang" and "limits" in content:
        file.change("default", setting, "ru")
        assert file.profiles()["default"]["lang"] == "ru"
        return
    with pytest.raises(errors.InvalidInput) as refused:
        file.change("default", setting, "1MB")
    assert refused.value.hint == "emk config edit"
    assert file.path.read_text() == content


def test_a_pipe_is_no_file_of_settings(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.toml", 0o600)
    with pytest.raises(errors.Storage, match="cannot be read"):
        ConfigFile(tmp_path / "config.toml").profiles()


def test_a_linked_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.toml").write_text("[profiles.default]\nlang = 'ru'\n")
    (tmp_path / "config.toml").symlink_to(tmp_path / "elsewhere.toml")
    assert ConfigFile(tmp_path / "config.toml").profiles() == {"default": {"lang": "ru"}}


def test_what_is_no_note_of_unfinished_work_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch._run, "notes", None)
    notes = tmp_path / "unfinished"
    notes.mkdir(mode=0o700)
    os.mkfifo(notes / "0000", 0o600)
    left = tmp_path / ".emk-0123456789abcdef.part"
    left.mkdir(mode=0o700)
    (notes / "0123456789abcdef").write_bytes(os.fsencode(left))
    scratch.begin(tmp_path)
    assert not left.exists()
    assert [path.name for path in notes.iterdir()] == ["0000"]
