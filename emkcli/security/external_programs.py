"""Other people's programs that answer for a person: a code from a phone, a signature from a token."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import time
from threading import Thread
from typing import IO, TYPE_CHECKING, Any

from emkcli import errors, interruption
from emkcli.locale import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DEADLINE = 60.0
LARGEST = 1024 * 1024
ENDING_S = 0.5


def first_line(
    command: str, *, stdin: bytes | None = None, env: Mapping[str, str] | None = None, timeout: float = DEADLINE
) -> str:
    """The first line a program prints, trimmed; an empty one is an error."""
    printed = output(command, stdin=stdin, env=env, timeout=timeout)
    try:
        line = printed.partition(b"\n")[0].decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise _failed(_program(command)[0], _("its answer is not UTF-8")) from None
    if not line:
        raise _failed(_program(command)[0], _("it printed no answer"))
    return line


def output(
    command: str,
    *,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    replaced: Mapping[str, str] | None = None,
    timeout: float = DEADLINE,
) -> bytes:
    """What a program prints; split as a shell splits, run without one, `env` added to our environment or to the one that
    replaces it, stderr passed through.

    Errors name the program and its exit status, never its arguments or its answer: both may be secrets.
    """
    arguments = _program(command)
    environment = {**(os.environ if replaced is None else replaced), **(env or {})}
    with _conversing(arguments, environment) as process:
        answer = _conversation(process, stdin, arguments[0], time.monotonic() + timeout)
    if process.returncode:
        raise _failed(arguments[0], _status(process.returncode))
    if not answer:
        raise _failed(arguments[0], _("it printed no answer"))
    return answer


def _program(command: str) -> list[str]:
    try:
        arguments = shlex.split(command)
    except ValueError:
        raise errors.Usage(_("a quotation in the command is not closed")) from None
    if not arguments or "\0" in command:
        raise errors.Usage(_("the name of a program is expected"))
    return arguments


@contextlib.contextmanager
def running(arguments: list[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """A program that does not outlive us: leaving the block by an error or a signal ends it, and in a session of its own
    all that it started in turn."""
    process: subprocess.Popen[Any] | None = None
    try:
        with interruption.deferred():
            process = subprocess.Popen(arguments, **options)  # noqa: S603
        yield process
    except BaseException:
        if process:
            _end(process, everything=options.get("start_new_session", False))
        raise


def completed(
    arguments: list[str], stdin: bytes, timeout: float, files: Sequence[int] = ()
) -> subprocess.CompletedProcess[bytes]:
    """As `subprocess.run`, of a program without a terminal: it must not ask for a passphrase behind our back."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with running(arguments, start_new_session=True, pass_fds=files, **pipes) as process:
        stdout, stderr = process.communicate(stdin, timeout)
    return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)


@contextlib.contextmanager
def in_memory(content: bytes) -> Iterator[int]:
    """A file for a program that reads one by name, `/dev/fd/N`: without a name, and where the system can without a disk."""
    if hasattr(os, "memfd_create"):
        file: IO[bytes] = os.fdopen(os.memfd_create("emk"), "w+b")
    else:
        from tempfile import TemporaryFile

        file = TemporaryFile()  # noqa: SIM115
    with file:
        file.write(content)
        file.seek(0)
        yield file.fileno()


@contextlib.contextmanager
def _conversing(arguments: list[str], env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    try:
        with running(arguments, start_new_session=True, env=dict(env), **pipes) as process:
            yield process
    except FileNotFoundError:
        raise _failed(arguments[0], _("there is no such program")) from None
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or type(failure).__name__
        raise _failed(arguments[0], _("it cannot be started ({reason})").format(reason=reason)) from None


def _conversation(process: subprocess.Popen[bytes], stdin: bytes | None, program: str, deadline: float) -> bytes:
    answer: list[bytes] = []
    reader = Thread(target=_hear, args=(process.stdout, answer), daemon=True)
    reader.start()
    Thread(target=_feed, args=(process.stdin, stdin or b""), daemon=True).start()
    reader.join(max(0, deadline - time.monotonic()))
    if answer and len(answer[0]) > LARGEST:
        raise _failed(program, _("its answer is larger than 1 MiB"))
    try:
        # The end of its output is part of the answer: what it left running in the background must not add to it.
        process.wait(max(0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        answer = []
    if not answer:
        raise _failed(program, _("it did not end in time"))
    return answer[0]


def _hear(stdout: IO[bytes], answer: list[bytes]) -> None:
    with stdout:
        answer.append(stdout.read(LARGEST + 1))


def _feed(stdin: IO[bytes], question: bytes) -> None:
    # A program may answer without reading what it was given; closing flushes, so it fails then too.
    with contextlib.suppress(OSError), stdin:
        stdin.write(question)


def _end(process: subprocess.Popen[Any], *, everything: bool) -> None:
    """An editor puts the terminal right before it ends; whoever does not end is killed."""
    for number, patience in ((signal.SIGTERM, ENDING_S), (getattr(signal, "SIGKILL", signal.SIGTERM), None)):
        with contextlib.suppress(OSError):
            if everything and os.name == "posix":
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def _status(returncode: int) -> str:
    if returncode < 0:
        return _("it was ended by signal {number}").format(number=-returncode)
    return _("it ended with exit status {status}").format(status=returncode)


def _failed(program: str, reason: str) -> errors.InvalidInput:
    return errors.InvalidInput(_("the program {program}: {reason}").format(program=program, reason=reason))
