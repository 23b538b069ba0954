"""The keyring's deadline, its allow-list, and the dialogs that are not opened."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import SecretService, chainer, fail, kwallet, null

from emkcli import errors
from emkcli.security.keyrings import Keyring, NoKeyring, allowed_backends
from emkcli.security.keyrings.long_secrets import LIMIT, InParts, split
from emkcli.security.keyrings.surroundings import HINTS, surroundings
from tests.security.keyrings import vault


class Asks(SecretService.Keyring):
    """The library's Secret Service with nobody behind it: what it was asked is written down."""

    def __init__(self, answer: Any = None) -> None:
        self.answer, self.asked = answer, 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, float):
            time.sleep(self.answer)
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        self.get_password(service, username)


Asks.__module__ = SecretService.__name__


class KeyringLocked(Exception):
    pass


def test_a_keyring_that_sleeps_is_waited_for_once() -> None:
    asleep = Asks(30.0)
    keyring.set_keyring(asleep)
    ring = Keyring(0.2)
    began = time.monotonic()
    for _time in range(3):
        with pytest.raises(errors.NoSecretStorage, match=r"did not answer within 0\.2 s"):
            ring.get("emk:x", "default")
    assert time.monotonic() - began < 20, "it would answer after 30 s"
    assert asleep.asked == 1


@pytest.mark.parametrize("backend", [fail.Keyring(), null.Keyring()])
def test_a_backend_that_is_no_keyring_is_refused(backend: KeyringBackend) -> None:
    keyring.set_keyring(backend)
    with pytest.raises(errors.NoSecretStorage, match=type(backend).__module__):
        Keyring(5).set("emk:x", "default", "secret")


def test_a_module_that_only_sounds_like_one_is_refused() -> None:
    kind = type("Keyring", (Asks,), {"__module__": "keyring.backends.SecretServiceInPlainText"})
    keyring.set_keyring(kind())
    with pytest.raises(errors.NoSecretStorage, match="PlainText"):
        Keyring(5).get("emk:x", "default")


def test_among_several_the_first_of_the_system_is_taken(tmp_path: Path) -> None:
    windows = vault.install(tmp_path / "vault")
    several = {"backends": [null.Keyring(), keyring.get_keyring()]}
    keyring.set_keyring(type("Several", (chainer.ChainerBackend,), several)())
    Keyring(5).set("emk:x", "default", "тайна")
    assert windows.items() == {"emk:x": "тайна"}


def test_a_keyring_that_forgets_is_no_keyring() -> None:
    keyring.set_keyring(Asks())
    with pytest.raises(errors.NoSecretStorage, match="did not give back"):
        Keyring(5).set("emk:x", "default", "secret")


def test_what_a_keyring_says_is_not_repeated() -> None:
    for cause, told in ((ValueError("тайна"), "ValueError"), (KeyringLocked("тайна"), "is locked")):
        keyring.set_keyring(Asks(cause))
        with pytest.raises(errors.NoSecretStorage, match=told) as caught:
            Keyring(5).get("emk:x", "default")
        assert "тайна" not in f"{caught.value.message}{caught.value.hint}"


@pytest.mark.parametrize("obstacle", ["the keyring is locked", "there is no keyring yet"])
def test_without_dialogs_a_locked_keyring_is_not_touched(monkeypatch: pytest.MonkeyPatch, obstacle: str) -> None:
    locked = Asks()
    keyring.set_keyring(locked)
    monkeypatch.setattr(allowed_backends, "_secret_service", lambda _path: obstacle)
    for ring in (Keyring(5, asks=False), Keyring(5).without_dialogs()):
        with pytest.raises(errors.NoSecretStorage, match=obstacle):
            ring.get("emk:x", "default")
    assert locked.asked == 0
    assert Keyring(5).get("emk:x", "default") is None
    assert locked.asked == 1


