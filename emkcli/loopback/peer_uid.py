"""Whose a connection over loopback is, where the system tells (Linux: /proc/net/tcp)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
ROOT = 0
"""Root reads anything anyway, and a relay such as WSL's belongs to it."""


def is_mine(port: int, to: int) -> bool:
    """False when another user holds the other end of the connection from `port` to `to`; True where nobody can tell."""
    return set(_holders(port, to)) <= {ROOT, os.getuid()} if hasattr(os, "getuid") else True


def _holders(port: int, to: int) -> Iterator[int]:
    ends = (f":{port:04X}", f":{to:04X}")
    for table in TABLES:
        for line in _lines(table):
            _number, local, remote, *_rest = fields = line.split()
            if (local[-5:], remote[-5:]) == ends:
                yield int(fields[7])


def _lines(table: str) -> list[str]:
    try:
        return Path(table).read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return []
