"""Whose a connection over loopback is, and what its other end has not read yet, where the system tells (Linux: /proc/net/tcp)."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
ROOT = 0
"""Root reads anything anyway, and a relay such as WSL's belongs to it."""
LOOKS = 3
"""The kernel writes a table while connections come and go, and may leave one out."""
MAPPED = "0000000000000000" + ("FFFF0000" if sys.byteorder == "little" else "0000FFFF")

Address = tuple[str, int]


@dataclass(frozen=True)
class End:
    """One end of a connection, as the kernel keeps it."""

    uid: int
    unread: int
    unsent: int
    held: bool
    """Whether a process has it. One that was closed is nobody's, and says 0 for its user."""


def is_mine(client: Address, server: Address) -> bool:
    """Whether root or this user holds the other end; not when it was closed already. True where nobody can tell."""
    if not hasattr(os, "getuid"):
        return True
    for _look in range(LOOKS):
        lines = list(_lines())
        if not any(fields[1] in _written(server) for fields in lines):  # not even ours is told of
            return True
        if holders := {end.uid for end in _ends(client, server, lines) if end.held}:
            return holders <= {ROOT, os.getuid()}
    return False


def has_read(client: Address, server: Address) -> bool | None:
    """Whether a process has the other end and read everything that was sent; None where nobody can tell."""
    lines = list(_lines())
    here = _ends(server, client, lines)
    there = [end for end in _ends(client, server, lines) if end.held]
    if not here or not there:
        return None
    # the end of what was sent counts as one byte
    return all(end.unsent <= 1 for end in here) and all(end.unread <= 1 for end in there)


def _ends(local: Address, remote: Address, lines: list[list[str]]) -> list[End]:
    wanted = set(zip(_written(local), _written(remote), strict=True))
    return [_end(fields) for fields in lines if (fields[1], fields[2]) in wanted]


def _end(fields: list[str]) -> End:
    unsent, unread = (int(queue, 16) for queue in fields[4].split(":"))
    return End(int(fields[7]), unread, unsent, held=fields[9] != "0")


def _lines() -> Iterator[list[str]]:
    for table in TABLES:
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        yield from map(str.split, lines)


def _written(address: Address) -> tuple[str, ...]:
    """An address as the tables write it; one of IPv4 stands in the table of IPv6 when such a socket was used."""
    host, port = address
    if ":" in host:
        return (f"{_words(socket.inet_pton(socket.AF_INET6, host))}:{port:04X}",) * 2
    short = _words(socket.inet_aton(host))
    return f"{short}:{port:04X}", f"{MAPPED}{short}:{port:04X}"


def _words(packed: bytes) -> str:
    """Words of 32 bits, each in the byte order of this machine."""
    return "".join(f"{int.from_bytes(packed[at : at + 4], sys.byteorder):08X}" for at in range(0, len(packed), 4))
