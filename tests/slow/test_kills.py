"""A thousand runs that are killed by SIGKILL, SIGTERM, SIGHUP and SIGINT in turn, at seeded moments: a quarter of them in each quarter
of a run's duration.

What was acknowledged is there, the card opens, the session is one that the server accepts, settings parse, nobody else may read
anything, and nothing plain is left: after three of the signals at once, after SIGKILL once any other command has run.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
import pytest

from emkcli.exporters.file_formats import FILE_FORMATS
from tests.contract.world import World
from tests.invented import PATIENT, bundle, encoded, lab
from tests.slow.kills import ENDS, MARKER, SIGNALS, Case, Ended, Place, Server, Tally, kill_server

SEED, SCALE = 10, float(os.environ.get("KILLS_SCALE", "1"))
MEASURED = 5
MOST_MISSED = 10
LOCAL = ["--backend", "local"]


@dataclass
class Journey:
    """One person's home, and what was acknowledged there."""

    place: Place
    server: Server
    documents: Path
    stored: set[int] = field(default_factory=set)
    tried: int = 0
    timeout: int | None = None
    synced_results: int = 0
    target: str = ""

    @property
    def env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("EMK_", "COV"))}
        return kept | {"EMK_HOME": str(self.place.home), "EMK_KEYRING": "off", "TMPDIR": str(self.place.temporary)}

    def run(self, *line: str) -> Ended:
        return self.server.run(list(line), self.env)

    def ok(self, *line: str) -> Any:
        done = self.run(*line, "-o", "json")
        assert done.code == 0, (line, done.code, done.err)
        return done.document if done.out else None

    def document(self) -> list[str]:
        """An import of a result that has not been imported yet."""
        self.tried += 1
        path = self.documents / f"{self.tried}.json"
        note = [{"text": f"{MARKER} " * 50}]
        results = [lab(f"o{self.tried}-{n}", self.tried, note=note) for n in range(20)]
        path.write_bytes(encoded(bundle(PATIENT, *results)))
        return ["card", "import", str(path), "--insecure-storage", "-o", "json"]

    def values(self) -> set[int]:
        return {int(float(item["value"])) for item in self.ok(*LOCAL, "card", "labs")["items"]}

    def imported(self, ended: Ended) -> None:
        if ended.code == 0:
            assert [item["status"] for item in ended.document["items"]] == ["added"]
            self.stored.add(self.tried)
        if not self.stored:
            return
        found = self.values()
        assert found >= self.stored, "an acknowledged document is lost"
        self.stored = found

    def synced(self, ended: Ended) -> None:
        shown = self.run("card", "labs", "--offline", "-o", "json")
        assert shown.code in (0, 3), shown.err
        found = shown.document["total"] if shown.code == 0 else 0
        assert found >= self.synced_results, "what was synced is lost"
        self.synced_results = found

    def forgotten(self, ended: Ended) -> None:
        shown = self.run(*LOCAL, "card", "labs", "-o", "json")
        if shown.code == 13:
            assert "emk card forget" in shown.err
            self.ok("card", "forget", "--yes")
        elif shown.code == 0:
            assert ended.code != 0, "a removal was acknowledged and the card is there"
            assert {int(float(item["value"])) for item in shown.document["items"]} == self.stored
        else:
            assert shown.code == 3, shown.err
        if shown.code != 0:
            self.refill()

    def refill(self) -> None:
        self.stored = set()
        line = self.document()
        assert self.run(*line).code == 0
        self.stored = {self.tried}

    def set_timeout(self) -> list[str]:
        self.tried += 1
        return ["config", "set", "timeout", str(self.tried)]

    def settings_hold(self, ended: Ended) -> None:
        found = int(self.ok("config", "get", "timeout")["item"]["text"])
        assert found in ((self.tried,) if ended.code == 0 else (self.tried, self.timeout)), (
            "an acknowledged setting is lost"
        )
        self.timeout = found

    def session_holds(self, _ended: Ended) -> None:
        assert self.run("whoami").code == 0, "the session is lost"

    def exported(self, ended: Ended) -> None:
        """What is there is whole: its manifest is there too, unless the kill came between the two."""
        there = [path.name for path in self.place.target.iterdir() if not path.name.startswith(".emk-")]
        if ended.code == 0:
            assert self.target in there
        shutil.rmtree(self.place.target)
        self.place.target.mkdir(mode=0o700)


