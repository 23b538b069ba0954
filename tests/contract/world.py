"""A person's way through the portal by commands alone, in stages; one that was reached once is copied, not walked."""

from __future__ import annotations

import io
import json
import shlex
import shutil
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from tests.conftest import TODAY, Emk, Result

CODE = shlex.join([sys.executable, "-IS", str(Path(__file__).with_name("newest_code.py"))])
BOTH = ("--accept-consent", "medical-data@1", "--accept-consent", "egisz-transfer@1")
PERSON: dict[str, Any] = {
    "last_name": "Сойкина",
    "first_name": "Алёна",
    "middle_name": "Игоревна",
    "birth_date": "1984-03-02",
    "sex": "female",
    "snils": "000-000-107 07",
    "phone": "+79000000777",
    "email": "sojkina@example.org",
    "registration_address": "г. Москва, ул. Тверская, д. 8, кв. 12",
    "residence_address": "г. Москва, ул. Тверская, д. 8, кв. 12",
    "passport": {
        "series": "0000",
        "number": "424242",
        "issued_by": "Вымышленный отдел № 7",
        "issued_on": "2010-04-05",
        "department_code": "000-007",
    },
}


@cache
def picture(format: str, width: int, height: int) -> bytes:
    """A grey picture as a person might take it of a passport or of themselves; encoded once, it takes a while."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "grey").save(out, format)
    return out.getvalue()


@dataclass
class Server:
    """A real `emk mock serve` and the file its state is in."""

    url: str
    state: Path


class World:
    """One person behind one door; `at(stage)` brings the home of this test that far."""

    def __init__(self, emk: Emk, place: Path, server: Server | None, files: Path) -> None:
        self._emk, self._place, self.server, self.files = emk, place, server, files
        self.home = place / "home"
        shutil.rmtree(self.home, ignore_errors=True)  # of the test before
        self.passport, self.selfie = files / "passport.png", files / "selfie.jpg"
        if not self.selfie.exists():
            self.passport.write_bytes(picture("PNG", 1500, 1050))
            self.selfie.write_bytes(picture("JPEG", 900, 1200))
        self.person = self.person_file()

    def __call__(self, *arguments: str, stdin: str | bytes = b"", env: Mapping[str, str] = {}) -> Result:
        return self._emk(*arguments, stdin=stdin, env=env)

    @property
    def url(self) -> str:
        """The address of the server behind the door."""
        assert self.server is not None
        return self.server.url

    def ok(self, *arguments: str, stdin: str | bytes = b"") -> Result:
        """A run that must succeed, as JSON."""
        done = self(*arguments, "--json", stdin=stdin)
        assert done.code == 0, done.err
        return done

    def fails(self, code: int, slug: str, *arguments: str, stdin: str | bytes = b"") -> dict[str, Any]:
        """A run that must fail so: nothing on stdout and one object on stderr."""
        done = self(*arguments, "--json", stdin=stdin)
        assert (done.code, done.out) == (code, ""), (done.code, done.out, done.err)
        error: dict[str, Any] = done.error
        assert (error["code"], error["exit_code"]) == (slug, code), error
        return error

    def person_file(self, name: str = "person.json", **changes: Any) -> str:
        """A person file; a change to None takes the field out."""
        data = {key: value for key, value in (PERSON | changes).items() if value is not None}
        path = self.files / name
        path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        return str(path)

    def verify(self, *more: str) -> tuple[str, ...]:
        return (
            "verify",
            "--passport-scan",
            str(self.passport),
            "--selfie",
            str(self.selfie),
            "--code-command",
            CODE,
            *more,
        )

    def login(self, *more: str) -> tuple[str, ...]:
        return ("login", "--from", self.person, "--code-command", CODE, *more)

    def advance(self, duration: str) -> None:
        self.ok("mock", "clock", "advance", duration)

    def clinic(self, *more: str) -> str:
        """The nearest polyclinic for adults."""
        found: str = self.ok(
            "clinic", "list", "--near", "residence", "--accepts", "adults", "--limit", "1", *more
        ).items[0]["id"]
        return found

    def at(self, stage: str) -> World:
        """Bring home and state to that stage, from the copy when there is one."""
        if self._restored(stage):
            return self
        before, step = STAGES[stage]
        if before:
            self.at(before)
        else:
            shutil.rmtree(self.home, ignore_errors=True)
            self.home.mkdir(mode=0o700, parents=True)
        step(self)
        shutil.copytree(self.home, self._place / stage)
        if self.server:
            copied(self.server.state, self._place / f"{stage}.sqlite3")
        return self

    def _restored(self, stage: str) -> bool:
        if not (self._place / stage).exists():
            return False
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(self._place / stage, self.home)
        if self.server:
            copied(self._place / f"{stage}.sqlite3", self.server.state)
        return True


def copied(source: Path, target: Path) -> None:
    """A state as SQLite copies it, also into a file that a server has open."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
    target.chmod(0o600)


def _begin(world: World) -> None:
    world.ok("mock", "reset", "--yes")
    world.ok("mock", "clock", "set", TODAY)


def _register(world: World) -> None:
    world.ok("register", "--from", world.person)


def _verify(world: World) -> None:
    world.ok(*world.verify())
    world.advance("1h")


def _login(world: World) -> None:
    world.ok(*world.login())


def _connect(world: World) -> None:
    world.ok("connect", *BOTH)


def _submit(world: World) -> None:
    world.ok("clinic", "choose", world.clinic(), "--yes")


def _activate(world: World) -> None:
    world.advance("48h")
    assert world.ok("status").item["status"] == "activated"


def _sync(world: World) -> None:
    world.ok("card", "sync", "--insecure-storage")


STAGES: dict[str, tuple[str | None, Callable[[World], None]]] = {
    "new": (None, _begin),
    "registered": ("new", _register),
    "verified": ("registered", _verify),
    "logged-in": ("verified", _login),
    "connected": ("logged-in", _connect),
    "submitted": ("connected", _submit),
    "activated": ("submitted", _activate),
    "synced": ("activated", _sync),
}
"""A stage, the one before it, and the step between."""
