"""How many resources the bytes of FHIR hold, by type: told by the key that every resource has and nothing else, without
the reader, so that what the reader forgets shows itself."""

from __future__ import annotations

import re
from collections import Counter

# Inside a text the quotes of such a key are escaped, so that it begins with a backslash.
_RESOURCE = re.compile(rb'(?<!\\)"resourceType"\s*:\s*"([^"\\]{0,64})"')
_ENVELOPES = frozenset({"Bundle"})


def counted(content: bytes) -> Counter[str]:
    """Contained resources too; Bundles are no part of a card, what is in them is."""
    types = (match[1].decode("utf-8", "replace") for match in _RESOURCE.finditer(content))
    return Counter(name for name in types if name not in _ENVELOPES)
