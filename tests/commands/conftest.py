"""The embedded mock as in the contract tests."""

from tests.contract.conftest import embedded, impatient, served, server, stages

__all__ = ["embedded", "impatient", "served", "server", "stages"]
