"""File formats: one module each, loaded when used. `read` takes documents in, `export` writes a card out."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emkcli.formats.exporting import PRESETS, WRITERS, check, export
    from emkcli.formats.reading import READERS, read, read_all

__all__ = ["PRESETS", "READERS", "WRITERS", "check", "export", "read", "read_all"]
_HOMES = {
    "READERS": "reading",
    "read": "reading",
    "read_all": "reading",
    "PRESETS": "exporting",
    "WRITERS": "exporting",
    "check": "exporting",
    "export": "exporting",
}


def __getattr__(name: str) -> Any:
    """Who writes needs no reader, and the other way round."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"emkcli.formats.{_HOMES[name]}"), name)
