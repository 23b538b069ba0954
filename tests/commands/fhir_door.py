"""An invented FHIR server behind a real port of this machine, for `emk` to ask as it asks any server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx

from tests.invented import Server


@contextmanager
def served(server: Server) -> Iterator[Mapping[str, str]]:
    """The environment in which `emk` reads the card of `p1` there."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = server.answer(httpx.Request("GET", f"{origin}{self.path}", headers=dict(self.headers.items())))
            self.send_response(reply.status_code)
            reply.headers.setdefault("Content-Type", "application/fhir+json")
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.content)

        def log_message(self, *arguments: object) -> None:
            """Nothing on stderr, which a test reads."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as door:
        origin = f"http://127.0.0.1:{door.server_port}"
        server.base = f"{origin}/R4"
        Thread(target=door.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield {"EMK_BACKEND": "fhir", "EMK_URL": server.base, "EMK_PERSON": "p1"}
        finally:
            door.shutdown()
