"""Another user of this machine who connects to a port: a process of another user for root, and for everybody else a connection
of this one that the server takes for another's."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from emkcli.loopback import peer_uid

NOBODY = 65534


def as_stranger(monkeypatch: pytest.MonkeyPatch, act: Callable[[], bytes]) -> bytes:
    """What `act` got, done by another user."""
    if os.geteuid() == 0:
        return _forked(act)
    with monkeypatch.context() as patch:
        patch.setattr(peer_uid, "ROOT", -1)
        patch.setattr("os.getuid", lambda: NOBODY)
        return act()


def _forked(act: Callable[[], bytes]) -> bytes:
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.write(theirs, act()[:4096])
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        got = pipe.read()
    os.waitpid(child, 0)
    return got


def says(port: int, request: bytes, *, host: str = "127.0.0.1", family: int = socket.AF_INET) -> bytes:
    """One request on a raw socket, and everything that came back."""
    with socket.socket(family) as connection:
        connection.settimeout(10)
        connection.connect((host, port))
        got = b""
        with suppress(ConnectionError):
            connection.sendall(request)
            while part := connection.recv(65536):
                got += part
        return got


def says_and_hangs_up(port: int, request: bytes) -> bytes:
    """A closed socket is nobody's in the kernel's table, and says 0 for its user."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
    time.sleep(0.3)
    return b""
