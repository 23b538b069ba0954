"""The session in a plain 0600 file: for the mock, whose tokens open nothing, and where it was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from emkcli.config.atomic_files import write_private
from emkcli.config.private_files import read_private, remove_private
from emkcli.models import Tokens
from emkcli.security.sessions.stored_session import parsed


@dataclass
class PlainStore:
    path: Path
    source: str = "plain_file"

    def load(self) -> Tokens | None:
        return parsed(read_private(self.path))

    def save(self, tokens: Tokens) -> None:
        write_private(self.path, tokens.to_json())

    def clear(self) -> None:
        remove_private(self.path)

    def probe(self) -> None:
        try_out(self.path)


def try_out(path: Path) -> None:
    """Whether a file can be written beside `path` and read back."""
    trial = path.with_name(f"{path.name}.probe")
    write_private(trial, "probe")
    read_private(trial)
    remove_private(trial)
