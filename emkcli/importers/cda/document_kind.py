"""What kind of СЭМД a document is, and of which edition: by the register of electronic medical documents (НСИ
1.2.643.5.1.13.13.11.1520, version 12.85 of April 2026)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from emkcli.importers.cda.tree import MINZDRAV, Code
from emkcli.locale import _

REGISTER, TYPES = "11.1520", "11.1522"
LABORATORY = "7"
"""The code of a protocol of a laboratory (НСИ 1.2.643.5.1.13.13.11.1522)."""
_EARLIER = ("11.1115", "99.2.195", "99.2.592")
"""Dictionaries of kinds that were in force before, and that of ВИМИС: the register does not have their codes."""
_GUIDES = f"{MINZDRAV}15."
"""How the numbers of guides begin that the register names: then the kind, then the edition."""
_OLDER_GUIDE = re.compile(r"1\.2\.643\.5\.1\.13\.(?:2\.7\.5\.1|13\.14)\.(\d+)\.9\.(\d+)")
"""A guide under the number it had before 2024, when many documents were written: the code of the kind, the edition."""


class Kind(NamedTuple):
    """A row of the register: its number, the code of the kind (НСИ 1.2.643.5.1.13.13.11.1522), the guide, the edition."""

    number: str
    type_code: str
    guide: str
    edition: str
    name: str


def kind_of(code: Code, template: str | None) -> Kind | None:
    """By its number in the register, else by the guide that it follows."""
    if code.of(REGISTER):
        return _by_number().get(code.code or "")
    if older := _OLDER_GUIDE.fullmatch(template or ""):
        return _by_edition().get((older[1], older[2]))
    return _by_guide().get(template or "")


def is_laboratory(code: Code, template: str | None) -> bool:
    """Whether results are what the document is about."""
    kind = kind_of(code, template)
    return kind.type_code == LABORATORY if kind else code.of(TYPES) and code.code == LABORATORY


def unknown(code: Code, template: str | None) -> str | None:
    """What of a document the register does not know, in words; it is read all the same."""
    if kind_of(code, template):
        return None
    if _is_unknown_kind(code):
        message = _("the kind {number} of СЭМД is unknown to this version; it was read as a document")
        return message.format(number=code.code)
    if template and (template.startswith(_GUIDES) or _OLDER_GUIDE.fullmatch(template)):
        message = _("the edition {number} of СЭМД is unknown to this version; it was read as a document")
        return message.format(number=template)
    return None


def _is_unknown_kind(code: Code) -> bool:
    if code.of(TYPES):
        return code.code not in {kind.type_code for kind in _rows()}
    return code.code is not None and not code.of(*_EARLIER)


@cache
def _rows() -> tuple[Kind, ...]:
    lines = Path(__file__).with_name("document_kinds.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(Kind(*line.split("\t")) for line in lines)


@cache
def _by_number() -> dict[str, Kind]:
    return {kind.number: kind for kind in _rows()}


@cache
def _by_edition() -> dict[tuple[str, str], Kind]:
    """By the code of the kind and the edition; of a certificate and a document with its contents it is the certificate."""
    return {(kind.type_code, kind.edition): kind for kind in reversed(_rows())}


@cache
def _by_guide() -> dict[str, Kind]:
    """A guide that two kinds share tells neither."""
    guides = [kind.guide for kind in _rows()]
    return {MINZDRAV + kind.guide: kind for kind in _rows() if kind.guide and guides.count(kind.guide) == 1}
