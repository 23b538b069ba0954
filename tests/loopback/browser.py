"""One request to an address on this machine, with whatever method, path and Host a test wants to send."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit


def ask(
    address: str, *, method: str = "GET", path: str | None = None, host: str | None = None
) -> http.client.HTTPResponse:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=5)
    connection.request(method, path or parts.path, headers={"Host": host or parts.netloc})
    answer = connection.getresponse()
    answer.page = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer
