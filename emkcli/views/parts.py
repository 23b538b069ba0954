"""What a view of a single thing is made of; the renderer wraps, aligns and colours it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Prose:
    """Paragraphs; line breaks are kept."""

    text: str
    style: str | None = None


@dataclass(frozen=True)
class Pairs:
    """Labels and values, aligned; a pair without a value is left out. `addresses`: of values that are hyperlinks."""

    rows: tuple[tuple[str, str], ...]
    addresses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bullets:
    """One line each; `empty` is said when there are none. `addresses`: of pieces of them that are hyperlinks."""

    lines: tuple[str, ...]
    empty: str = ""
    styles: tuple[str | None, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rows:
    """A small table of nested things; a column that is empty everywhere is left out.

    Where the terminal is too narrow, columns beyond the first `least` give way, the last one first."""

    columns: tuple[str, ...]
    items: tuple[Mapping[str, Any], ...]
    least: int = 1


Line = str | Sequence[tuple[str, str | None]]
"""A text that may be wrapped, or pieces with their styles that fit already."""


@dataclass(frozen=True)
class Drawing:
    """Lines drawn for the columns there are, with or without what is not in ASCII."""

    draw: Callable[[int, bool], Sequence[Line]]


Part = Heading | Prose | Pairs | Bullets | Rows | Drawing
