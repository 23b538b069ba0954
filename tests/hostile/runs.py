"""One line of `emk` in process, in a home that is put back for each, and what every run must be like whatever it met."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
import yaml

from tests.conftest import Pipe, Result
from tests.hostile.exchanges import Exchange

EXIT_CODES = frozenset({0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 129, 130, 141, 143})
"""The contract's table without 1, which is a bug."""
WITH_DOCUMENT = frozenset({0, 3, 5, 9, 10, 12})
"""Codes that may be an outcome: then the document stands on stdout."""
PATIENCE = 5
"""Pauses of a loop that only Ctrl-C ends."""


@dataclass(frozen=True)
class Line:
    words: tuple[str, ...]
    stdin: bytes = b""
    env: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join(self.words)


@dataclass
class Home:
    """The files of a home, put back before each run."""

    place: Path
    files: dict[str, bytes] = field(default_factory=dict)

    def keep(self) -> Home:
        """The same home as it is now."""
        found = (path for path in self.place.rglob("*") if path.is_file())
        return Home(self.place, {path.relative_to(self.place).as_posix(): path.read_bytes() for path in found})

    def restore(self) -> None:
        for path in [*self.place.rglob("*")]:
            name = path.relative_to(self.place).as_posix()
            if path.is_file() and name not in self.files:
                path.unlink()
        for name, content in self.files.items():
            path = self.place / name
            if not path.is_file() or path.read_bytes() != content:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.write_bytes(content)
                path.chmod(0o600)


class Pauses:
    """A clock that only pauses move: nothing waits."""

    def __init__(self, enough: int | None = None) -> None:
        self._now, self._enough, self._made = 1000.0, enough, 0

    def monotonic(self) -> float:
        self._now += 0.001
        return self._now

    def sleep(self, seconds: float) -> None:
        assert 0 <= seconds <= 3600, f"emk would sleep for {seconds} s"
        self._now += seconds
        self._made += 1
        if self._enough and self._made % self._enough == 0:
            raise KeyboardInterrupt


@contextmanager
def without_waiting() -> Iterator[None]:
    from emkcli.api import deadlines, wire
    from emkcli.commands import notification
    from emkcli.loopback.one_time_page import OneTimePage
    from emkcli.usecases.onboarding import provider_login, waiting

    pauses = Pauses()
    clock = SimpleNamespace(sleep=pauses.sleep, monotonic=pauses.monotonic, time=time.time)
    defaults = {"sleep": pauses.sleep, "clock": pauses.monotonic}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wire, "time", clock)
        patch.setattr(deadlines, "time", clock)
        patch.setattr(waiting, "time", clock)
        patch.setattr(OneTimePage, "wait", lambda _self, _seconds: True)
        patch.setattr(notification, "time", SimpleNamespace(sleep=Pauses(PATIENCE).sleep))
        patch.setattr(provider_login.poll_for_tokens, "__kwdefaults__", defaults)
        yield


def run(line: Line) -> Result:
    """The line through the real entry point."""
    from emkcli.cli import main

    out, err = Pipe(), Pipe()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in line.env.items():
            patch.setenv(name, value)
        for name, stream in (("stdin", Pipe(line.stdin)), ("stdout", out), ("stderr", err)):
            patch.setattr(sys, name, stream)
        code = main(list(line.words))
    return Result(code, out.text(), err.text())


def output_of(line: Line) -> str | None:
    """The format that the line asks for; None where several are, where `--` may have made words of the options, or where an
    export takes the place of the output."""
    words = line.words
    if "--" in words or "-" in words or "--output" in words or "--json" in words or words.count("-o") != 1:
        return None
    return words[words.index("-o") + 1]


def check(line: Line, done: Result) -> None:
    """What holds for every run: a code of the table that is no bug, one document or none, and no traceback."""
    assert done.code in EXIT_CODES, f"{line}: exit {done.code}: {done.err[-2000:]}"
    assert "Traceback" not in done.err
    form = output_of(line)
    if form in READERS and done.out:
        try:
            READERS[form](done.out)
        except (AssertionError, ValueError, yaml.YAMLError) as cause:
            raise AssertionError(f"{line}: {cause}: {done.out[:4000]!r}") from cause
    if form != "json":
        return
    if done.code not in WITH_DOCUMENT or not done.out:
        assert not done.out or done.code in WITH_DOCUMENT
        # where and what to enter has to be said before there is an answer
        said = [row for row in done.err.splitlines(keepends=True) if "device" not in line.words or row.startswith("{")]
        check_error(Result(done.code, done.out, "".join(said)))


def check_error(done: Result) -> None:
    """With JSON: nothing, or one object of the contract's shape on stderr."""
    if not done.err:
        assert done.code in WITH_DOCUMENT | {141}
        return
    error = _strict(done.err)["error"]
    assert error["exit_code"] == done.code
    assert set(error) >= {"code", "message", "hint", "retryable", "request_id"}
    assert isinstance(error["message"], str)
    assert error["code"] != "unexpected"


def check_request_id(done: Result, sent: list[Exchange]) -> None:
    """A `bad_response` names the request it is about, where the server gave it a name that can be repeated."""
    if '"bad_response"' not in done.err or not done.err.startswith("{"):
        return
    named = {exchange.request_id for exchange in sent}
    said = json.loads(done.err)["error"]["request_id"]
    if all(name and name.startswith("invented-") for name in named):
        assert said in named, f"{done.err} does not name one of {named}"


def _strict(text: str) -> Any:
    def no_number(name: str) -> NoReturn:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=no_number)


def _lines(text: str) -> None:
    for line in text.split("\n"):  # not splitlines: a text may hold U+2028
        if line:
            _strict(line)


def _table(text: str) -> None:
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len({len(row) for row in rows}) <= 1, "every row has the same columns"


READERS: dict[str | None, Any] = {"json": _strict, "jsonl": _lines, "csv": _table, "yaml": yaml.safe_load}


def clear(directory: Path) -> None:
    """Take away what a line has written."""
    for path in directory.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
