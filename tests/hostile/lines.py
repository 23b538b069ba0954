"""Lines nobody should type: the whole tree is walked, and every option gets what it does not expect."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import cycle, islice

from tests.hostile.runs import Line
from tools.tree import Node, Parameter, tree

VALUES = (
    *("", " ", "-", "--", "0", "-1", "1", "99999999999999999999", "1e400", "nan", "-inf", "٣", "²"),
    *("2026-13-45", "0000-00-00", "9999-12-31", "0001-01-01", "99999999y", "-5d", "last", "today", "31.12.2026"),
    *(
        "~nosuch",
        "~nosuch/x",
        "/dev/null",
        "/dev/full",
        "/nonexistent/x",
        ".",
        "..",
        "../..",
        "x/../y",
        "\udcff\udcfe",
        "a\x00b",
    ),
    *("http://[", "https://user:password@host", "https://h:99999/", "https://xn--/", "http://127.0.0.1:1", "ftp://x"),
    *("https://пример\udcff.рф", "file:///etc/passwd", "memory://x", "s3://", "age1nonsense", "passphrase"),
    *("x" * 5000, "%s%n", "{0}{name}", "$(true)", "'", '"', "💥", "\u202e", "\x1b[2J", "a\nb", "\ud800"),
    *(
        "labs",
        "gp-001",
        "Observation/1",
        "Observation/" + "1" * 70,
        "../Patient/1",
        "а",
        "items[",
        "items[*].{a:",
        "@",
        "id,,x",
    ),
    *(
        "json",
        "csv",
        "pdf",
        "ru",
        "mock",
        "http",
        "fhir",
        "local",
        "gosuslugi",
        "nosuch",
        "sh -c 'exit 3'",
        "true",
        "cat",
    ),
)
WAITING = {"mock serve", "config edit", "demo"}
"""Commands that wait for somebody, or take seconds: only lines that end before they begin."""
NO_SUCH = "--no-such-option"


def lines(seed: int, count: int) -> Iterator[Line]:
    """So many lines, of every command in turn."""
    whole = tree()
    commands = [node for node in whole.root.walk() if not node.words]
    chance = random.Random(seed)
    for node in islice(cycle(commands), count):
        yield _line(node, whole.shared, chance)


def _line(node: Node, shared: tuple[Parameter, ...], chance: random.Random) -> Line:
    words = [*node.path]
    for argument in node.arguments:
        if chance.random() < 0.9:
            words += [_value(argument, chance) for _turn in range(chance.choice((1, 1, 1, 2)))]
    for option in chance.choices([*node.options, *shared], k=chance.randrange(4)):
        words += _written(option, chance)
    if " ".join(node.path) in WAITING:
        words.append(NO_SUCH)
    if chance.random() < 0.5:
        words += ["-o", "json"]
    return Line(tuple(words), stdin=chance.choice((b"", b"\xff\xfe", b"000000\n", b'{"phone": 5}', b"[" * 5000)))


def _written(option: Parameter, chance: random.Random) -> list[str]:
    name = chance.choice(option.names)
    if name in ("--help", "-h", "--version"):
        return []
    return [name, _value(option, chance)] if option.takes_value else [name]


def _value(parameter: Parameter, chance: random.Random) -> str:
    """Now and then one that fits, so that the others are looked at."""
    if parameter.words and chance.random() < 0.4:
        return chance.choice(parameter.words)
    return chance.choice(VALUES)