def cases(journey: Journey, recipient: str) -> Iterator[Case]:
    def export(name: str, *more: str) -> Case:
        def line() -> list[str]:
            journey.target = f"{name}.out"
            to = str(journey.place.target / journey.target)
            return [*LOCAL, "card", "export", "--format", name, "--to", to, *more, "-o", "json"]

        return Case(f"export {name}{' encrypted' if more else ''}", 22, line, check=journey.exported)

    yield Case("import", 130, journey.document, check=journey.imported)
    for name in FILE_FORMATS:
        yield export(name)
        yield export(name, "--encrypt", recipient)
    yield Case("card sync", 100, lambda: ["card", "sync", "--insecure-storage", "--full"], check=journey.synced)
    yield Case(
        "refresh",
        100,
        lambda: ["whoami", "-o", "json"],
        before=lambda: journey.ok("mock", "clock", "advance", "2h"),
        check=journey.session_holds,
    )
    yield Case("config set", 100, journey.set_timeout, check=journey.settings_hold)
    yield Case("card forget", 100, lambda: ["card", "forget", "--yes"], check=journey.forgotten)


@pytest.fixture
def journey(embedded: World, tmp_path: Path) -> Iterator[Journey]:
    embedded.at("activated")
    place = Place(embedded.home, tmp_path / "target", tmp_path / "temporary")
    for folder in (place.target, place.temporary, tmp_path / "documents"):
        folder.mkdir(mode=0o700)
    warm_home = tmp_path / "warm"
    shutil.copytree(embedded.home, warm_home)
    env = {**os.environ, "EMK_HOME": str(warm_home), "TMPDIR": str(tmp_path)}
    prepared = Journey(place, Server(None, tmp_path), tmp_path / "documents")  # type: ignore[arg-type]
    lines = [
        prepared.document(),
        *([*LOCAL, "card", "export", "--format", name, "--to", str(warm_home / name)] for name in FILE_FORMATS),
    ]
    lines += [
        ["card", "sync", "--insecure-storage"],
        ["whoami"],
        [*LOCAL, "card", "labs", "-o", "json"],
        ["config", "list"],
    ]
    with kill_server(tmp_path / "server", [{"line": line, "env": env} for line in lines]) as server:
        prepared.server = server
        yield prepared


def test_a_thousand_kills(journey: Journey, capsys: pytest.CaptureFixture[str]) -> None:
    chance, tally = random.Random(SEED), Tally()
    journey.refill()
    assert journey.run("card", "sync", "--insecure-storage").code == 0
    everything = list(cases(journey, str(pyrage.x25519.Identity.generate().to_public())))
    for case in everything:
        measure(journey, case)
        while tally.killed[case.name] < case.kills * SCALE:
            killed = sum(tally.killed.values())
            kill(journey, case, SIGNALS[killed // 4 % 4], (killed % 4 + chance.random()) / 4, tally)
            assert tally.missed[case.name] < MOST_MISSED * case.kills, case
    with capsys.disabled():
        sys.stdout.write(f"\n{tally}\n")
    assert sum(tally.killed.values()) >= 1000 * SCALE
    for quarter in range(4):
        assert tally.quarters[quarter] >= sum(tally.killed.values()) * 0.15, "the kills are spread over the runs"


def measure(journey: Journey, case: Case) -> None:
    """How long undisturbed runs take; those that end before they are killed are counted in later, as the machine may be busy."""
    for _turn in range(MEASURED):
        case.before()
        ended = journey.run(*case.line())
        assert ended.code in (0, 12), (case.name, ended.code, ended.err)
        case.lasted.append(ended.seconds)
        case.check(ended)


def kill(journey: Journey, case: Case, number: signal.Signals, moment: float, tally: Tally) -> None:
    case.before()
    line = case.line()
    ended = journey.server.run(line, journey.env, number, moment * case.seconds)
    context = f"{case.name} {number.name} at {moment:.2f} of {case.seconds:.3f} s: {ended.code}\n{ended.err}"
    was_killed = ended.code == (-number if number == signal.SIGKILL else ENDS[number])
    assert was_killed or ended.code in (0, 12), context
    assert "Traceback" not in ended.err, context
    (tally.killed if was_killed else tally.missed)[case.name] += 1
    if not was_killed:
        case.lasted.append(ended.seconds)
    tally.quarters[int(moment * 4)] += was_killed
    left = journey.place.unfinished()
    if number != signal.SIGKILL:
        assert left == [], context
    tally.left[case.name] += bool(left)
    journey.ok("config", "list")
    assert journey.place.unfinished() == [], context
    assert (journey.place.plain(), journey.place.wide()) == ([], []), context
    case.check(ended)
