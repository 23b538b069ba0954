"""What lies beside a document and is none of its own: detached signatures, and the same document drawn as PDF."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

SIGNATURES = (".sig", ".p7s", ".sgn", ".sign")
DRAWING, DOCUMENT = ".pdf", ".xml"


@dataclass(frozen=True)
class Companions:
    """`documents` are the names to read, in their order; `signatures` tells which names sign a document."""

    documents: list[str]
    signatures: dict[str, list[str]]


def sorted_out(names: Iterable[str], *, packed: bool = False) -> Companions:
    """By their names: `a.xml.sig`, `a.sig` and `a.pdf` belong to `a.xml`. What is `packed` together in one folder with a
    single document belongs to that, whatever it is called."""
    found = list(names)
    signs: dict[str, list[str]] = defaultdict(list)
    others = []
    alone = _alone(found) if packed else {}
    known = {name.lower(): name for name in found}
    for name in found:
        owner = _owner(name, known, alone)
        if owner is None:
            others.append(name)
        elif is_signature(name):
            signs[owner].append(name)
    return Companions(others, dict(signs))


def is_signature(name: str) -> bool:
    return name.lower().endswith(SIGNATURES)


def beside(path: str) -> list[str]:
    """The files on disk that sign a file."""
    if is_signature(path):
        return []
    own = Path(path)
    wanted = {*(own.name + suffix for suffix in SIGNATURES), *(own.stem + suffix for suffix in SIGNATURES)}
    spelled = sorted(wanted | {name.upper() for name in wanted if own.name.isupper()})
    try:
        return [str(one) for name in spelled if (one := own.with_name(name)).is_file()]
    except (OSError, ValueError):
        return []


def _owner(name: str, known: dict[str, str], alone: dict[str, str]) -> str | None:
    """Whose companion a file is; None for a document."""
    path = PurePosixPath(name.lower())
    if path.suffix not in (*SIGNATURES, DRAWING):
        return None
    bare = str(path.with_suffix(""))
    named = [bare + DOCUMENT, bare] if path.suffix == DRAWING else [bare, *_with_any_ending(bare, known)]
    found = next((known[one] for one in named if one in known and one != name.lower()), None)
    return found or alone.get(str(path.parent))


def _with_any_ending(bare: str, known: dict[str, str]) -> list[str]:
    endings = (DOCUMENT, ".json", ".zip", DRAWING)
    return [bare + ending for ending in endings if bare + ending in known]


def _alone(names: list[str]) -> dict[str, str]:
    """Folder → its only document in XML."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        path = PurePosixPath(name.lower())
        if path.suffix == DOCUMENT:
            found[str(path.parent)].append(name)
    return {folder: documents[0] for folder, documents in found.items() if len(documents) == 1}
