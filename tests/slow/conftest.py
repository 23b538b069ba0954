"""The official definitions, fetched once for each process of the tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.contract.conftest import embedded, stages
from tests.faults.conftest import pauses
from tests.slow.walker import Walker, packages
from tests.slow.walker.definitions import Definitions

__all__ = ["embedded", "pauses", "stages"]


@pytest.fixture(scope="session")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.unpacked(packages.CORE, tmp_path_factory.mktemp("core"))


@pytest.fixture(scope="session")
def ips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.unpacked(packages.IPS, tmp_path_factory.mktemp("ips"))


@pytest.fixture(scope="session")
def walker(core: Path, ips: Path) -> Walker:
    return Walker(Definitions([*packages.ips_files(ips), *packages.r4_files(core)]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What a test counted, and what did not run because nothing was named to run it on."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, line in getattr(report, "user_properties", ()):
            if name == "figures":
                terminalreporter.write_line(str(line))
    if not os.environ.get("EMK_SAMPLES"):
        terminalreporter.write_line("NOT RUN: real samples; EMK_SAMPLES names no directory of them", red=True)
    if not os.environ.get("EMK_FIELDS"):
        terminalreporter.write_line("NOT RUN: the ministry's fields; EMK_FIELDS names no table of them", red=True)
