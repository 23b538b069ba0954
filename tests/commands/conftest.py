"""The embedded mock as in the contract tests."""

from tests.contract.conftest import embedded, served, server, stages

__all__ = ["embedded", "served", "server", "stages"]
