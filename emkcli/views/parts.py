"""What a view of a single thing is made of; the renderer wraps, aligns and colours it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field


class Heading(Struct, frozen=True):
    text: str


class Prose(Struct, frozen=True):
    """Paragraphs; line breaks are kept."""

    text: str
    style: str | None = None


class Pairs(Struct, frozen=True):
    """Labels and values, aligned; a pair without a value is left out. `addresses`: of values that are hyperlinks."""

    rows: tuple[tuple[str, str], ...]
    addresses: Mapping[str, str] = field(default_factory=dict)


class Bullets(Struct, frozen=True):
    """One line each; `empty` is said when there are none. `addresses`: of pieces of them that are hyperlinks."""

    lines: tuple[str, ...]
    empty: str = ""
    styles: tuple[str | None, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)


class Rows(Struct, frozen=True):
    """A small table of nested things; a column that is empty everywhere is left out.

    Where the terminal is too narrow, columns beyond the first `least` give way, the last one first."""

    columns: tuple[str, ...]
    items: tuple[Mapping[str, Any], ...]
    least: int = 1


Line = str | Sequence[tuple[str, str | None]]
"""A text that may be wrapped, or pieces with their styles that fit already."""


class Drawing(Struct, frozen=True):
    """Lines drawn for the columns there are, with or without what is not in ASCII."""

    draw: Callable[[int, bool], Sequence[Line]]


Part = Heading | Prose | Pairs | Bullets | Rows | Drawing
