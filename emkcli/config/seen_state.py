"""What a profile has seen already: the marks behind `--new`, `--if-changed` and `--since last`; ids only. Beside them what was
answered in a form that did not come to its end. Mode 0600."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emkcli.config.atomic_files import write_private
from emkcli.config.private_files import open_private, remove_private


@dataclass(frozen=True)
class Mark:
    """One mark: a file whose name says nothing about whom or what it is."""

    path: Path

    @property
    def value(self) -> Any:
        try:
            with os.fdopen(open_private(self.path), "rb") as file:
                return json.load(file)
        except (OSError, ValueError):
            return None

    @property
    def fields(self) -> dict[str, Any]:
        """The value where it is an object, otherwise an empty one."""
        value = self.value
        return value if isinstance(value, dict) else {}

    def set(self, value: Any) -> None:
        write_private(self.path, json.dumps(value))

    def remove(self) -> None:
        """As if it had never been set. `Storage`."""
        remove_private(self.path)


class Marks:
    """The marks of one profile at one backend address."""

    def __init__(self, directory: Path, profile: str, address: str) -> None:
        self._directory = directory
        self._owner = f"{profile}\n{address}"

    def mark(self, *of: str) -> Mark:
        digest = hashlib.sha256("\n".join((self._owner, *of)).encode()).hexdigest()
        return Mark(self._directory / f"{digest[:32]}.json")
