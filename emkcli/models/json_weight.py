"""How much memory a JSON text becomes at most, told from its bytes alone, before anything is decoded."""

from __future__ import annotations

HEAVIEST = 160 * 2**20
"""Bytes that one decoded document may take: with its text and the program itself it stays below 300 MB."""
LIGHT = 4096
"""A text of up to so many bytes is never worth counting."""
_SHORT, _WORST = 1024, 102
"""Most resources are short: so many bytes for each of theirs, as in `{},{},`, cost less than to count."""
_EACH = {b"[": 72, b"{": 170, b",": 120, b":": 90}
"""Bytes of what stands behind a character: a list, an object with its first places, a value or a key, one more of them."""
_WIDEST = 5
"""Four for the letter and one for the escapes that are undone before."""
_BELOW_WIDE, _BELOW_NARROW = bytes(range(0xF0)), bytes(range(0xC4))


def too_heavy(content: bytes, heaviest: int = HEAVIEST) -> bool:
    """Whether decoding a JSON text could take more memory than it may; forty times its size is what the worst take."""
    return len(content) > LIGHT and weight(content) > heaviest


def weight(content: bytes) -> int:
    """Bytes that the decoded text takes at most. What looks like structure inside a text is counted along, and a short text
    is as heavy as one of its length can be."""
    if len(content) <= _SHORT:
        return len(content) * _WORST
    return sum(content.count(character) * size for character, size in _EACH.items()) + len(content) * _width(content)


def _width(content: bytes) -> int:
    """Bytes a letter takes: one that needs four has all the others of its text take four (PEP 393)."""
    if content.translate(None, _BELOW_WIDE) or b"\\ud" in content or b"\\uD" in content:
        return _WIDEST
    return 2 if content.translate(None, _BELOW_NARROW) or b"\\u" in content else 1
