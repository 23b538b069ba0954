"""The table that the properties draw resources from says what HL7's definitions say."""

from __future__ import annotations

from pathlib import Path

from tests.fhir.r4_resources import TABLE
from tests.slow.walker.element_table import table


def test_the_table_of_elements_is_that_of_the_definitions(core: Path) -> None:
    written = table(core)
    assert written == TABLE.read_text(encoding="utf-8"), "python -m tests.slow.walker.element_table PACKAGE"
