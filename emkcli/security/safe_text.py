"""Text of others made safe to show: what moves the cursor, hides or reorders text becomes visible."""

from __future__ import annotations

import re

# C0, DEL and C1 controls; bidi controls; characters without width; line separators; tags; lone surrogates
UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_BLANKS = re.compile(r"\s+")
_NO_XML = re.compile("[\ufffe\uffff]")


def harmless(value: str | None, longest: int) -> str:
    """At most `longest` characters, with … where it was cut."""
    if not value:
        return ""
    cut = value[: longest + 1000]  # whatever is taken out, the rest of ten megabytes need not be looked at
    clean = _BLANKS.sub(" ", UNSAFE.sub("", _NO_XML.sub("", cut.replace("\t", " ")))).strip()
    return f"{clean[:longest]}…" if len(clean) > longest or len(value) > len(cut) else clean


def sanitise(text: str, *, multiline: bool = False) -> str:
    """Text of a server, safe on a terminal: what moves the cursor, hides or reorders text becomes visible `\\x1b`."""
    text = text.replace("\r\n", "\n").replace("\t", " ")
    return UNSAFE.sub(visible_escape, text if multiline else text.replace("\n", " "))


def visible_escape(match: re.Match[str]) -> str:
    """The escape of one character, as Python, YAML and `grep -P` spell it."""
    point = ord(match[0])
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
