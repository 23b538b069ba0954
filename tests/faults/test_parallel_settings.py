"""Settings that several processes change at once."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

PROCESSES = 8


def test_every_change_that_was_acknowledged_is_there(tmp_path: Path) -> None:
    changes = [["--profile", f"p{number}", "config", "set", "lang", "ru"] for number in range(PROCESSES)]
    running = [subprocess.Popen([sys.executable, "-m", "emkcli", *change], env=os.environ) for change in changes]
    assert [process.wait() for process in running] == [0] * PROCESSES
    (config,) = tmp_path.rglob("config.toml")
    profiles = tomllib.loads(config.read_text(encoding="utf-8"))["profiles"]
    assert profiles == {f"p{number}": {"lang": "ru"} for number in range(PROCESSES)}
    assert [path.name for path in config.parent.iterdir() if path.name.startswith(".config.toml.")] == [
        ".config.toml.lock"
    ]
