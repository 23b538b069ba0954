"""Whatever a text consists of, twice as much of it takes about twice as long to redact and to make harmless."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings

from emkcli.security.redact import LONGEST, Redactor
from emkcli.security.safe_text import harmless, sanitise
from emkcli.security.secret_shapes import without_shapes
from emkcli.security.secret_values import Needles, without
from tests.security.nasty import SEEDS, TEXTS

SMALL = 8000
LARGE = 1_000_000
NOISE = 0.02
"""Seconds that a measurement may be off on a busy machine."""


def by_value(text: str) -> str:
    needles = Needles()
    for secret in (b"aB1aB1aB1aB1aB1aB1aB1", b"9000000777", b"9999", b"aaaaaaaaaaaaaaaaaaaaaaaaaaaa", b"token"):
        needles.add_value(secret)
    needles.add_name("Аа Аович")
    return without(text, needles.spans(text))


PASSES: dict[str, Callable[[str], object]] = {
    "shapes": without_shapes,
    "values": by_value,
    "sanitise": sanitise,
    "lines": lambda text: sanitise(text, multiline=True),
    "harmless": lambda text: harmless(text, len(text)),
}


def seconds(action: Callable[[str], object], text: str) -> float:
    """Processor time: what other processes take is not ours."""
    started = time.process_time()
    action(text)
    return time.process_time() - started


@pytest.mark.parametrize("name", PASSES)
@pytest.mark.parametrize("seed", SEEDS)
def test_twice_the_text_takes_twice_the_time(seed: str, name: str) -> None:
    check(PASSES[name], seed)


@pytest.mark.parametrize("name", PASSES)
def test_whatever_it_is_made_of(name: str) -> None:
    @settings(max_examples=20, deadline=None)
    @given(TEXTS)
    @example("А-а.")
    def attack(seed: str) -> None:
        check(PASSES[name], seed)

    attack()


def check(action: Callable[[str], object], seed: str) -> None:
    """Measured anew when it looks bad: a collection of garbage may fall into one of the two."""
    text = (seed * (2 * SMALL))[: 2 * SMALL]
    for _attempt in range(3):
        half, whole = seconds(action, text[:SMALL]), seconds(action, text)
        if whole <= 2.5 * half + NOISE:
            return
    raise AssertionError(f"{seed!r}: {half:.3f} s, and {whole:.3f} s for twice as much")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_megabyte_is_quick(seed: str) -> None:
    redactor = Redactor()
    redactor.learn("", {"access_token": "aB1" * 30, "first_name": "Аа", "code": "9999", "phone": "+79000000777"})
    text = (seed * LARGE)[:LARGE]
    assert seconds(redactor.text, text) < 1.0
    assert len(redactor.text(text)) <= LONGEST * len("***")
    assert seconds(sanitise, text) < 3.0
