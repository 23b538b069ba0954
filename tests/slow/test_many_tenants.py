"""A hundred tests of a project, each with a tenant of its own: what that costs."""

from __future__ import annotations

import time

import pytest

pytest_plugins = ["pytester"]

MOST_SECONDS = 10.0
FRESH = """
import pytest

@pytest.mark.parametrize("n", range(100))
def test_fresh(emk_mock, emk_clock, n):
    emk_clock.advance("36h")
    assert emk_mock.inbox.messages() == []
"""
WITH_A_CARD = """
import pytest

@pytest.mark.parametrize("n", range(100))
def test_fresh(emk_client, n):
    assert emk_client.portal.persons()
"""


@pytest.mark.parametrize("tests", [FRESH, WITH_A_CARD], ids=["fresh", "with a card"])
def test_a_hundred_tenants_take_less_than_ten_seconds(pytester: pytest.Pytester, tests: str) -> None:
    pytester.makepyfile(tests)
    begun = time.perf_counter()
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist").assert_outcomes(passed=100)
    assert time.perf_counter() - begun < MOST_SECONDS
