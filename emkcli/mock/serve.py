"""The mock on a socket: the same application behind waitress."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

from emkcli import errors
from emkcli.locale import _
from emkcli.mock import tenants
from emkcli.mock.application import Mock, StartResponse, open_mock
from emkcli.mock.faults import Dropped
from emkcli.mock.patience import LIMITS, Patience, gather, hush
from emkcli.mock.tenants import Tenants

HOST = re.compile(r"(?:[\w.~%-]{0,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{0,5})?", re.ASCII)


def serve(
    host: str,
    port: int,
    state: str | Path,
    seed: int = 1,
    records: int | None = None,
    speed: float | None = None,
    most_tenants: int = tenants.MOST,
    control_token: str | None = None,
    ready: Callable[[str], None] = lambda url: None,
    notice: Callable[[str], None] | None = None,
) -> None:
    """Serve until `KeyboardInterrupt`, which the program makes of a signal; `ready` is told the address, with the port that
    was given for 0. Without a `control_token` only this machine is served, since everybody could read codes."""
    from waitress.server import create_server  # type: ignore[import-untyped]

    opened = partial(open_mock, seed=seed, records=records, speed=speed, notice=notice)
    with (
        closing(_listen(host, port)) as listening,
        closing(Tenants(opened(state), opened, most_tenants)) as mock,
    ):
        if control_token is None and not _is_near(listening):
            raise errors.Usage(
                _("{host} is open to other machines, and everybody there could read codes.").format(host=host),
                hint="--control-token-file FILE",
            )
        server: Any = create_server(
            on_socket(mock, control_token, notice or (lambda text: None)),
            sockets=[listening],
            threads=8,
            ident="emk-mock",
            **LIMITS,
        )
        Patience(server)
        gather(server)
        hush()
        if notice:
            notice(_exposed(listening, is_guarded=control_token is not None))
        with suppress(KeyboardInterrupt):  # how a server ends
            ready(_url(listening))
            server.run()
        server.close()


def _listen(host: str, port: int) -> socket.socket:
    """Bound before anything is started, so that a port in use leaves nothing behind."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise errors.Usage(_("cannot listen on {host}:{port}: {why}").format(host=host, port=port, why=why)) from error


def on_socket(
    mock: Mock | Tenants, control_token: str | None = None, notice: Callable[[str], None] = lambda text: None
) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """The application for a socket: a dropped connection is closed silently, a busy state is an answer."""
    from waitress.channel import ClientDisconnected  # type: ignore[import-untyped]

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if not _names_a_host(environ):
            start_response("400 Bad Request", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return []
        try:
            return mock(environ | {"emk.control_token": control_token}, start_response)
        except Dropped as drop:
            # waitress closes the socket without a word, which is what the fault is about
            raise ClientDisconnected from drop
        except errors.Storage as error:
            return _failed("503 Service Unavailable", error.slug, error.message, start_response)
        except Exception as error:  # a defect of the mock: the next request is answered all the same
            notice(_("A request failed inside the mock: {what}.").format(what=_where(error)))
            return _failed("500 Internal Server Error", "server_error", _("The mock has a defect."), start_response)

    return application


def _names_a_host(environ: dict[str, Any]) -> bool:
    """One host that a link can be made of, which HTTP/1.1 asks for (RFC 9112 §3.2); it may be any name."""
    host = environ.get("HTTP_HOST")
    if host is None:
        return bool(environ.get("SERVER_PROTOCOL") != "HTTP/1.1")
    return HOST.fullmatch(host) is not None


def _where(error: BaseException) -> str:
    """The kind of an error and its place in the code; its words may hold what somebody sent."""
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}, {Path(frame.filename).name}:{frame.lineno}"


def _failed(status: str, code: str, detail: str, start_response: StartResponse) -> Iterable[bytes]:
    shape = {
        "type": f"urn:emk:problem:{code}", "title": code, "status": int(status[:3]), "code": code, "detail": detail,
        "request_id": "",
    }  # fmt: skip
    headers = [("Content-Type", "application/problem+json")]
    if status.startswith("503"):  # a defect does not go away by waiting
        headers.append(("Retry-After", "1"))
    start_response(status, headers)
    return [json.dumps(shape, ensure_ascii=False).encode()]


def _is_near(listening: socket.socket) -> bool:
    """Whether this machine alone can reach it."""
    from ipaddress import ip_address

    return ip_address(listening.getsockname()[0]).is_loopback


def _exposed(listening: socket.socket, *, is_guarded: bool) -> str:
    """Whom the address is open to, and with what."""
    who = _("Every user of this machine") if _is_near(listening) else _("Everybody who reaches this machine")
    if is_guarded:
        return _("{who} can use the mock at {url}; /mock is for who has the control token.").format(
            who=who, url=_url(listening)
        )
    return _(
        "{who} can use the mock at {url}: read its invented people and their codes, and change or reset it by /mock."
    ).format(who=who, url=_url(listening))


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
