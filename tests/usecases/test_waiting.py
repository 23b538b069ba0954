"""A wait ends when it promised to, whatever the server's clock says and however long a request hangs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from emkcli import errors
from emkcli.api.deadlines import Deadline
from emkcli.app import App
from emkcli.usecases.onboarding import waiting

LONGEST = timedelta(seconds=0.4)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "SHORTEST", timedelta(seconds=0.02))
    monkeypatch.setattr(waiting, "LAST_LOOK", 0.1)


def app(said: list[str] | None = None) -> App:
    """At a server whose clock stands still."""
    return cast(
        App,
        SimpleNamespace(
            progress=lambda _text: nullcontext((said if said is not None else []).append),
            now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
            settings=SimpleNamespace(backend="http"),
        ),
    )


def waited(ask: Callable[[], Any], interval: float = 0.02) -> tuple[Any, float]:
    started = time.monotonic()
    state = waiting.wait(
        app(), ask, lambda state: state == "done", str, longest=LONGEST, interval=timedelta(seconds=interval)
    )
    return state, time.monotonic() - started


def test_a_clock_that_stands_still_ends_no_wait_late() -> None:
    asked: list[int] = []
    state, seconds = waited(lambda: asked.append(1) or len(asked))
    assert state == len(asked) > 2
    assert 0.3 < seconds < 4


def test_the_line_says_when_the_next_look_is_and_how_long_is_left() -> None:
    said: list[str] = []
    states = iter(["begun", "done"])
    waiting.wait(
        app(said),
        lambda: next(states),
        lambda state: state == "done",
        str,
        longest=timedelta(hours=2, seconds=1),
        interval=timedelta(seconds=0.02),
    )
    assert said == ["begun; next look in 0 min 0 s, 2 h 0 min left"]


def test_an_interval_longer_than_the_wait_leaves_a_last_look() -> None:
    states = iter(["begun", "done"])
    state, seconds = waited(lambda: next(states), interval=3600)
    assert state == "done"
    assert seconds < 4


def test_a_request_that_hangs_is_cut_and_the_last_state_is_told() -> None:
    def answers() -> Iterator[str]:
        yield "begun"
        # as a request with `--timeout 60` would
        time.sleep(Deadline.after(60).left())
        raise errors.TimedOut("the server did not answer")

    state, seconds = waited(answers().__next__)
    assert state == "begun"
    assert seconds < 4


def test_without_any_answer_the_wait_fails() -> None:
    def hangs() -> str:
        time.sleep(Deadline.after(60).left())
        raise errors.TimedOut("the server did not answer")

    with pytest.raises(errors.TimedOut):
        waited(hangs)
