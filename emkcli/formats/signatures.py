"""Detached signatures: which file they lie beside. Nothing is claimed about their worth."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

SUFFIXES = (".sig", ".p7s", ".sgn")


def without(names: Iterable[str]) -> list[str]:
    """The names that are no signature of another one."""
    known = list(names)
    signed = {signature for name in known for signature in _possible(name)}
    return [name for name in known if not (name.lower().endswith(SUFFIXES) and name.lower() in signed)]


def is_signed(name: str, names: Iterable[str]) -> bool:
    """Whether a signature of it is among the names: `a.xml.sig` or `a.sig` beside `a.xml`."""
    return bool(_possible(name) & {one.lower() for one in names})


def lies_beside(path: str) -> bool:
    """Whether a signature of the file is in its directory."""
    try:
        return is_signed(path, [str(Path(path).parent / one.name) for one in Path(path).parent.iterdir()])
    except (OSError, ValueError):
        return False


def _possible(name: str) -> set[str]:
    path = PurePosixPath(name.lower())
    if path.suffix in SUFFIXES:
        return set()
    return {str(path) + suffix for suffix in SUFFIXES} | {str(path.with_suffix("")) + suffix for suffix in SUFFIXES}
