"""Text of a source made fit for a page or a calendar: one line, nothing that turns, hides or steers, not too long."""

from __future__ import annotations

import re

from emkcli.security.safe_text import UNSAFE

_BLANKS = re.compile(r"\s+")
_NO_XML = re.compile("[\ufffe\uffff]")


def harmless(value: str | None, longest: int) -> str:
    """At most `longest` characters, with … where it was cut."""
    if not value:
        return ""
    cut = value[: longest + 1000]  # whatever is taken out, the rest of ten megabytes need not be looked at
    clean = _BLANKS.sub(" ", UNSAFE.sub("", _NO_XML.sub("", cut.replace("\t", " ")))).strip()
    return f"{clean[:longest]}…" if len(clean) > longest or len(value) > len(cut) else clean
