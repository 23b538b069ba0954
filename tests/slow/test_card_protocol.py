"""Imports, syncs, exports and removals of one card at once: every order of the steps of two, and 2,000 orders of three.

What was acknowledged is there unless a removal came after it, nobody waits for ever, and the next command finds a sound home.
"""

from __future__ import annotations

import json
import random
import shutil
from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from emkcli import localcard
from emkcli.api.ports import CardQuery
from emkcli.localcard.key import NOTE
from tests.invented import PATIENT, bundle, encoded, lab
from tests.slow.card_processes import OPERATIONS, VALUES, Trace, cards, perform

ALL = CardQuery()
PAIRS = list(combinations_with_replacement(OPERATIONS, 2))
TRIPLES, SEED = 2000, 10
STARTS = ("empty", "filled")


@pytest.fixture(scope="module", params=STARTS)
def start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home before anything happens: without a card, or with one imported document and a synced copy."""
    home = tmp_path_factory.mktemp(request.param)
    (home / "nothing.json").write_bytes(b"{}")
    for number in range(3):
        (home / f"{number}.json").write_bytes(encoded(bundle(PATIENT, lab(f"i{number}", VALUES["import"] + number))))
    (home / "before.json").write_bytes(encoded(bundle(PATIENT, lab("before"))))
    if request.param == "filled":
        perform(home, ("sync",), lambda _n, _width: 0)
        (home / "0.json").rename(home / "zero")
        shutil.copy(home / "before.json", home / "0.json")
        assert perform(home, ("import",), lambda _n, _width: 0).codes == [0]
        (home / "zero").rename(home / "0.json")
    return home


def check(home: Path, operations: tuple[str, ...], trace: Trace) -> None:
    """Whatever the order was."""
    told = f"{operations} {trace.done} {trace.codes}"
    allowed = {"import": {0}, "sync": {0}, "forget": {0}, "nothing": {12}, "export": {0, 3}}
    assert all(code in allowed[operation] for operation, code in zip(operations, trace.codes, strict=True)), told
    removals = [
        at for at, (_actor, step) in enumerate(trace.done) if step == "_remove" and operations[_actor] == "forget"
    ]
    closed = {actor: at for at, (actor, step) in enumerate(trace.done) if step == "close"}
    last = max(removals, default=-1)
    for actor, operation in enumerate(operations):
        if operation == "import":
            is_there = str(VALUES["import"] + actor) in stored(home, "import")
            assert is_there == (closed[actor] > last), told
    synced = [closed[actor] for actor, operation in enumerate(operations) if operation == "sync"]
    if synced:
        assert (str(VALUES["sync"]) in stored(home, "sync")) == (max(synced) > last), told
    left = {path.name for path in cards(home).iterdir()} if cards(home).is_dir() else set()
    assert not [name for name in left if name.startswith(f"{NOTE}.") or name.endswith(".removed")], told


def stored(home: Path, operation: str) -> set[str]:
    """Values of the results in the card of that kind."""
    place = cards(home)
    file = place / (localcard.CARD_FILE if operation == "import" else "a.sqlite3")
    if not file.exists():
        return set()
    card = (
        localcard.open_card(place, None, insecure=True)
        if operation == "import"
        else localcard.open_mirror(file, None, insecure=True)
    )
    try:
        return {str(result.value) for result in card.labs(ALL)} if card.persons() else set()
    finally:
        card.close()


def run(
    start: Path, home: Path, operations: tuple[str, ...], choices: list[int], other: random.Random | None = None
) -> Trace:
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(start, home)

    def choose(n: int, width: int) -> int:
        if n < len(choices):
            return min(choices[n], width - 1)
        return other.randrange(width) if other else 0

    trace = perform(home, operations, choose)
    check(home, operations, trace)
    return trace


@pytest.mark.parametrize("operations", PAIRS, ids="-".join)
def test_every_order_of_two(start: Path, tmp_path: Path, operations: tuple[str, str]) -> None:
    waiting: list[list[int]] = [[]]
    orders = 0
    while waiting:
        choices = waiting.pop()
        trace = run(start, tmp_path / "home", operations, choices)
        orders += 1
        taken = choices + [0] * (len(trace.widths) - len(choices))
        for at in range(len(choices), len(trace.widths)):
            waiting += [[*taken[:at], choice] for choice in range(1, trace.widths[at])]
    assert orders > 1
    print(json.dumps({"operations": operations, "start": start.name, "orders": orders}))  # noqa: T201


def test_many_orders_of_three(start: Path, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    for _trial in range(TRIPLES // len(STARTS)):
        operations = tuple(chance.choices(list(OPERATIONS), k=3))
        run(start, tmp_path / "home", operations, [], random.Random(chance.random()))
