"""What a terminal would obey is seen instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.security.safe_text import UNSAFE, harmless, sanitise


@given(st.text())
def test_sanitised_text_holds_nothing_a_terminal_obeys(text: str) -> None:
    assert not UNSAFE.search(sanitise(text, multiline=True))
    assert "\n" not in sanitise(text)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\rb\bc\x7f\x9b", "a\\x0db\\x08c\\x7f\\x9b"),
        ("\u202e\u2066\u200f\u061c", "\\u202e\\u2066\\u200f\\u061c"),
        ("\u200b\u2060\ufeff\U000e0041", "\\u200b\\u2060\\ufeff\\U000e0041"),
        ("a\tb\nc\r\nd", "a b c d"),
        ("[red]x[/] ё 😀 👨‍👩‍👧", "[red]x[/] ё 😀 👨‍👩‍👧"),
    ],
)
def test_sanitise(text: str, safe: str) -> None:
    assert sanitise(text) == safe


def test_line_breaks_are_kept_where_they_mean_something() -> None:
    assert sanitise("a\r\nb\nc", multiline=True) == "a\nb\nc"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, ""),
        ("a\tb\n c", "a b c"),
        ("abcdef", "abcde…"),
        ("abcde", "abcde"),
        ("\x1b" * 2000 + "abc", "…"),  # what was not looked at is said to be missing
    ],
)
def test_a_text_is_cut_and_says_so(text: str | None, shown: str) -> None:
    assert harmless(text, 5) == shown
