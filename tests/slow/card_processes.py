"""Processes that work on one home and stop before every step of the protocol between them, until they are told to go on.

The stops are set from here, in children forked from a clean server; the program knows nothing of them.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.slow.card_warmup"])
RIVALS_S = 0.1
"""Of several that wait for one lock some get it: who has not come to its next stop within this time did not. Told apart wrongly, an
order of steps is only another order."""
PATIENCE_S = 60.0
VALUES = {"import": 100, "sync": 200}
"""What these store: an import a result of this value and the number of the process; every sync the one of the same server."""


def act(operation: str, home: str, number: int, pipe: Connection) -> None:
    """One process: `operation` on that home, a stop before each step, its exit code and output at the end."""
    os.environ.update({"EMK_HOME": home, "HOME": home, "EMK_KEYRING": "off", "LANG": "C.UTF-8"})
    _set_stops(pipe)
    pipe.send(("at", "start"))
    pipe.recv()
    pipe.send(("end", OPERATIONS[operation](home, number)))


def _set_stops(pipe: Connection) -> None:
    from emkcli.localcard import directory, key, store

    directory.LOCK_SECONDS = 60.0
    places: list[tuple[Any, str]] = [
        (directory.CardDirectory, "_remove"),
        (key.Keys, "accept"),
        (key.Keys, "give_up"),
        (store.Store, "close"),
    ]
    for owner, name in places:
        setattr(owner, name, _stopping(getattr(owner, name), name, pipe))
    directory.CardDirectory._hold = _telling(directory.CardDirectory._hold, pipe)  # type: ignore[method-assign]


def _stopping(function: Callable[..., Any], name: str, pipe: Connection) -> Callable[..., Any]:
    def stopped(*args: Any, **options: Any) -> Any:
        pipe.send(("at", name))
        pipe.recv()
        return function(*args, **options)

    return stopped


def _telling(hold: Callable[..., Callable[[], None]], pipe: Connection) -> Callable[..., Callable[[], None]]:
    """A stop before the lock is asked for, and word when it was had and when it was given back."""

    def told(*args: Any, alone: bool, **options: Any) -> Callable[[], None]:
        mode = "alone" if alone else "shared"
        pipe.send(("at", mode))
        pipe.recv()
        try:
            release = hold(*args, alone=alone, **options)
        except BaseException:
            pipe.send(("refused", mode))
            raise
        pipe.send(("held", mode))

        def released() -> None:
            release()
            pipe.send(("released", mode))

        return released

    return told


def _command(*line: str) -> int:
    from emkcli.cli import main

    sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    sys.stderr = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    sys.stdin = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    return main(list(line))


def _import(home: str, number: int) -> int:
    return _command("card", "import", f"{home}/{number}.json", "--insecure-storage", "-o", "json")


def _import_nothing(home: str, number: int) -> int:
    return _command("card", "import", f"{home}/nothing.json", "--insecure-storage", "-o", "json")


def _forget(home: str, number: int) -> int:
    return _command("card", "forget", "--yes", "-o", "json")


def _export(home: str, number: int) -> int:
    line = ("--backend", "local", "card", "export", "--format", "ndjson", "--to", f"{home}/{number}.ndjson", "--force")
    return _command(*line)


def _sync(home: str, number: int) -> int:
    from emkcli import localcard, models
    from tests.invented import Server, lab

    person = models.Person(id="p1", name="Пробная Анна Львовна", relation="self")
    mirror = localcard.open_mirror(cards(Path(home)) / "a.sqlite3", None, insecure=True)
    try:
        localcard.sync(mirror, Server(lab("s", VALUES["sync"])).card().changes(), person, None)
    finally:
        mirror.close()
    return 0


OPERATIONS = {"import": _import, "nothing": _import_nothing, "sync": _sync, "forget": _forget, "export": _export}


def cards(home: Path) -> Path:
    return home / "state" / "cards" / "default"


@dataclass
class Actor:
    """What the driver knows of one process: where it stands, what it waits for and what it has."""

    operation: str
    number: int
    pipe: Connection
    process: Any
    at: str | None = None
    code: int | None = None
    wants: str | None = None
    held: list[str] = field(default_factory=list)

    @property
    def is_under_way(self) -> bool:
        return self.at is None and self.code is None

    def listen(self, seconds: float) -> bool:
        """Whether it has come to its next stop or its end within that time."""
        while self.is_under_way:
            if not self.pipe.poll(seconds):
                return False
            kind, value = self.pipe.recv()
            if kind == "at":
                self.at = value
            elif kind == "end":
                self.code = value
            elif kind == "released":
                self.held.remove(value)
            else:
                self.wants = None
                self.held += [value] if kind == "held" else []
        return True

    def go_on(self) -> str:
        step, self.at = str(self.at), None
        self.wants = step if step in ("alone", "shared") else None
        self.pipe.send(None)
        return step

    def waits_for(self, other: Actor) -> bool:
        return bool(self.wants and other.held and "alone" in (self.wants, *other.held))


@contextmanager
def actors(home: Path, operations: tuple[str, ...]) -> Iterator[list[Actor]]:
    made = []
    for number, operation in enumerate(operations):
        ours, theirs = CONTEXT.Pipe()
        process = CONTEXT.Process(target=act, args=(operation, str(home), number, theirs), daemon=True)
        process.start()
        theirs.close()
        made.append(Actor(operation, number, ours, process))
    try:
        yield made
    finally:
        for actor in made:
            actor.process.kill()
            with suppress(OSError):
                actor.pipe.close()
            actor.process.join()


@dataclass
class Trace:
    """What was done in which order, and between how many each choice was."""

    done: list[tuple[int, str]] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)


def perform(home: Path, operations: tuple[str, ...], choose: Callable[[int, int], int]) -> Trace:
    """Run them all to their ends; `choose(n, width)` says which of the `width` that could go on does so at choice `n`."""
    trace = Trace()
    with actors(home, operations) as crew:
        while True:
            _settle(crew)
            ready = [actor for actor in crew if actor.at]
            if not ready and any(actor.is_under_way for actor in crew):  # of rivals, one that takes its time
                assert any(actor.listen(PATIENCE_S) for actor in crew if actor.is_under_way), (
                    f"{operations} {trace.done}"
                )
                continue
            if not ready:
                break
            actor = ready[choose(len(trace.widths), len(ready))]
            trace.widths.append(len(ready))
            trace.done.append((actor.number, actor.go_on()))
        trace.codes = [int(actor.code or 0) for actor in crew]
    return trace


def _settle(crew: list[Actor]) -> None:
    """Until each stands at a stop, has ended, or waits for what another has."""
    under_way = [actor for actor in crew if actor.is_under_way]
    while any(_comes_on(actor, crew) for actor in under_way):
        under_way = [actor for actor in crew if actor.is_under_way]


def _comes_on(actor: Actor, crew: list[Actor]) -> bool:
    others = [other for other in crew if other is not actor]
    if any(actor.waits_for(other) for other in others):
        return actor.listen(0)
    rivals = actor.wants and any(other.wants and other.is_under_way for other in others)
    if not actor.listen(RIVALS_S if rivals else PATIENCE_S):
        assert rivals, f"{actor.operation} does not come on"
        return False
    return True
