"""What README shows of a terminal: `python -m tools.transcripts` runs it anew, `--check` fails when it is stale.

A block of kind `console` under the line `<!-- transcript -->` is a transcript: its lines that begin with `$ ` are run, and
everything else in it is what they printed. All run against a mock with a fixed seed and a clock that stands still, in an
environment that has nothing of the machine's: neither its date, nor its zone, nor its terminal, nor its language.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = ("README.md",)
BLOCK = re.compile(r"(<!-- transcript -->\n```console\n)(.*?)(```\n)", re.DOTALL)
PROMPT = "$ "
NOW = "2026-03-02T10:00:00+03:00"
PREPARATION = (
    "emk mock clock speed 0",
    f"emk mock clock set {NOW}",
    "emk mock seed",
    "emk login --from person.json --code-command 'emk mock inbox --code'",
)
PERSON = '{"phone": "+79000000101"}'
"""Whom `emk mock seed` makes."""


class Terminal:
    """An invented person's home, in which `emk` is the one of this checkout."""

    def __init__(self, home: Path) -> None:
        self._home = home
        (home / "person.json").write_text(PERSON, encoding="utf-8")
        program = home / "emk"
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m emkcli "$@"\n', encoding="utf-8")
        program.chmod(0o700)
        self._environment = {
            "PATH": f"{home}{os.pathsep}{os.defpath}",
            "PYTHONPATH": str(ROOT),
            "EMK_HOME": str(home / "emk-home"),
            "EMK_KEYRING": "off",
            "EMK_LANG": "en",
            "EMK_OUTPUT": "table",
            "COLUMNS": "100",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }

    def run(self, line: str) -> str:
        """What a line prints on stdout; one that fails ends everything."""
        done = subprocess.run(  # noqa: S603
            [str(self._home / "emk"), *shlex.split(line, comments=True)[1:]],
            env=self._environment,
            cwd=self._home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{line}: exit {done.returncode}\n{done.stderr}")
        return "".join(f"{printed.rstrip()}\n" for printed in done.stdout.splitlines())


def rewritten(page: str, terminal: Terminal) -> str:
    """The page with every transcript as it is today."""

    def block(found: re.Match[str]) -> str:
        commands = [line for line in found[2].splitlines() if line.startswith(PROMPT)]
        shown = "\n".join(f"{line}\n{terminal.run(line.removeprefix(PROMPT))}" for line in commands)
        return f"{found[1]}{shown}{found[3]}"

    return BLOCK.sub(block, page)


def main(arguments: list[str]) -> int:
    stale = []
    with tempfile.TemporaryDirectory(prefix="emk-transcripts-") as home:
        terminal = Terminal(Path(home))
        for line in PREPARATION:
            terminal.run(line)
        for name in PAGES:
            path = ROOT / name
            page = path.read_text(encoding="utf-8")
            fresh = rewritten(page, terminal)
            if "--check" not in arguments:
                path.write_text(fresh, encoding="utf-8")
            elif fresh != page:
                stale.append(name)
    if stale:
        sys.stderr.write(f"stale: {', '.join(stale)}; run make generate\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
