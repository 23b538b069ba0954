"""`emk card open`: the address, the page behind it, and nothing of it on the disk."""

from __future__ import annotations

import subprocess
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Emk
from tests.loopback.browser import ask


def written(home: Path) -> set[Path]:
    return {path for path in home.rglob("*") if path.is_file() and b"<html" in path.read_bytes()}


def test_headless(seeded: Callable[[], None], tmp_path: Path) -> None:
    """The address is the output, the page is whole, the process ends, and nothing of it is on the disk."""
    seeded()
    line = [sys.executable, "-m", "emkcli", "card", "open", "--no-browser"]
    with subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        address = process.stdout.readline().decode().strip()
        answer = ask(address)
        content: bytes = answer.page  # type: ignore[attr-defined]
        assert answer.status == 200
        assert content.rstrip().endswith(b"</html>")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Content-Security-Policy"].encode() in content
        assert process.wait(10) == 0
        assert process.stdout.read() == b""
    assert written(tmp_path) == set()


def test_in_the_browser(emk: Emk, seeded: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    seeded()
    visited: list[int] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: bool(visited.append(ask(address).status)) or True)
    monkeypatch.setattr("emkcli.presentation.terminal.is_terminal", lambda stream: True)
    done = emk("card", "open")
    assert (done.code, done.out, visited) == (0, "", [200])
    assert "127.0.0.1" not in done.err


def test_nobody_comes(emk: Emk, seeded: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    seeded()
    monkeypatch.setattr("emkcli.usecases.card.open_page.WAIT_SECONDS", 0.1)
    done = emk("card", "open", "--json", "--no-browser")
    assert (done.code, done.error["code"]) == (7, "timeout")
    assert done.json["url"].startswith("http://127.0.0.1:")
