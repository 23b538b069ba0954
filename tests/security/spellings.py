"""Every way a server may write what it was told: the same value, spelled as protocols and documents spell it."""

from __future__ import annotations

import base64
import html
import json
import quopri
import re
from collections.abc import Callable
from urllib.parse import quote

Spelling = Callable[[str], str]


def _percent(value: str) -> str:
    """Every byte, as clients rarely write it and servers may."""
    return "".join(f"%{byte:02X}" for byte in value.encode())


def _every(count: int, divider: str) -> Spelling:
    return lambda value: divider.join(value[first : first + count] for first in range(0, len(value), count))


def _base64(before: str, after: str = "", encode: Callable[[bytes], bytes] = base64.b64encode) -> Spelling:
    return lambda value: encode(f"{before}{value}{after}".encode()).decode()


SPELLINGS: dict[str, Spelling] = {
    "as it is": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "percent": lambda value: quote(value, safe=""),
    "percent, every byte": _percent,
    "percent, lower-case hex": lambda value: _percent(value).lower(),
    "percent twice": lambda value: quote(_percent(value), safe=""),
    "base64": _base64(""),
    "base64 of user:value": _base64("user:"),
    "base64 at the second place": _base64("a", "b"),
    "base64 at the third place": _base64("ab", "cd"),
    "base64url": _base64("", encode=base64.urlsafe_b64encode),
    "base64url of user:value": _base64("user:", "!", encode=base64.urlsafe_b64encode),
    "base64 in lines": lambda value: base64.encodebytes(f"user:{value}".encode()).decode(),
    "base64, percent": lambda value: quote(_base64("user:")(value).rstrip("="), safe=""),
    "hex": lambda value: value.encode().hex(),
    "upper-case hex": lambda value: value.encode().hex().upper(),
    "hex with colons": lambda value: value.encode().hex(":"),
    "JSON": lambda value: json.dumps(value)[1:-1],
    "JSON, every character": lambda value: "".join(f"\\u{ord(sign):04x}" for sign in value),
    "JSON, upper-case hex": lambda value: "".join(f"\\u{ord(sign):04X}" for sign in value),
    "JSON in JSON": lambda value: json.dumps(json.dumps(value)),
    "bytes of Python": lambda value: "".join(f"\\x{byte:02x}" for byte in value.encode()),
    "HTML": html.escape,
    "HTML, decimal": lambda value: "".join(f"&#{ord(sign)};" for sign in value),
    "HTML, hex": lambda value: "".join(f"&#x{ord(sign):x};" for sign in value),
    "quoted-printable": lambda value: quopri.encodestring(value.encode()).decode(),
    "quoted-printable, every byte": lambda value: "".join(f"={byte:02X}" for byte in value.encode()),
    "in lines": _every(5, "\n"),
    "in lines of a JSON text": _every(5, "\\n"),
    "with spaces": _every(4, " "),
    "with hyphens": _every(3, "-"),
    "letter by letter": " ".join,
    "folded header": _every(7, "\r\n\t"),
    "with soft hyphens": _every(2, "\u00ad"),
    "without separators": lambda value: re.sub(r"[^\w]", "", value),
}


def bare(text: str) -> str:
    """What is left of a value however it is divided."""
    return re.sub(r"[\W_]", "", text).casefold().replace("ё", "е")
