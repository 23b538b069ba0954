"""File formats: one module each, loaded when used. `read` takes documents in, `export` writes a card out."""

from __future__ import annotations

from emkcli.formats.exporting import WRITERS, check, export
from emkcli.formats.reading import READERS, read

__all__ = ["READERS", "WRITERS", "check", "export", "read"]
