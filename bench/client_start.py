"""From nothing to the first answer of the embedded mock in Python, as a ratio to `import httpx`, in pairs that take turns.

    make bench          (or: .venv/bin/python -m bench.client_start)

Both are fresh interpreters with compiled bytecode and measured by CPU time, which a noisy neighbour moves least; the median
of the ratios of the pairs is printed. The person is activated, and the session is a ready token on a state file.
"""

from __future__ import annotations

import compileall
import os
import statistics
import sys
import tempfile
from pathlib import Path

import emkcli
from bench.startup import cpu
from emkcli.api import connect

PAIRS = 15
LIMIT = 2.5
FLOOR = "import httpx"
ANSWER = """\
from emkcli.api import connect
with connect("mock", state={state!r}, token={token!r}) as client:
    assert {answer}
"""
ANSWERS = {
    "connect() and whose account it is": "client.accounts.account().id",
    "connect() and the first result of labs()": "next(iter(client.card.labs())).id",
}
"""The second reads and sorts every result of the card: some five hundred."""


def main() -> None:
    compileall.compile_dir(str(Path(emkcli.__file__).parent), quiet=2)
    with tempfile.TemporaryDirectory() as folder:
        state = str(Path(folder) / "mock.sqlite3")
        token = activated(state)
        print(f"{'CPU time, median of ' + str(PAIRS) + ' pairs with ' + FLOOR:52} {'ms':>6}  {'ratio':>6}  limit")
        over = [
            name
            for name, answer in ANSWERS.items()
            if report(name, ANSWER.format(state=state, token=token, answer=answer)) > LIMIT
        ]
    if over:
        raise SystemExit(f"over the limit: {', '.join(over)}")


def report(name: str, program: str) -> float:
    """The ratio, printed."""
    ratio, spent = measure([sys.executable, "-c", FLOOR], [sys.executable, "-c", program])
    print(f"{name:52} {spent * 1000:6.0f}  {ratio:6.2f}  {LIMIT}")
    return ratio


def activated(state: str) -> str:
    """The access token of somebody invented whose card is open."""
    with connect("mock", state=state) as client:
        phone = client.wire.json("POST", "/mock/seed", json={"state": "activated"})["phone"]
        challenge = client.identity.challenge("sms", phone)
        code = next(m["code"] for m in client.wire.json("GET", "/mock/inbox")["items"] if m["code"])
        return client.identity.exchange_code(challenge.id, code).access_token


def measure(floor: list[str], program: list[str]) -> tuple[float, float]:
    """The ratio, and the seconds of the program."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("EMK_", "PYTHONDONTWRITE"))
    }
    pairs = [(cpu(floor, environment), cpu(program, environment)) for _ in range(PAIRS + 1)][1:]
    return statistics.median(spent / least for least, spent in pairs), statistics.median(
        spent for _least, spent in pairs
    )


if __name__ == "__main__":
    main()
