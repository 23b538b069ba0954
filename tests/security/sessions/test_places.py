"""One behaviour for every place a session may lie in."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emkcli.models import Tokens
from emkcli.security.sessions import StoredSession
from tests.security.sessions import places
from tests.security.sessions.places import PLACES, SOURCES, items, place, tokens

LENGTHS = (1, 100, 1200, 1281, 20_000)
Make = Callable[[], StoredSession]


@pytest.fixture(params=PLACES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(kind: str, tmp_path: Path) -> Make:
    """The place as each new process sees it."""
    return lambda: place(kind, tmp_path)


@pytest.fixture(scope="module")
def spawned() -> Callable[..., list[int | None]]:
    """Real processes, run at once; their exit codes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([places.__name__])

    def run(work: Callable[..., None], *calls: tuple[Any, ...]) -> list[int | None]:
        started = [context.Process(target=work, args=call) for call in calls]
        for process in started:
            process.start()
        for process in started:
            process.join(60)
        return [process.exitcode for process in started]

    return run


@pytest.mark.parametrize("length", LENGTHS)
def test_what_was_saved_is_loaded(make: Make, kind: str, length: int) -> None:
    assert make().load() is None
    make().save(tokens("я", length))
    assert make().load() == tokens("я", length)
    assert make().source == SOURCES.get(kind, kind)


def test_a_session_may_grow_and_shrink(make: Make, tmp_path: Path) -> None:
    for length in (*LENGTHS, *reversed(LENGTHS), 20_000, 2000):
        make().save(tokens("ж", length))
        assert make().load() == tokens("ж", length)


def test_clearing_leaves_nothing_and_may_be_repeated(make: Make, kind: str, tmp_path: Path) -> None:
    make().save(tokens("я", 20_000))
    make().clear()
    make().clear()
    assert make().load() is None
    assert items(kind, tmp_path) == []
    assert [file.suffix for file in (tmp_path / "state" / "sessions").iterdir()] == [".lock"]


def test_trying_out_leaves_nothing(make: Make, kind: str, tmp_path: Path) -> None:
    make().probe()
    assert make().load() is None
    assert items(kind, tmp_path) == []
    assert [file.suffix for file in (tmp_path / "state" / "sessions").iterdir()] == [".lock"]


def test_profiles_do_not_see_each_other(kind: str, tmp_path: Path) -> None:
    place(kind, tmp_path, profile="a").save(tokens("a", 3000))
    place(kind, tmp_path, profile="b").save(tokens("b", 3000))
    place(kind, tmp_path, profile="a").clear()
    assert place(kind, tmp_path, profile="a").load() is None
    assert place(kind, tmp_path, profile="b").load() == tokens("b", 3000)


def test_files_are_the_owners_alone(make: Make, tmp_path: Path) -> None:
    make().save(tokens("я"))
    kept = [file for file in (tmp_path / "state").rglob("*") if file.is_file()]
    assert {file.stat().st_mode & 0o777 for file in kept} == {0o600}
    assert (tmp_path / "state" / "sessions").stat().st_mode & 0o777 == 0o700


def test_writers_in_threads_take_turns(make: Make) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda mark: make().save(tokens(mark, 4000)), "абвгабвг"))
    kept = make().load()
    assert kept in [tokens(mark, 4000) for mark in "абвг"]


def test_writers_in_processes_take_turns(
    make: Make, kind: str, tmp_path: Path, spawned: Callable[..., list[int | None]]
) -> None:
    make().save(tokens("x", 4000))
    codes = spawned(places.write_often, *((kind, tmp_path, mark, 5, 4000) for mark in "абв"))
    assert codes == [0, 0, 0]
    assert make().load() in [tokens(mark, 4000) for mark in "абв"]


def test_killed_in_a_write_the_old_session_is_whole(
    make: Make, kind: str, tmp_path: Path, spawned: Callable[..., list[int | None]]
) -> None:
    make().save(tokens("с", 4000))
    assert spawned(places.write_and_die, (kind, tmp_path, "н", 6000, 2)) == [9]
    assert make().load() == tokens("с", 4000)
    make().save(tokens("н", 2000))
    assert make().load() == tokens("н", 2000)
    make().clear()
    assert items(kind, tmp_path) == []
    assert [file.suffix for file in (tmp_path / "state" / "sessions").iterdir()] == [".lock"]


def test_a_keyring_killed_after_any_write_holds_one_whole_session(
    tmp_path: Path, spawned: Callable[..., list[int | None]]
) -> None:
    old, new = tokens("с", 4000), tokens("н", 6000)
    folders = [tmp_path / str(after) for after in range(14)]
    for folder in folders:
        folder.mkdir()
        place("keyring", folder).save(old)
    calls = (("keyring", folder, "н", 6000, after) for after, folder in enumerate(folders))
    assert spawned(places.write_and_die, *calls) == [9] * 14
    seen = [place("keyring", folder).load() for folder in folders]
    moved = seen.index(new)
    assert moved > 5
    assert seen == [old] * moved + [new] * (14 - moved)
    for folder in folders:
        place("keyring", folder).clear()
        assert items("keyring", folder) == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=6000), st.text("𝔸я1", max_size=3000))
def test_any_text_survives_a_keyring_of_short_items(tmp_path: Path, access: str, patient: str) -> None:
    kept = Tokens(access_token=access, patient=patient)
    place("keyring", tmp_path).save(kept)
    assert place("keyring", tmp_path).load() == kept
