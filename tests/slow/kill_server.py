"""A process from which runs of `emk` are forked that need not import anything: `python -m tests.slow.kill_server`.

A line on standard input is a job: arguments, environment, and files for its output. The run itself writes its number when it is
about to begin, and the server how it ended (an exit code, or minus the signal).
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import sys
import traceback
from typing import Any

from emkcli import __main__ as program
from emkcli import interruption
from emkcli.config import scratch

Job = dict[str, Any]


def serve() -> None:
    answers = os.dup(1)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become(json.loads(line), answers)
        status = os.waitpid(pid, 0)[1]
        os.write(answers, f"{os.waitstatus_to_exitcode(status)}\n".encode())


def warm_up(jobs: list[Job]) -> None:
    """Import what these lines import, by running them here."""
    from emkcli.cli import main

    kept = dict(os.environ), sys.stdout, sys.stderr
    for job in jobs:
        os.environ.update(job["env"])
        with open(os.devnull, "w", encoding="utf-8") as nothing:  # noqa: PTH123
            sys.stdout = sys.stderr = nothing
            main(job["line"])
    os.environ.clear()
    environment, sys.stdout, sys.stderr = kept
    os.environ.update(environment)
    scratch._run.notes = None


def _become(job: Job, answers: int) -> None:
    code = 1
    try:
        _take_over(job)
        listen = interruption.listen

        def begin() -> None:
            listen()
            os.write(answers, f"{os.getpid()}\n".encode())

        interruption.listen = begin
        sys.argv = ["emk", *job["line"]]
        code = program.main()
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        atexit._run_exitfuncs()
        os._exit(code)


def _take_over(job: Job) -> None:
    """Streams, signals and environment as a shell would give them."""
    import tempfile

    os.environ.clear()
    os.environ.update(job["env"])
    tempfile.tempdir = None
    for descriptor, name in enumerate((os.devnull, job["out"], job["err"])):
        handle = os.open(name, (os.O_WRONLY | os.O_CREAT | os.O_TRUNC) if descriptor else os.O_RDONLY, 0o600)
        os.dup2(handle, descriptor)
        os.close(handle)
    sys.stdin, sys.stdout, sys.stderr = (
        open(descriptor, "w" if descriptor else "r", encoding="utf-8", closefd=False)  # noqa: SIM115
        for descriptor in range(3)
    )
    for number in interruption.SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    warm_up(json.loads(sys.stdin.readline()))
    serve()
