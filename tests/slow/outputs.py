"""What emk writes for invented people of the mock: several seeds, adults and children, both languages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EMK = [sys.executable, "-m", "emkcli"]


class Home:
    """A home whose person is logged in at a mock of its own."""

    def __init__(self, place: Path, url: str) -> None:
        self.place = place
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EMK_")}
        self.environment = kept | {"EMK_HOME": str(place / "home"), "EMK_KEYRING": "off", "EMK_URL": url}
        seeded = json.loads(self.run("mock", "seed", "--json"))["item"]
        self.child = str(seeded["child_id"])
        person = place / "login.toml"
        person.write_text(f'phone = "{seeded["phone"]}"\n', encoding="utf-8")
        self.run("login", "--from", str(person), "--code-command", f"{sys.executable} -m emkcli mock inbox --code")

    def run(self, *arguments: str) -> str:
        done = subprocess.run([*EMK, *arguments], env=self.environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{arguments}: {done.stderr[-800:]}"
        return done.stdout

    def exported(self, form: str, name: str, *more: str) -> Path:
        target = self.place / name
        shutil.rmtree(target, ignore_errors=True)
        self.run("card", "export", "--format", form, "--to", str(target), "--force", *more)
        return target

    def activate_child(self) -> None:
        """The child's own card, applied for and activated."""
        whose = ("--person", self.child)
        consents = [
            f"{one['id']}@{one['version']}"
            for one in json.loads(self.run("consent", "list", *whose, "--json"))["items"]
        ]
        self.run("connect", *whose, *(word for one in consents for word in ("--accept-consent", one)))
        nearest = ("clinic", "list", "--accepts", "children", "--near", "residence", "--limit", "1", "--json")
        clinic = json.loads(self.run(*nearest, *whose))["items"][0]["id"]
        self.run("clinic", "choose", clinic, "--yes", *whose)
        self.run("mock", "clock", "advance", "49h")


@contextmanager
def served(place: Path, seed: int) -> Iterator[Home]:
    """A mock of that seed as a server, and somebody's home at it."""
    place.mkdir(exist_ok=True)
    command = [*EMK, "mock", "serve", "--seed", str(seed), "--state", str(place / "state.sqlite3")]
    environment = os.environ | {"EMK_HOME": str(place / "server"), "EMK_KEYRING": "off"}
    serving = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert serving.stdout is not None
        yield Home(place, json.loads(serving.stdout.readline())["url"])
    finally:
        serving.terminate()
        serving.wait(20)
