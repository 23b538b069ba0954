"""What every test gets: a home of its own, no keyring, no sockets beyond loopback, and `emk` in process and as a process."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from emkcli import locale
from emkcli.config import ownership

# No deadline for an example: how long one takes says how busy the machine is.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("wander", print_blob=True, deadline=None, database=None)
settings.load_profile("repeatable")  # `make check-slow` wanders: it looks where nobody looked yet

# Ctrl-C reaches the programs under test also where the tests run in the background, whose shell ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parent.parent
TODAY = "2026-11-16T18:00:00+03:00"
"""The evening of a Monday: the mock's card has something in every list, and nothing of it is still to come. Its world begins then,
whatever the day is outside."""
LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1", "localhost"}


@pytest.fixture(autouse=True)
def own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of the person who runs the tests: not the home, not the settings, not the keyring, not the network."""
    for name in [*os.environ]:
        if name.startswith(("EMK_", "XDG_")) or name in {"NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "COLUMNS"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("EMK_HOME", str(tmp_path / "emk"))
    monkeypatch.setenv("EMK_KEYRING", "off")
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    # a run changes it for its process, and the next test is no part of that run
    monkeypatch.setattr("emkcli.config.ownership._policy", ownership.Policy())
    connect = socket.socket.connect

    def loopback_only(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
            raise AssertionError(f"a test went to {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", loopback_only)
    yield
    locale.use("en")


@dataclass(frozen=True)
class Result:
    """What one run of `emk` did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def item(self) -> Any:
        return self.json["item"]

    @property
    def items(self) -> Any:
        return self.json["items"]

    @property
    def error(self) -> Any:
        return json.loads(self.err)["error"]


class Pipe(io.TextIOWrapper):
    """A stream that is no terminal and can be read afterwards."""

    def __init__(self, content: bytes = b"") -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8", write_through=True)

    def text(self) -> str:
        return self.buffer.getvalue().decode("utf-8")  # type: ignore[attr-defined]


Emk = Callable[..., Result]


@pytest.fixture
def emk(monkeypatch: pytest.MonkeyPatch) -> Emk:
    """`emk("card", "labs")` in process, through the real entry point."""

    def run(*arguments: str, stdin: str | bytes = b"", env: Mapping[str, str] = {}) -> Result:
        from emkcli.cli import main

        with monkeypatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            out, err = Pipe(), Pipe()
            patch.setattr(sys, "stdin", Pipe(stdin.encode() if isinstance(stdin, str) else stdin))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            code = main(list(arguments))
        return Result(code, out.text(), err.text())

    return run


@pytest.fixture
def process() -> Emk:
    """The same as a real process, with an empty stdin unless one is given."""

    def run(*arguments: str, stdin: str | bytes = b"", env: Mapping[str, str] = {}, timeout: float = 60) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "emkcli", *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            env={**os.environ, **env},
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    return run


@pytest.fixture
def seeded(emk: Emk) -> Callable[[str], None]:
    """Somebody invented on the embedded mock, that far on the journey, and logged in."""

    def make(state: str = "activated") -> None:
        emk("mock", "clock", "set", TODAY)
        phone = emk("mock", "seed", "--state", state, "--json").item["phone"]
        login(emk, phone)

    return make


def login(emk: Emk, phone: str) -> Result:
    """Log in with the code of the mock's inbox; the code program is a real second process."""
    code = f"{sys.executable} -m emkcli mock inbox --code"
    return emk("login", "--from", "-", "--code-command", code, "--json", stdin=f'phone = "{phone}"\n')
