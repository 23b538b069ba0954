"""PEM envelopes: programs and files give signatures and certificates with or without one."""

from __future__ import annotations

import base64
import binascii

from emkcli import errors
from emkcli.locale import _


def opened(content: bytes) -> bytes:
    """The bytes inside the first PEM envelope; what has none stays as it is."""
    if not content.lstrip().startswith(b"-----BEGIN"):
        return content
    _begin, _line, body = content.lstrip().partition(b"\n")
    text, end, _rest = body.partition(b"-----END")
    try:
        return base64.b64decode(b"".join(text.split()) if end else b"?", validate=True)
    except binascii.Error:
        raise errors.InvalidInput(_("The PEM envelope is damaged.")) from None
