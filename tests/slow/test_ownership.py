"""Whose the files are and how open: real processes of other users, with every umask, and the first command to run."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from emkcli import errors
from emkcli.config import ownership
from emkcli.config.atomic_files import write_private
from emkcli.config.private_files import held, make_directories, open_private, read_private
from tests.config.other_users import OWNER, ROOT, STRANGER, emk_as, give
from tests.conftest import ROOT as CHECKOUT
from tests.conftest import Emk, Result

SOURCE = CHECKOUT / "emkcli"
VICTIM = OWNER if ROOT else STRANGER
"""Who meets what a stranger planted."""
UMASKS = (0, 0o277, 0o777)
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "resource": {
                "resourceType": "Patient",
                "id": "p",
                "name": [{"family": "Выдуманная"}],
                "birthDate": "1980-01-02",
            }
        },
        {
            "resource": {
                "resourceType": "Condition",
                "id": "c",
                "subject": {"reference": "Patient/p"},
                "code": {"text": "ОРВИ"},
            }
        },
    ],
}


@pytest.fixture
def home() -> Iterator[Path]:
    """A home directory that the user under test can reach: those of pytest are for the one who runs it."""
    place = Path(tempfile.mkdtemp(prefix="emk-test-home-"))
    (place / "bundle.json").write_text(json.dumps(BUNDLE), encoding="utf-8")
    yield give(place)
    shutil.rmtree(place)


def modes(place: Path) -> dict[str, int]:
    return {
        path.relative_to(place).as_posix() + ("/" if path.is_dir() else ""): stat.S_IMODE(path.stat().st_mode)
        for path in place.rglob("*")
    }


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
@pytest.mark.parametrize(
    "line",
    [
        "config set lang en",
        "mock seed",
        "card import {home}/bundle.json --insecure-storage",
        "audit show",
        "completion install",
    ],
)
def test_whatever_comes_first_makes_everything_for_its_owner_alone(home: Path, line: str, umask: int) -> None:
    words = line.format(home=home).split()
    for _turn in range(2 if umask == 0o777 else 1):  # what its owner could not read would stop the second one
        done = emk_as(OWNER, home, *words, umask=umask, env={"SHELL": "/bin/bash"})
        assert done.code == 0, done.err
    made = modes(home)
    del made["bundle.json"]
    assert {name: oct(mode) for name, mode in made.items() if mode != (0o700 if name.endswith("/") else 0o600)} == {}


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
def test_an_export_too(home: Path, umask: int) -> None:
    assert emk_as(OWNER, home, "card", "import", f"{home}/bundle.json", "--insecure-storage").code == 0
    for form, target in (("json", "a/b/card.json"), ("csv", "a/c/tables")):
        line = ("card", "export", "--format", form, "--to", f"{home}/{target}", "--backend", "local")
        assert emk_as(OWNER, home, *line, umask=umask).code == 0
    made = modes(home / "a")
    assert {"b/card.json", "c/tables/"} < made.keys()
    assert {name: oct(mode) for name, mode in made.items() if mode != (0o700 if name.endswith("/") else 0o600)} == {}


def test_what_stands_open_is_narrowed_and_said_once_and_what_is_not_emks_stays(home: Path) -> None:
    assert emk_as(OWNER, home, "config", "set", "lang", "en").code == 0
    assert emk_as(OWNER, home, "mock", "seed").code == 0
    own = (home / ".config/emk", home / ".config/emk/config.toml", home / ".local/state/emk/mock.sqlite3")
    for path in (*own, home / ".config", home / ".local"):
        path.chmod(0o777 if path.is_dir() else 0o666)
    first, second = (emk_as(OWNER, home, "mock", "clock") for _turn in range(2))
    assert (first.code, second.code) == (0, 0)
    for path in own:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
        assert first.err.count(f"{path} was open to others") == 1
    assert "was open" not in second.err
    assert stat.S_IMODE((home / ".config").stat().st_mode) == 0o777


@pytest.mark.parametrize(
    ("file", "line"),
    [
        (".config/emk/config.toml", "mock clock"),
        (".config/emk", "mock clock"),
        (".local/state/emk", "mock clock"),
        (".local/state/emk/mock.sqlite3", "mock clock"),
        (".local/state/emk/audit.jsonl", "audit show"),
        (".local/state/emk/cards/default/card.sqlite3", "card labs --backend local"),
        (".local/state/emk/cards/default/card.key.json", "card labs --backend local"),
        (".local/state/emk/cards/default/card.lock", "card labs --backend local"),
        (".local/state/emk/cards/default", "card import {home}/bundle.json"),
    ],
)
def test_what_belongs_to_another_user_is_refused_with_the_way_out(home: Path, file: str, line: str) -> None:
    for before in ("config set lang en", "mock seed", f"card import {home}/bundle.json --insecure-storage", "logout"):
        assert emk_as(OWNER, home, *before.split()).code == 0
    path = give(home / file, STRANGER)
    for one in (path, *path.rglob("*")):
        one.chmod(0o777 if one.is_dir() else 0o666)
    done = emk_as(VICTIM, home, *line.format(home=home).split(), "--json")
    assert (done.code, done.out) == (13, ""), done.err
    error = json.loads(done.err)["error"]
    assert error["code"] == "storage"
    assert "belongs to another user" in error["message"]
    assert "EMK_HOME" in error["hint"]
    assert "bug" not in done.err


def test_help_and_the_way_to_the_settings_are_open_whoever_owns_them(home: Path) -> None:
    assert emk_as(OWNER, home, "config", "set", "lang", "ru").code == 0
    give(home / ".config/emk", STRANGER)
    (home / ".config/emk").chmod(0o755)
    (home / ".config/emk/config.toml").chmod(0o644)
    assert emk_as(VICTIM, home, "--help").code == 0
    shown = emk_as(VICTIM, home, "config", "path")
    assert (shown.code, shown.out) == (0, f"{home}/.config/emk/config.toml\n")
    assert emk_as(VICTIM, home, "config", "set", "lang", "en").code == 13


def test_a_home_that_was_named_may_be_anothers_who_alone_writes_it(home: Path) -> None:
    named = home / "mount"
    named.mkdir()
    (named / "config.toml").write_text('[profiles.default]\nlang = "ru"\n')
    give(named, STRANGER)
    for mode, code in ((0o755, 0), (0o775, 13), (0o757, 13)):
        named.chmod(mode)
        done = emk_as(VICTIM, home, "config", "get", "lang", env={"EMK_HOME": str(named)})
        assert (done.code, done.out) == (code, "" if code else "ru\n"), done.err
        assert stat.S_IMODE(named.stat().st_mode) == mode


@pytest.fixture(autouse=True)
def policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule as a script finds it, whatever a command before said in this process."""
    monkeypatch.setattr(ownership, "_policy", ownership.Policy())


