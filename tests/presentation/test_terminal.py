"""Streams that cannot crash, the colour decision, and what an import costs."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.presentation import terminal

SYMBOLS = "→ ≤ µ « » ✓ — ×10⁹/л №5 «ёж» 😀 Щи"
SAY = f"""
import sys
from emkcli.presentation import terminal
terminal.prepare_streams()
for stream in (sys.stdout, sys.stderr):
    stream.write({SYMBOLS!r} + " \\udcff\\n")
"""


class Stream(io.StringIO):
    def __init__(self, *, tty: bool) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


def python(code: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, env={**os.environ, **environment})


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("ascii", '-> <= u " " OK - x10^9/l No5 "ezh" ? Shchi ?'),
        ("cp1251", "-> <= µ « » OK — x10^9/л №5 «ёж» ? Щи ?"),
        ("cp866", '-> <= u " " OK - x10^9/л №5 "ёж" ? Щи ?'),
        ("utf-8", SYMBOLS + " ?"),
    ],
)
def test_no_encoding_crashes(encoding: str, expected: str) -> None:
    done = python(SAY, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert done.returncode == 0
    assert done.stdout.decode(encoding) == expected + "\n"
    assert done.stderr.decode(encoding) == expected + "\n"


def test_closed_streams_are_survived() -> None:
    closed = "import sys; sys.stdout = sys.stderr = None; from emkcli.presentation import terminal; "
    assert python(closed + "terminal.prepare_streams(); print('x')").returncode == 0


@given(st.text())
def test_ascii_form_is_ascii(text: str) -> None:
    assert terminal.ascii_form(text).isascii()


@pytest.mark.parametrize(
    ("choice", "tty", "environ", "expected"),
    [
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"CLICOLOR_FORCE": "1"}, False),
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", False, {"GITHUB_ACTIONS": "true"}, False),
        ("auto", True, {"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", False, {"CLICOLOR_FORCE": "1"}, True),
        ("auto", False, {"CLICOLOR_FORCE": "0"}, False),
        ("auto", True, {"TERM": "dumb"}, False),
    ],
)
def test_who_decides_about_colour(choice: str, tty: bool, environ: dict[str, str], expected: bool) -> None:
    assert terminal.colour(choice, Stream(tty=tty), environ) is expected


def test_width_is_known_on_a_terminal_only() -> None:
    assert terminal.columns(Stream(tty=False), {"COLUMNS": "50"}) is None
    assert terminal.columns(Stream(tty=True), {"COLUMNS": "50"}) == 50
    assert terminal.columns(Stream(tty=True), {"COLUMNS": "x"}) == 80


CHEAP = """
import io, sys
from emkcli import results
assert not [name for name in sys.modules if name.startswith("emkcli.") and name != "emkcli.results"]
from emkcli import models
models.Next(command="-", why="-").to_builtins()
before = set(sys.modules)
from emkcli.presentation.render import Context, render
from emkcli.security.redact import Redactor
spoken = Context(stdout=io.StringIO(), stderr=io.StringIO(), output="json", backend="mock", demo=True, profile="p",
                 fetched_at="2026-11-23T10:00:00+03:00", redactor=Redactor())
render(models.Next(command="emk login", why="-"), spoken)
print([name for name in ("tabulate", "wcwidth", "yaml", "csv", "jmespath", "tempfile", "emkcli.views")
       if name in sys.modules.keys() - before])
"""


def test_a_small_document_loads_nothing_it_does_not_need() -> None:
    done = python(CHEAP)
    assert done.stdout == b"[]\n", done.stderr.decode()
