"""A fresh mock in memory with a frozen clock, and a person in front of it; a server that other machines reach; one that only hears."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from emkcli.mock.application import Mock, open_mock

from .person import Person, in_process

TOKEN = "s3cret-of-a-mock"
START = "2026-03-02T10:00:00+03:00"


@pytest.fixture
def mock() -> Iterator[Mock]:
    opened = open_mock(":memory:", speed=0)
    yield opened
    opened.close()


@pytest.fixture
def someone(mock: Mock) -> Iterator[Person]:
    person = in_process(mock)
    person.clock(set=START)
    yield person
    person.close()


@pytest.fixture
def token(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.touch(0o600)
    file.write_text(f"{TOKEN}\n")
    return file


@pytest.fixture
def open_server(token: Path) -> Iterator[str]:
    """Its address on this machine."""
    line = ["mock", "serve", "--host", "0.0.0.0", "--control-token-file", str(token)]
    running = subprocess.Popen(
        [sys.executable, "-m", "emkcli", *line], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout
    yield f"http://127.0.0.1:{httpx.URL(json.loads(running.stdout.readline())['url']).port}"
    running.terminate()
    out, said = running.communicate(timeout=60)
    assert out == ""
    assert said.startswith("emk: Everybody who reaches this machine can use the mock")
    assert "/mock is for who has the control token" in said
    assert TOKEN not in said


@dataclass
class Heard:
    """A server, and what it was sent: method, path, authorization."""

    url: str = ""
    demo: object = True
    redirects: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)


@pytest.fixture
def heard() -> Iterator[Heard]:
    heard = Heard()

    class Hearing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.requests.append((self.command, self.path, self.headers["Authorization"]))
            body = json.dumps({"demo": heard.demo}).encode()
            elsewhere = heard.redirects.get(self.path)
            self.send_response(307 if elsewhere else 200)
            if elsewhere:
                self.send_header("Location", elsewhere)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_DELETE = do_GET

        def log_message(self, *_arguments: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Hearing) as server:
        heard.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield heard
        server.shutdown()
        thread.join()