@pytest.fixture
def another(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process believes to be somebody else than the owner of what it makes."""
    user = os.geteuid() + 1
    monkeypatch.setattr("os.geteuid", lambda: user)


def test_root_is_asked_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    owner = file.stat().st_uid
    monkeypatch.setattr(ownership, "ROOT", owner + 1)
    monkeypatch.setattr("os.geteuid", lambda: owner + 1)
    assert read_private(file) == b"x"


@pytest.mark.usefixtures("another")
def test_every_file_is_opened_by_one_rule(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    for opened in (lambda: read_private(file), lambda: open_private(file, os.O_RDWR | os.O_CREAT)):
        with pytest.raises(errors.Storage, match="belongs to another user") as caught:
            opened()
        assert str(file) in str(caught.value.hint)
    with pytest.raises(errors.Storage, match="belongs to another user"):
        write_private(file, "y")
    assert file.read_text() == "x"


def test_a_link_and_a_pipe_are_no_private_files(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("link", "pipe"):
        for flags in (os.O_RDONLY, os.O_RDWR | os.O_CREAT):
            with pytest.raises(OSError):
                open_private(tmp_path / name, flags)
    assert not (tmp_path / "elsewhere").exists()


def test_what_cannot_be_locked_says_why_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(errors.Storage, match=r"cannot be locked: .+") as caught, held(tmp_path / "lock", 1, "busy"):
        pass
    assert "remove what stands there" in str(caught.value.hint)


def test_a_linked_directory_is_used(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o755)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_private(tmp_path / "link" / "file", "x")
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o700
    assert (tmp_path / "link").is_symlink()


def test_a_drive_that_knows_no_modes_is_told_of_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    ownership.adopt(tmp_path)
    ownership.narrow_from_now(told.append)
    monkeypatch.setattr("os.fchmod", lambda *_arguments: None)
    for name in ("a", "b"):
        (tmp_path / name).touch(0o644)
        assert read_private(tmp_path / name) == b""
    assert told == [f"Others may be able to read {tmp_path}, as modes cannot be changed there."]


def test_what_others_need_too_is_never_narrowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ownership, "_policy", ownership.Policy())
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name, mode in (("home", 0o755), ("shared", 0o1777)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
        write_private(tmp_path / name / "file", "x")
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode


def test_a_path_too_long_leaves_nothing_half_made(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        make_directories(tmp_path.joinpath(*["d"] * 4000))
    assert list(tmp_path.iterdir()) == []


def checked(done: Result) -> dict[str, dict[str, str]]:
    return {check["name"]: check for check in json.loads(done.out)["items"]}


def test_selfcheck_tries_every_place_and_leaves_nothing(home: Path) -> None:
    assert emk_as(OWNER, home, "mock", "seed").code == 0
    before = modes(home)
    done = emk_as(OWNER, home, "selfcheck", "--json", umask=0o777)
    assert done.code == 0, done.out
    found = checked(done)
    for name in ("config", "state", "cache", "temporary"):
        assert found[f"{name} directory"]["status"] == "ok"
    assert "(not there yet)" in found["config directory"]["detail"]
    assert modes(home) == before


def test_selfcheck_names_what_is_open_and_narrows_nothing(home: Path) -> None:
    assert emk_as(OWNER, home, "config", "set", "lang", "en").code == 0
    (home / ".config/emk").chmod(0o755)
    (home / ".config/emk/config.toml").chmod(0o644)
    (home / ".config").chmod(0o777)
    before = modes(home)
    found = checked(emk_as(OWNER, home, "selfcheck", "--json"))
    assert (found["config directory"]["status"], found["files"]["status"]) == ("warn", "warn")
    assert "mode 0644" in found["files"]["detail"]
    assert modes(home) == before
    (home / ".config/emk").chmod(0o700)
    assert "others can replace it" in checked(emk_as(OWNER, home, "selfcheck", "--json"))["config directory"]["detail"]


def test_selfcheck_names_what_is_anothers_and_what_cannot_be_written(home: Path) -> None:
    assert emk_as(OWNER, home, "config", "set", "lang", "en").code == 0
    give(home / ".config/emk", STRANGER)
    (home / ".config/emk").chmod(0o755)
    (home / ".config/emk/config.toml").chmod(0o644)
    done = emk_as(VICTIM, home, "selfcheck", "--json")
    assert done.code == 12
    found = checked(done)
    assert found["config directory"]["status"] == "fail"
    assert "another user" in found["config directory"]["detail"]
    assert f"owner {STRANGER if ROOT else os.geteuid()}" in found["files"]["detail"]


@pytest.mark.parametrize("broken", ["mkdir", "fsync", "rename"])
def test_selfcheck_says_what_a_directory_refuses(
    emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    (tmp_path / "emk").mkdir(mode=0o700)
    owner = {"mkdir": Path, "fsync": os, "rename": Path}[broken]
    monkeypatch.setattr(owner, {"rename": "replace"}.get(broken, broken), refuse)
    done = emk("selfcheck", "--json")
    assert done.code == 12
    assert "Read-only file system" in checked(done)["config directory"]["detail"]
    monkeypatch.undo()
    assert list((tmp_path / "emk").iterdir()) == []


def test_selfcheck_of_a_home_that_is_closed_to_us_is_no_bug(emk: Emk, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(path: Path, *_unused: object) -> Iterator[Path]:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "rglob", closed)
    files = checked(emk("selfcheck", "--json"))["files"]
    assert (files["status"], files["hint"]) == ("fail", "point EMK_HOME to a directory you may write")
    assert files["detail"].endswith("/state: Permission denied")
    assert "PermissionError" not in str(files)


def test_nothing_else_makes_directories_or_files() -> None:
    """The mock knows nothing of the client and has its own few lines; libraries that make files get them made before."""
    making = re.compile(r"\.mkdir\(|makedirs\(|O_CREAT(?! +\))(?=.*0o)")
    found = [
        path.relative_to(SOURCE).as_posix()
        for path in sorted(SOURCE.rglob("*.py"))
        if making.search(path.read_text(encoding="utf-8"))
    ]
    assert found == ["config/private_files.py", "mock/state.py"]
