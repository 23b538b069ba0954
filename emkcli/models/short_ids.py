"""The ids of records as a terminal shows them, and as a person types them: `lab-0286` for `Observation/lab-zh4nbm-0286`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from emkcli import errors
from emkcli.locale import _, first_few

_NUMBERED = re.compile(r"([A-Za-z]+)-[A-Za-z0-9]+-([0-9]{2,8})")
_UUID = re.compile(r"([0-9a-fA-F]{8})-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_STABLE = re.compile(r"(i-[0-9a-f]{6})[0-9a-f]{10}")
SHORTEST = 4


def without_type(ident: str) -> str:
    """Without the FHIR type before it."""
    kind, slash, name = ident.partition("/")
    return name if slash and kind.isalpha() and kind[0].isupper() else ident


def shortened(ident: str) -> str:
    """Short, and nearly always the only one of a card; `#part` stays."""
    name, mark, part = without_type(ident).partition("#")
    if match := _NUMBERED.fullmatch(name):
        name = f"{match[1]}-{match[2]}"
    elif match := _UUID.fullmatch(name) or _STABLE.fullmatch(name):
        name = match[1]
    return f"{name}{mark}{part}"


def ambiguous(idents: Sequence[str]) -> errors.Usage:
    """Several records may be meant: the first of them, as a terminal shows them where that tells them apart."""
    short = [shortened(ident) for ident in idents]
    names = first_few(short if len(set(short)) == len(short) else idents)
    return errors.Usage(_("Several records are called so: {names}.").format(names=names))


def is_meant(ident: str, written: str) -> bool:
    """Whether a person may mean this record: by its id without the type, what a terminal shows, or its last number."""
    name = without_type(ident)
    last = name.rpartition("-")[2]
    return written in {ident, name, shortened(ident)} or (len(written) >= SHORTEST and written == last)
