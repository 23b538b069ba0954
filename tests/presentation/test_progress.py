"""The progress line: on a screen, in a log, and not at all."""

import io

import pytest

from emkcli import errors
from emkcli.presentation.progress import Heartbeat, progress


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_status_line_is_rewritten_and_cleared() -> None:
    screen = Screen()
    with progress(screen, str, quiet=False)("Waiting") as tick:
        tick("Ждём")
        tick("я" * 200)
    shown = screen.getvalue()
    assert shown.startswith("\rWaiting\rЖдём   \r" + "я" * 79)
    assert shown.endswith("\r" + " " * 79 + "\r")
    assert not {"\x1b", "\n"} & set(shown)


def test_the_status_line_is_cleared_after_an_error() -> None:
    screen = Screen()
    with pytest.raises(errors.TimedOut), progress(screen, str, quiet=False)("Waiting"):
        raise errors.TimedOut("late")
    assert screen.getvalue().endswith("       \r")


def test_wide_characters_take_two_columns() -> None:
    screen = Screen()
    with progress(screen, str, quiet=False)("字" * 60):
        pass
    assert screen.getvalue() == "\r" + "字" * 39 + "\r" + " " * 78 + "\r"


def test_a_log_gets_a_heartbeat_now_and_again() -> None:
    log, now = io.StringIO(), [0.0]
    with Heartbeat(log, str, every=60, clock=lambda: now[0])("Waiting") as tick:
        for minute in (0.5, 1.0, 1.5, 1.9, 2.0):
            now[0] = minute * 60
            tick(f"{minute} min")
    assert log.getvalue() == "1.0 min\n2.0 min\n"


def test_a_pipe_gets_a_heartbeat_and_quiet_gets_nothing() -> None:
    assert isinstance(progress(io.StringIO(), str, quiet=False), Heartbeat)
    screen = Screen()
    with progress(screen, str, quiet=True)("Waiting") as tick:
        tick("more")
    assert screen.getvalue() == ""
