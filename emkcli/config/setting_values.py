"""A setting as it is written → its value; a `ValueError` says what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable

from emkcli.locale import _


def choice(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(_("one of: {choices}").format(choices=", ".join(allowed)))
        return text

    return parse


def switch(text: str) -> bool:
    value = text.strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"", "0", "false", "no", "off"}:
        return False
    raise ValueError(_("1 or 0"))


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value <= 3600:
        raise ValueError(_("seconds between 0 and 3600"))
    return value


UNITS = {"": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30}
SIZES = (2**16, 2**32)


def size(text: str) -> int:
    """Bytes, as such or as `64MB`."""
    match = re.fullmatch(r"([0-9]{1,12})\s*(|[KMG]B)", text.strip().upper())
    value = int(match[1]) * UNITS[match[2]] if match else 0
    if not SIZES[0] <= value <= SIZES[1]:
        raise ValueError(_("a size between 64KB and 4GB, such as 64MB"))
    return value


def name(text: str) -> str:
    if not text or len(text) > 64 or not all(c.isalnum() or c in "-_." for c in text) or text.startswith("."):
        raise ValueError(_("letters, digits, '-', '_' and '.', at most 64"))
    return text


def address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError(_("an address that begins with https:// (or http:// on this machine)"))
    if not _is_address(text):
        raise ValueError(_("an address of a host and, where need be, a port and a path; no blank"))
    return text.rstrip("/")


def _is_address(text: str) -> bool:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
        named = host if host.isascii() else host.encode("idna")
    except ValueError:
        return False
    return bool(named) and text.isprintable() and " " not in text


def hosts(text: str) -> str:
    """Hosts with or without a port, separated by commas, each written in one way."""
    return ",".join(f"{_bracketed(host)}:{port}" if port else _bracketed(host) for host, port in host_list(text))


def host_list(text: str) -> list[tuple[str, int | None]]:
    """Each host of a list with its port, None for any."""
    return [_host(entry.strip()) for entry in text.split(",") if entry.strip()]


def _host(entry: str) -> tuple[str, int | None]:
    from urllib.parse import urlsplit

    is_ipv6 = entry.count(":") > 1 and not entry.startswith("[")
    try:
        parts = urlsplit(f"http://[{entry}]" if is_ipv6 else f"http://{entry}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if set("/?#@") & set(entry) or port == 0 or not re.fullmatch(r"[\w.:-]+", host):
        raise ValueError(_("hosts such as mock or mock:8080, separated by commas"))
    return host, port


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def provider(text: str) -> str:
    """An issuer is compared letter by letter, so it stays as it is written."""
    address(text)
    return text


def redirect(text: str) -> str:
    """Where a provider sends the browser back to, as it is registered there."""
    scheme, colon, rest = text.partition(":")
    if not (text.isascii() and text.isprintable() and scheme and colon and rest) or set(" ?#") & set(text):
        raise ValueError(_("an address without ? and #, as it is registered at the provider"))
    return text


def word(text: str) -> str:
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(_("one word of printable ASCII"))
    return text
