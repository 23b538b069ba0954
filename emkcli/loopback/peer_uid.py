"""Whose a connection over loopback is, and what its other end has not read yet, where the system tells: Linux, which is asked for
one connection (sock_diag(7)) or, where that is forbidden, has a table of all (/proc/net/tcp)."""

from __future__ import annotations

import errno
import os
import socket
import struct
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
SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, NLMSG_ERROR, ANY = 4, 20, 1, 2, 0xFFFFFFFF
NETLINK_HEADER = 16
QUEUES = NETLINK_HEADER + 56
"""Where `inet_diag_msg` says what is unread and unsent, the user and the inode."""

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
    try:
        for _look in range(LOOKS):
            end = _end(client, server)
            if end and end.held:
                return end.uid in {ROOT, os.getuid()}
    except OSError:
        return True
    return False


def has_read(client: Address, server: Address) -> bool | None:
    """Whether a process has the other end and read everything that was sent; None where nobody can tell."""
    try:
        here, there = _end(server, client), _end(client, server)
    except OSError:
        return None
    if not here or not there or not there.held:
        return None
    # the end of what was sent counts as one byte
    return here.unsent <= 1 and there.unread <= 1


def _end(local: Address, remote: Address) -> End | None:
    """None when there is no such end; `OSError` when the system does not tell."""
    try:
        return _asked(local, remote)
    except OSError:
        return _looked_up(local, remote)


def _asked(local: Address, remote: Address) -> End | None:
    family = socket.AF_INET6 if ":" in local[0] else socket.AF_INET
    packed = [socket.inet_pton(family, host).ljust(16, b"\0") for host in (local[0], remote[0])]
    ports = struct.pack("!HH", local[1], remote[1])
    question = struct.pack("=BBBxI", family, socket.IPPROTO_TCP, 0, ANY) + ports + b"".join(packed)
    question += struct.pack("=III", 0, ANY, ANY)  # any interface, no cookie
    header = struct.pack("=IHHII", NETLINK_HEADER + len(question), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 0, 0)
    with socket.socket(getattr(socket, "AF_NETLINK", -1), socket.SOCK_RAW, SOCK_DIAG) as kernel:
        kernel.settimeout(1)
        kernel.sendto(header + question, (0, 0))
        answer = kernel.recv(4096)
    if struct.unpack_from("=H", answer, 4)[0] == NLMSG_ERROR:
        number = -struct.unpack_from("=i", answer, NETLINK_HEADER)[0]
        if number != errno.ENOENT:
            raise OSError(number, os.strerror(number))
        return None
    unread, unsent, uid, inode = struct.unpack_from("=IIII", answer, QUEUES)
    return End(uid, unread, unsent, held=bool(inode))


def _looked_up(local: Address, remote: Address) -> End | None:
    wanted = set(zip(_written(local), _written(remote), strict=True))
    lines = list(_lines())
    if not lines:
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
    return next((_read(fields) for fields in lines if (fields[1], fields[2]) in wanted), None)


def _read(fields: list[str]) -> End:
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
