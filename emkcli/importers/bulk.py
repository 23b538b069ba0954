"""The layout of bulk data: a folder with a file of lines for every type is one document, as its files refer to each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_SUFFIX = ".ndjson"
_FIRST = f"Patient{_SUFFIX}"
_NOTE = "manifest.json"


def folders(files: Sequence[str]) -> dict[str, list[str]]:
    """Folder → its files of lines, the patient's first; only folders that say whose they are."""
    by_folder: dict[str, list[str]] = {}
    for name in files:
        if name.endswith(_SUFFIX):
            by_folder.setdefault(str(Path(name).parent), []).append(name)
    with_patient = {folder: names for folder, names in by_folder.items() if str(Path(folder, _FIRST)) in names}
    return {
        folder: sorted(names, key=lambda name: (Path(name).name != _FIRST, name))
        for folder, names in with_patient.items()
    }


def beside(files: Sequence[str], by_folder: dict[str, list[str]]) -> list[str]:
    """What is no part of such a folder: neither its lines nor the manifest."""
    parts = {name for names in by_folder.values() for name in names} | {
        str(Path(folder, _NOTE)) for folder in by_folder
    }
    return [name for name in files if name not in parts]
