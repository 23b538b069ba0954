"""How many resources the bytes of FHIR hold, by type: told by the key that every resource has and nothing else, without
the reader, so that what the reader forgets shows itself."""

from __future__ import annotations

import re
from collections import Counter

_RESOURCE = re.compile(rb'"resourceType"\s*:\s*"([^"\\]{0,64})"')
_ESCAPED_LETTER = re.compile(rb"(?<!\\)((?:\\\\)*)\\u00([46][1-9A-Fa-f]|[57][0-9Aa])")
_ENVELOPES = frozenset({"Bundle"})


def counted(content: bytes) -> Counter[str]:
    """Contained resources too; Bundles are no part of a card, what is in them is."""
    plain = _ESCAPED_LETTER.sub(_letter, content) if b"\\u00" in content else content
    # inside a text the quotes of such a key are escaped, so that it begins with a backslash
    keys = (match for match in _RESOURCE.finditer(plain) if plain[match.start() - 1 : match.start()] != b"\\")
    types = (match[1].decode("utf-8", "replace") for match in keys)
    return Counter(name for name in types if name not in _ENVELOPES)


def _letter(match: re.Match[bytes]) -> bytes:
    """JSON lets any letter of a key be written by its number."""
    return match[1] + bytes([int(match[2], 16)])
