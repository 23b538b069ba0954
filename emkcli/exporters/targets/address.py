"""What a person gives as a target: a path on this machine, or an address that fsspec knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from emkcli.exporters.targets import Target

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://")


def is_address(text: str) -> bool:
    return bool(_ADDRESS.match(text))


def target(text: str) -> Target:
    """Where the text leads. `Usage` for an address that holds a password, or that no installed library knows."""
    from emkcli.exporters.targets import files, fsspec

    if not is_address(text):
        return files.FileTarget(Path(text))
    parts = urlsplit(text)
    if parts.scheme in {"file", "local"}:
        return files.FileTarget(Path(unquote(parts.path)))
    return fsspec.at(text)
