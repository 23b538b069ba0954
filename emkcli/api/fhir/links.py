"""Links to further pages: a server behind a proxy writes them as it knows itself."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from emkcli.api.wire import LOOPBACK


def base_of(begun: str, path: str) -> str:
    """The path under which a server stands, from the address of a first page and what was asked for."""
    return urlsplit(begun).path.rstrip("/").removesuffix(path)


def rebased(link: str, page: str, base: str) -> str:
    """A link at the origin of its page where only a proxy makes it another one: another scheme or port of the same host, or
    the name that every machine has for itself, and the path of the same server. Any other link stays as it is."""
    parts, own = urlsplit(link), urlsplit(page)
    is_own_host = parts.hostname == own.hostname or parts.hostname in LOOPBACK
    is_own_path = parts.path == base or parts.path.startswith(f"{base}/")
    if parts.scheme in {"http", "https"} and is_own_host and is_own_path:
        return urlunsplit((own.scheme, own.netloc, parts.path, parts.query, ""))
    return link
