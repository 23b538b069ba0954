"""A home where nothing is luck: `emk` in process on a mock whose clock stands still, and what it printed as text.

The mock's seed, its clock and the people are fixed. What is still left to this machine and this moment is put out of
what was printed, and nothing else is: the home's own path, the wall's time (`imported_at`, `created_at` of a manifest,
`at` of the audit log, of a local card also `fetched_at`; in all their spellings, by their value), the random names of
requests and challenges, the addresses inside an IPS document, which are numbered, and in a manifest and in what `export`
says the size and SHA-256 of a file that carries any of this, or that SQLite wrote.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from emkcli import locale
from tests.conftest import Pipe, Result
from tests.contract.world import CODE

BEGIN = "2024-03-18T10:00:00+03:00"
"""Long enough ago that what the mock prescribes then has run out by any day on which a local card is read."""
PASSPHRASE = "an invented passphrase"
CHANCE = {
    r'(?<="request_id":)"[^"]+"': '"«request»"',
    r"\bch-[0-9a-f]{16}\b": "«challenge»",
}
UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")
WRITTEN = {r'("sha256": ?)"[0-9a-f]{64}"': r'\1"«sha256»"', r'("bytes": ?)\d+': r"\1«bytes»"}
TIMES = re.compile(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z)?|20\d{6}T\d{6}Z")


class House:
    """`house("card labs")` is what a shell would have shown, as text that is the same every time."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._began = datetime.now(UTC)

    def run(self, line: str, stdin: str | bytes = b"") -> Result:
        """One run of `emk` through the real entry point."""
        from emkcli.cli import main

        out, err = Pipe(), Pipe()
        given = Pipe(stdin.encode() if isinstance(stdin, str) else stdin)
        with patch.multiple(sys, stdin=given, stdout=out, stderr=err):
            code = main(shlex.split(line))
        return Result(code, out.text(), err.text())

    def ok(self, line: str, stdin: str | bytes = b"") -> Result:
        """A run that must succeed, as JSON."""
        done = self.run(f"{line} --json", stdin)
        assert done.code == 0, (line, done.err)
        return done

    def __call__(self, *lines: str, stdin: str | bytes = b"", also: Callable[[str], str] = str) -> str:
        """A transcript of these lines; `also` puts out more of what they printed."""
        return "".join(f"$ emk {self.still(line)}\n{also(self._printed(self.run(line, stdin)))}" for line in lines)

    def _printed(self, done: Result) -> str:
        said = "".join(f"2> {line}\n" for line in done.err.splitlines())
        ended = "" if done.out.endswith("\n") or not done.out else "\n"
        return self.still(done.out + ended + said) + (f"[{done.code}]\n" if done.code else "")

    def still(self, text: str) -> str:
        """The text without what is of this machine and this moment."""
        text = TIMES.sub(self._unless_now, text.replace(str(self.place), "«here»"))
        for pattern, stand_in in CHANCE.items():
            text = re.sub(pattern, stand_in, text)
        return text

    def _unless_now(self, found: re.Match[str]) -> str:
        told = datetime.fromisoformat(found[0])
        told = told if told.tzinfo else told.replace(tzinfo=UTC)
        now = datetime.now(UTC)
        return "«now»" if self._began - timedelta(seconds=1) <= told <= now + timedelta(seconds=1) else found[0]

    def begin(self, records: int = 40) -> None:
        """A fresh mock, its clock stopped."""
        self.ok(f"mock reset --yes --seed 1 --records {records}")
        self.ok(f"mock clock set {BEGIN}")
        self.ok("mock clock speed 0")

    def seeded(self) -> None:
        """Somebody invented whose card is open, logged in."""
        self.begin()
        phone = self.ok("mock seed").item["phone"]
        self.ok(f"login --from - --code-command {shlex.quote(CODE)}", stdin=f'phone = "{phone}"\n')

    def with_passphrase(self) -> None:
        """From now on a card is kept under a passphrase, which costs a tenth of a second each time."""
        path = self.place / "passphrase"
        path.touch(0o600)
        path.write_text(PASSPHRASE + "\n")
        os.environ["EMK_PASSPHRASE_FILE"] = str(path)


def numbered(text: str) -> str:
    """Each UUID as the number of the one it is, so that what refers to what is still seen."""
    known: dict[str, str] = {}
    return UUID.sub(lambda found: known.setdefault(found[0], f"«uuid {len(known) + 1}»"), text)


def unwritten(text: str) -> str:
    """What is said of written files without their sizes and hashes."""
    for pattern, stand_in in WRITTEN.items():
        text = re.sub(pattern, stand_in, text)
    return text


@contextmanager
def house(place: Path) -> Iterator[House]:
    """An empty place to live, and an environment that has nothing of whoever runs this."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    with patch.dict(os.environ, _environment(place), clear=True), _stopped(place):
        yield House(place)
    locale.use("en")


def _environment(place: Path) -> Mapping[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(place),
        "LANG": "C.UTF-8",
        "COLUMNS": "100",
        "EMK_HOME": str(place / "emk"),
        "EMK_KEYRING": "off",
    }


@contextmanager
def _stopped(place: Path) -> Iterator[None]:
    """No second passes between an answer of the mock and what is made of it."""
    before = Path.cwd()
    os.chdir(place)
    with patch("emkcli.api.wire.time", SimpleNamespace(monotonic=lambda: 0.0, sleep=time.sleep)):
        yield
    os.chdir(before)
