"""A fresh mock in memory with a frozen clock, and a person in front of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emkcli.mock.application import Mock, open_mock

from .person import Person, in_process

START = "2026-03-02T10:00:00+03:00"


@pytest.fixture
def mock() -> Iterator[Mock]:
    opened = open_mock(":memory:", speed=0)
    yield opened
    opened.close()


@pytest.fixture
def someone(mock: Mock) -> Iterator[Person]:
    person = in_process(mock)
    person.clock(set=START)
    yield person
    person.close()
