"""`emk` as processes, a hundred in the time of ten: one process imports it once and forks for each line.

The program reads one JSON object per line, {"words", "stdin", "env"}, and answers {"code", "out", "err"}, bytes as latin-1.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from types import TracebackType
from typing import IO, Any

from tests.conftest import ROOT, Result
from tests.hostile.runs import Line

PATIENCE = 60


class ForkServer:
    """Use it in a `with`; `run` gives what the process did."""

    def __enter__(self) -> ForkServer:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.forking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        return self

    def __exit__(self, _kind: type[BaseException] | None, _cause: object, _trace: TracebackType | None) -> None:
        self._process.communicate(timeout=PATIENCE)

    def run(self, line: Line) -> Result:
        assert self._process.stdin
        assert self._process.stdout
        order = {"words": line.words, "stdin": line.stdin.decode("latin-1"), "env": dict(line.env)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        done: dict[str, Any] = json.loads(self._process.stdout.readline())
        out, err = (done[name].encode("latin-1").decode("utf-8") for name in ("out", "err"))
        return Result(done["code"], out, err)


def serve() -> None:
    from emkcli.cli import main

    for order in map(json.loads, sys.stdin):
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(order["stdin"].encode("latin-1"))
            given.seek(0)
            child = os.fork()
            if not child:
                _become(order, given, out, err)
                os._exit(_ended(main, order["words"]))
            _pid, status = os.waitpid(child, 0)
            done = {"code": os.waitstatus_to_exitcode(status), "out": _content(out), "err": _content(err)}
        sys.stdout.write(json.dumps(done) + "\n")
        sys.stdout.flush()


def _become(order: dict[str, Any], *streams: IO[bytes]) -> None:
    """The streams and the environment of a process of its own; a pause takes no time."""
    import time

    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        number = ("stdin", "stdout", "stderr").index(name)
        setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    os.environ.update(order["env"])
    time.sleep = lambda _seconds: None


def _ended(main: Any, words: list[str]) -> int:
    try:
        code: int = main(words)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except BaseException:
        import traceback

        os.write(2, traceback.format_exc().encode())
        return 1
    return code


def _content(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("latin-1")


if __name__ == "__main__":
    serve()
