"""Text on the page: nothing of a source is ever markup."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from emkcli.security.safe_text import harmless

LONGEST = 2000
_MOST_LINES = 100


def safe(value: str | None, longest: int = LONGEST) -> str:
    """One line, escaped for content and for attributes."""
    return escape(harmless(value, longest), quote=True)


def tag(name: str, content: str, attributes: Mapping[str, str] | None = None) -> str:
    """An element that holds text."""
    pairs = "".join(f' {key}="{safe(value)}"' for key, value in (attributes or {}).items())
    return f"<{name}{pairs}>{safe(content)}</{name}>"


def prose(value: str | None) -> str:
    """Paragraphs with the line breaks they came with."""
    lines = (value or "")[: LONGEST * 5].split("\n")[:_MOST_LINES]
    cut = "…" if len(value or "") > LONGEST * 5 else ""
    return "<br>".join(safe(line, LONGEST * 5) for line in lines) + cut
