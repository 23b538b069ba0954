"""A hundred tests of a project, each with a tenant of its own: what that costs."""

from __future__ import annotations

import time

import pytest

pytest_plugins = ["pytester"]

MOST_SECONDS = 10.0
TESTS = """
import pytest

@pytest.mark.parametrize("n", range(100))
def test_fresh(emk_mock, emk_clock, n):
    emk_clock.advance("36h")
    assert emk_mock.inbox.messages() == []
"""


def test_a_hundred_tenants_take_less_than_ten_seconds(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    begun = time.perf_counter()
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist").assert_outcomes(passed=100)
    assert time.perf_counter() - begun < MOST_SECONDS
