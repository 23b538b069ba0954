"""What lies beside a document and is none of its own: detached signatures, and the same document drawn as PDF."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

SIGNATURES = (".sig", ".p7s", ".sgn", ".sign")
DRAWING, DOCUMENT = ".pdf", ".xml"


@dataclass(frozen=True)
class Sorted:
    """`documents` are the names to read, in their order; `signatures` tells which names sign a document."""

    documents: list[str]
    signatures: dict[str, list[str]]


def sort(names: Iterable[str], *, packed: bool = False) -> Sorted:
    """By their names: `a.xml.sig`, `a.sig` and `a.pdf` belong to `a.xml`. What is `packed` together in one folder with a
    single document belongs to that, whatever it is called."""
    files = list(names)
    alone = _alone(files) if packed else {}
    by_name = {name.lower(): name for name in files}
    documents: list[str] = []
    signatures: dict[str, list[str]] = defaultdict(list)
    for name in files:
        owner = _owner(name, by_name, alone)
        if owner is None:
            documents.append(name)
        elif is_signature(name):
            signatures[owner].append(name)
    return Sorted(documents, dict(signatures))


def is_signature(name: str) -> bool:
    return name.lower().endswith(SIGNATURES)


def beside(path: str) -> list[str]:
    """The files on disk that sign a file."""
    if is_signature(path):
        return []
    document = Path(path)
    possible = {*(document.name + suffix for suffix in SIGNATURES), *(document.stem + suffix for suffix in SIGNATURES)}
    spelled = sorted(possible | {name.upper() for name in possible if document.name.isupper()})
    try:
        return [str(signature) for name in spelled if (signature := document.with_name(name)).is_file()]
    except (OSError, ValueError):
        return []


def _owner(name: str, by_name: dict[str, str], alone: dict[str, str]) -> str | None:
    """The document that a file lies beside; None for a document."""
    path = PurePosixPath(name.lower())
    if path.suffix not in (*SIGNATURES, DRAWING):
        return None
    bare = str(path.with_suffix(""))
    possible = [bare + DOCUMENT, bare] if path.suffix == DRAWING else [bare, *_with_any_ending(bare, by_name)]
    owner = next((by_name[document] for document in possible if document in by_name and document != name.lower()), None)
    return owner or alone.get(str(path.parent))


def _with_any_ending(bare: str, by_name: dict[str, str]) -> list[str]:
    endings = (DOCUMENT, ".json", ".zip", DRAWING)
    return [bare + ending for ending in endings if bare + ending in by_name]


def _alone(names: list[str]) -> dict[str, str]:
    """Folder → its only document in XML."""
    documents: dict[str, list[str]] = defaultdict(list)
    for name in names:
        path = PurePosixPath(name.lower())
        if path.suffix == DOCUMENT:
            documents[str(path.parent)].append(name)
    return {folder: inside[0] for folder, inside in documents.items() if len(inside) == 1}
