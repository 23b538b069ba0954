"""The blocks of kind `console` of a page, run as a reader would: line by line, on a terminal, each section in a shell of its own."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECTION = re.compile(r"^## ", re.MULTILINE)
BLOCK = re.compile(r"(<!-- transcript -->\n)?^ *```console\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
PROMPT = "$ "
PATIENCE_S = 180
BROWSER = """#!/bin/sh
exec curl --silent --fail --output page.html "$1"
"""
"""It fetches the page it is given, as a browser would."""


@dataclass(frozen=True)
class Ran:
    """What a section ended with, and all that it printed."""

    code: int
    printed: str


def sections(page: Path) -> Iterator[tuple[str, list[str]]]:
    """The heading and the commands of every section that has any; transcripts are held against their output elsewhere."""
    for section in SECTION.split(page.read_text(encoding="utf-8")):
        blocks = [block for transcript, block in BLOCK.findall(section) if not transcript]
        if commands := [command for block in blocks for command in _commands(block)]:
            yield section.partition("\n")[0], commands


def _commands(block: str) -> Iterator[str]:
    """A line without a prompt goes on with the one before."""
    command = ""
    for line in block.splitlines():
        if line.strip().startswith(PROMPT) and command:
            yield command
            command = ""
        command += f"\n{line}" if command else line.strip().removeprefix(PROMPT)
    if command:
        yield command


def environment(home: Path) -> dict[str, str]:
    """An invented reader's: `emk` is that of this checkout; there is no keyring, and a browser that fetches what it is given."""
    programs = home / "bin"
    programs.mkdir(parents=True)
    scripts = {"emk": f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m emkcli "$@"\n', "browser": BROWSER}
    for name, script in scripts.items():
        (programs / name).write_text(script, encoding="utf-8")
        (programs / name).chmod(0o700)
    return {
        "PATH": f"{programs}{os.pathsep}{os.defpath}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "SHELL": "/bin/bash",
        "EMK_KEYRING": "off",
        "EMK_LANG": "en",
        "BROWSER": str(programs / "browser"),
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
    }


def run(commands: list[str], folder: Path, environ: Mapping[str, str]) -> Ran:
    """In one shell, until a command fails; what runs in the background is waited for a moment, and ended at last."""
    script = ["set -euo pipefail", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"]
    for command in commands:
        script += [f"echo {shlex.quote(PROMPT + command)}", command]
        if command.rstrip().endswith("&"):
            script.append("sleep 2")
    return _on_a_terminal("\n".join(script), folder, environ)


def _on_a_terminal(script: str, folder: Path, environ: Mapping[str, str]) -> Ran:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["/bin/bash", "--norc", "-c", script],
        cwd=folder,
        env=dict(environ),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    printed, until = bytearray(), time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < until and (content := _read(ours)) is not None:
            printed += content
        if time.monotonic() >= until:
            printed += b"\n(nothing more was printed in time)"
            os.killpg(process.pid, signal.SIGKILL)
    finally:
        os.close(ours)
    return Ran(process.wait(30), printed.decode("utf-8", "replace"))


def _read(terminal: int) -> bytes | None:
    """What was printed; None when everybody has left the terminal."""
    if not select.select([terminal], [], [], 0.5)[0]:
        return b""
    try:
        return os.read(terminal, 65536) or None
    except OSError:
        return None
