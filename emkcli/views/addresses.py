"""What a text on the screen leads to: a file of this machine, or a page of the web.

Only an address that is wholly quoted, or of printable ASCII, goes to a terminal; what a source sent otherwise stays text.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

FILES = frozenset({"file", "manifest", "exported_to"})
"""Fields that hold a path."""
_PAGE = re.compile(r"https?://[!-~]+")


def of(field: str, value: str) -> str | None:
    """The address of what `value` of a field names, if it names a file or a page."""
    if _PAGE.fullmatch(value):
        return value
    return of_file(value) if field.rpartition(".")[2] in FILES else None


def of_file(path: str) -> str | None:
    """`file:` and the path, quoted; none for what is not there: another storage, a member of an archive, a dry run."""
    is_there = bool(path) and os.path.exists(path)  # noqa: PTH110 - Path.exists() raises for a name too long
    return Path(path).absolute().as_uri() if is_there else None
