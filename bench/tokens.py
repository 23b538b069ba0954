"""Sessions under load: parallel runs with an expired token refresh once, and a hundred runs log in never.

    .venv/bin/python -m bench.tokens [--rounds N] [--encrypted]

The server is a real `emk mock serve`. Each round forks 8 processes of a program that has imported `emk` already; each
calls `main(["status"])` as if just started, at the same moment. A tenth of the rounds start real `emk` processes instead.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

PARALLEL = 8
EMK = [sys.executable, "-m", "emkcli"]
STATUS = ["status", "-o", "json"]
REFRESH = "/oauth2/token"


class Server:
    """The mock behind a socket, its log and its clock."""

    def __init__(self, state: Path) -> None:
        serve = [*EMK, "mock", "serve", "--port", "0", "--state", str(state)]
        self.process = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.url: str = json.loads(self.process.stdout.readline())["url"]

    def log(self) -> list[dict[str, Any]]:
        """What was asked since the last time."""
        entries: list[dict[str, Any]] = httpx.get(f"{self.url}/mock/log").json()["items"]
        httpx.delete(f"{self.url}/mock/log")
        return entries

    def expire(self) -> None:
        httpx.post(f"{self.url}/mock/clock", json={"advance": 90 * 60}).raise_for_status()


def log_in(home: Path, server: Server, encrypted: bool) -> None:
    """This process and its children are one person at a machine without a keyring."""
    secret = home / "passphrase"
    secret.touch(0o600)
    secret.write_text("bench\n", encoding="utf-8")
    for name in [name for name in os.environ if name.startswith("EMK_")]:
        del os.environ[name]
    os.environ |= {"EMK_HOME": str(home), "EMK_KEYRING": "off", "EMK_URL": server.url, "LANG": "C.UTF-8"}
    os.environ |= {"EMK_PASSPHRASE_FILE": str(secret), "EMK_NO_INPUT": "1"}
    seeded = subprocess.check_output([*EMK, "mock", "seed", "-o", "json", "--query", "item.phone"], text=True)
    person = home / "login.toml"
    person.write_text(f"phone = {seeded.strip()}\n", encoding="utf-8")
    code = f"{sys.executable} -m emkcli mock inbox --code"
    place = ("--storage", "encrypted-file") if encrypted else ("--insecure-storage",)
    line = [*EMK, "login", "--from", str(person), "--code-command", code, *place]
    subprocess.run(line, check=True, capture_output=True)


def forked() -> list[int]:
    """Exit codes of runs that begin together, without the imports."""
    reading, writing = os.pipe()
    children = []
    for _one in range(PARALLEL):
        if (child := os.fork()) == 0:
            os.close(writing)
            os.read(reading, 1)
            _run_and_exit()
        children.append(child)
    os.close(reading)
    os.close(writing)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def _run_and_exit() -> None:
    from emkcli.cli import main

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os._exit(main(STATUS))


def started() -> list[int]:
    """The same with real processes."""
    running = [
        subprocess.Popen([*EMK, *STATUS], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for _one in range(PARALLEL)
    ]
    return [process.wait() for process in running]


def rounds(server: Server, wanted: int) -> None:
    refreshes, failures, seconds = [], 0, []
    for number in range(wanted):
        server.expire()
        server.log()
        began = time.perf_counter()
        codes = started() if number % 10 == 0 else forked()
        seconds.append(time.perf_counter() - began)
        failures += sum(code != 0 for code in codes)
        refreshes.append(sum(entry["path"] == REFRESH for entry in server.log()))
    exact = sum(count == 1 for count in refreshes)
    print(f"{PARALLEL} at once with an expired token, {wanted} rounds ({len(range(0, wanted, 10))} of real processes):")
    print(
        f"  exactly one refresh in {exact} rounds, {failures} failures; median round {statistics.median(seconds):.2f} s"
    )
    if (exact, failures) != (wanted, 0):
        raise SystemExit(1)


def logins(server: Server, runs: int) -> None:
    server.log()
    for _run in range(runs):
        subprocess.run([*EMK, "card", "labs", "--limit", "1"], check=True, capture_output=True)
    asked = [entry["path"] for entry in server.log()]
    count = sum(path.startswith("/oauth2/") for path in asked)
    print(f"{runs} runs of emk card labs: {count} logins or refreshes among {len(asked)} requests")
    if count:
        raise SystemExit(1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--encrypted", action="store_true", help="a session under a passphrase instead of a plain file")
    given = parser.parse_args()
    import emkcli.api.rest.accounts
    import emkcli.api.rest.identity
    import emkcli.api.rest.portal
    import emkcli.cli
    import emkcli.commands.status  # noqa: F401

    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "mock.sqlite3")
        try:
            log_in(Path(folder), server, given.encrypted)
            rounds(server, given.rounds)
            logins(server, given.runs)
        finally:
            server.process.terminate()
            server.process.wait()


if __name__ == "__main__":
    main()
