"""Records that say that there is nothing: «no known allergies» is data, and stands beside no allergy.

Codes of SNOMED CT and of the IPS code system `absent-unknown-uv-ips`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

_OF_ALL = frozenset(
    {"no-allergy-info", "no-known-allergies", "716186003", "160244002"}
    | {"no-problem-info", "no-known-problems", "160245001", "no-procedure-info", "no-known-procedures"}
)
_OF_SOME = {
    "no-known-medication-allergies": "medication",
    "409137002": "medication",
    "no-known-environmental-allergies": "environment",
    "428607008": "environment",
    "no-known-food-allergies": "food",
    "429625007": "food",
}
"""Code → the category of allergies that it denies."""


class _Coded(Protocol):
    @property
    def code(self) -> str | None: ...


R = TypeVar("R", bound=_Coded)


def is_absence(record: _Coded) -> bool:
    """Whether it says that there is nothing of its kind, or nothing of a part of it."""
    return record.code in _OF_ALL or record.code in _OF_SOME


def without_denied(records: Iterable[R]) -> list[R]:
    """The records without those that deny what others say: what is known outweighs that nothing was."""
    listed = list(records)
    facts = [record for record in listed if not is_absence(record)]
    if not facts:
        return listed
    categories = {word for fact in facts for word in (getattr(fact, "category", None) or "").split(", ")}
    return [
        record
        for record in listed
        if not is_absence(record) or _OF_SOME.get(record.code or "", "") not in {"", *categories}
    ]
