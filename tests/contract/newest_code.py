"""What `emk mock inbox --code` prints, in a tenth of its time: the newest SMS code behind the door the environment names."""

import os
from pathlib import Path


def embedded(home: str) -> str:
    import sqlite3

    state = sqlite3.connect(Path(home) / "state" / "mock.sqlite3")
    (code,) = state.execute("SELECT code FROM inbox WHERE code IS NOT NULL ORDER BY id DESC").fetchone()
    return str(code)


def served(url: str) -> str:
    import json
    from http.client import HTTPConnection

    connection = HTTPConnection(url.partition("//")[2])
    connection.request("GET", "/mock/inbox")
    return next(str(one["code"]) for one in json.load(connection.getresponse())["items"] if one["code"])


if __name__ == "__main__":
    print(served(url) if (url := os.environ.get("EMK_URL")) else embedded(os.environ["EMK_HOME"]))  # noqa: T201
