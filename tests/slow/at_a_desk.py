"""Somebody at a terminal with a browser: the real `emk login`, whose BROWSER is a script that drives Chromium."""

from __future__ import annotations

import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pytest

from tests.conftest import ROOT


@dataclass
class Visit:
    """What `emk login` said on its terminal, and where the browser ended with which page."""

    code: int
    said: str
    landed: str
    page: str


def log_in_by_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> Visit:
    """The real command on a terminal; BROWSER is a script that drives Chromium."""
    log, script = tmp_path / "browser.log", tmp_path / "browser"
    line = shlex.join([sys.executable, "-m", "tests.slow.browsing"])
    script.write_text(
        f'#!/bin/sh\ncd {shlex.quote(str(ROOT))} && exec {line} "$1" {shlex.join(more)} > {log} 2>&1\n',
        encoding="utf-8",
    )
    script.chmod(0o700)
    monkeypatch.setenv("BROWSER", str(script))
    terminal = pexpect.spawn(
        sys.executable,
        ["-m", "emkcli", "login", "--method", "browser", "--insecure-storage", "--json"],
        encoding="utf-8",
        timeout=90,
    )
    terminal.expect(pexpect.EOF)
    terminal.close()
    for _attempt in range(100):
        if log.exists() and len(seen := log.read_text(encoding="utf-8").splitlines()) > 1:
            return Visit(terminal.exitstatus or 0, terminal.before or "", seen[0], "\n".join(seen[1:]))
        subprocess.run(["sleep", "0.1"], check=True)
    raise AssertionError(log.read_text(encoding="utf-8") if log.exists() else "the browser never began")
