"""The same two doors as in the contract tests."""

from tests.contract.conftest import embedded, served, server, stages, world

__all__ = ["embedded", "served", "server", "stages", "world"]
