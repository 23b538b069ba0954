"""What a person reads before they agree is the text whose checksum is recorded, broken into lines once, at the terminal's width."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.commands.terminals import ESCAPES, Terminal, answer, ended
from tests.contract.world import World

FIRST, SECOND = "medical-data", "egisz-transfer"


def lines_of(paragraph: str, lines: Iterator[str]) -> list[str]:
    """As many lines as the paragraph fills."""
    shown = [next(lines)]
    while len(" ".join(line.strip() for line in shown)) < len(paragraph):
        shown.append(next(lines))
    return shown


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_a_consent_is_wrapped_once(embedded: World, terminal: Terminal, columns: int) -> None:
    embedded.at("logged-in")
    text = embedded("consent", "export", FIRST).out
    child = terminal("connect", columns=columns, LC_ALL="C.UTF-8", TERM="xterm")
    child.expect("касающихся здоровья")
    child.expect("Type the word")
    shown = ESCAPES.sub("", child.before or "").replace("\r\n", "\n")
    lines = filter(None, shown.split("\n"))
    for paragraph in filter(None, text.split("\n")):
        filled = lines_of(paragraph, lines)
        assert " ".join(line.strip() for line in filled) == paragraph
        for line, following in pairwise(filled):
            assert len(line) < columns <= len(f"{line} {following.split()[0]}") + 1
    assert list(lines) == []


def test_what_is_agreed_to_is_what_was_shown(embedded: World, terminal: Terminal) -> None:
    embedded.at("logged-in")
    child = terminal("connect", columns=60, LC_ALL="C.UTF-8", TERM="xterm")
    shown = []
    for _consent in (FIRST, SECOND):
        child.expect("СОГЛАСИЕ")
        child.expect("Type the word")
        shown.append("СОГЛАСИЕ " + ESCAPES.sub("", child.before or ""))
        child.sendline("agree")
    assert ended(child)[0] == 0
    for consent, read in zip((FIRST, SECOND), shown, strict=True):
        item = embedded.ok("consent", "show", consent).item
        exported = embedded("consent", "export", consent).out
        assert item["text"] == exported
        assert item["sha256"] == hashlib.sha256(exported.encode()).hexdigest()
        assert item["status"] == "accepted"
        assert re.sub(r"\s+", " ", read).strip() == re.sub(r"\s+", " ", exported).strip()
        assert not re.search(r"\n +\S", exported)


def test_a_terminal_without_russian_letters_is_not_overrun(embedded: World, terminal: Terminal) -> None:
    embedded.at("logged-in")
    child = terminal("connect", columns=60, LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii:strict")
    child.expect("SOGLASIE")
    child.expect("Type the word")
    assert max(map(len, (child.before or "").replace("\r\n", "\n").split("\n"))) < 60
    answer(child, ": ", "")
    assert ended(child)[0] == 5
