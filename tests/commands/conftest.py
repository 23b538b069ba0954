"""The embedded mock as in the contract tests, and a terminal for its commands."""

from tests.commands.terminals import terminal
from tests.contract.conftest import embedded, impatient, served, server, stages

__all__ = ["embedded", "impatient", "served", "server", "stages", "terminal"]