@pytest.mark.parametrize("is_open", [True, False])
def test_kwallet_is_asked_whether_it_is_open(monkeypatch: pytest.MonkeyPatch, is_open: bool) -> None:
    wallets = SimpleNamespace(isOpen=lambda name: is_open and name == "kdewallet", networkWallet=lambda: "kdewallet")
    bus = SimpleNamespace(get_object=lambda name, path: (name, path))
    dbus = SimpleNamespace(SessionBus=lambda: bus, Interface=lambda _found, _name: wallets)
    monkeypatch.setattr(kwallet, "dbus", dbus, raising=False)
    assert (allowed_backends.obstacle(kwallet.DBusKeyring()) is None) is is_open


def test_switched_off_nothing_is_there_and_nothing_can_be_put() -> None:
    off = NoKeyring()
    assert off.get("emk:x", "default") is None
    off.delete("emk:x", "default")
    with pytest.raises(errors.NoSecretStorage, match="EMK_KEYRING=off"):
        off.set("emk:x", "default", "secret")


@pytest.mark.parametrize(("length", "items"), [(1280, 1), (1281, 3), (20_000, 17)])
def test_only_what_is_too_long_is_cut(tmp_path: Path, length: int, items: int) -> None:
    windows = vault.install(tmp_path / "vault")
    secret = InParts(Keyring(5), "emk:x", "default")
    secret.set("я" * length)
    assert len({name.partition("@")[0] for name in windows.items() if "@" in name} | {"default"}) == items
    assert secret.get() == "я" * length


def test_no_character_is_cut_in_two() -> None:
    pieces = list(split("я" * 1279 + "𝔸" * 3))
    assert pieces == ["я" * 1279, "𝔸" * 3]
    assert all(len(piece.encode("utf-16-le")) <= LIMIT for piece in pieces)


def test_a_missing_or_foreign_part_is_no_session(tmp_path: Path) -> None:
    ring = vault.install(tmp_path / "vault") and Keyring(5)
    secret = InParts(ring, "emk:x", "default")
    secret.set("я" * 4000)
    ring.set("emk:x", "default#a1", "й" * 1280)
    assert secret.get() is None
    ring.delete("emk:x", "default#a1")
    assert secret.get() is None


@pytest.mark.parametrize(
    ("place", "environ", "ancestors"),
    [
        ("cron", {"SSH_CONNECTION": "1"}, ["sh", "cron", "systemd"]),
        ("wsl", {"WSL_DISTRO_NAME": "Debian"}, ["bash"]),
        ("ssh", {"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}, ["bash", "sshd"]),
        ("container", {"container": "podman"}, ["sh"]),
        ("container", {"KUBERNETES_SERVICE_HOST": "192.0.2.1"}, []),
        ("desktop", {}, ["bash", "gnome-terminal-"]),
    ],
)
def test_the_hint_fits_the_place(tmp_path: Path, place: str, environ: dict[str, str], ancestors: list[str]) -> None:
    assert surroundings(environ, iter(ancestors), tmp_path) == place
    assert "EMK_TOKEN_FILE" in HINTS[place]
    assert "encrypted-file" in HINTS[place]
    assert "--insecure-storage" in HINTS[place]


def test_a_program_that_cron_started_knows_it(tmp_path: Path) -> None:
    """Only Linux tells the names of the programs above."""
    cron = tmp_path / "cron"
    cron.symlink_to("/bin/sh")
    program = "from emkcli.security.keyrings.surroundings import surroundings; print(surroundings({}))"
    started = [str(cron), "-c", '"$0" -c "$1"; exit $?', sys.executable, program]
    place = subprocess.run(started, capture_output=True, text=True, check=True).stdout.strip()
    assert (place == "cron") is (sys.platform == "linux")


def test_a_container_is_known_by_its_marker(tmp_path: Path) -> None:
    (tmp_path / ".dockerenv").touch()
    assert surroundings({}, iter(()), tmp_path) == "container"
