"""What a view of a single thing is made of; the renderer wraps, aligns and colours it."""

from __future__ import annotations

from dataclasses import dataclass


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
    """Labels and values, aligned; a pair without a value is left out."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Bullets:
    """One line each; `empty` is said when there are none."""

    lines: tuple[str, ...]
    empty: str = ""
    styles: tuple[str | None, ...] = ()


Part = Heading | Prose | Pairs | Bullets
