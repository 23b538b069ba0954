"""File formats: one module each, loaded when used. `read` takes documents in, `export` writes a card out."""

from __future__ import annotations

from emkcli.formats.exporting import WRITERS, export
from emkcli.formats.reading import READERS, read, read_all

__all__ = ["READERS", "WRITERS", "export", "read", "read_all"]
