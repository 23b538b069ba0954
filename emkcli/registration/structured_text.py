"""TOML, JSON and YAML with one level of tables, as flat names with their values and lines."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# A person file has 16 names; looking for thousands of them would take minutes.
MOST_NAMES = 100
# tomllib keeps every beginning of a dotted name: of 32,000 parts in a row that is gigabytes.
MOST_DOTS = 100

# As it is written in Russia, and in YAML needs no quotes either.
BARE_DATE = re.compile(r"^([ \t]*[a-z_.]+[ \t]*=[ \t]*)([0-9]{2}\.[0-9]{2}\.[0-9]{4})(?=[ \t\r]*(?:#|$))", re.MULTILINE)


class Malformed(Exception):
    """The text is not the format it claims to be; `reason` is the parser's word and may quote the text."""

    def __init__(self, reason: str = "", line: int | None = None, column: int | None = None) -> None:
        self.reason, self.line, self.column = reason, line, column


def parse(text: str, form: str) -> tuple[dict[str, Any], dict[str, int]]:
    """`{"passport.series": "4510", …}` and the line of each name; `form` is `TOML`, `JSON` or `YAML`."""
    return PARSERS[form](text)


def guess(text: str) -> str:
    """The format of unnamed text, by its first line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if lines and lines[0].startswith("{"):
        return "JSON"
    if lines and re.match(r"---|[\w\"']+\s*:(\s|$)", lines[0]):
        return "YAML"
    return "TOML"


def _flat(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", content) for inner, content in value.items())
        else:
            yield name, value


def _toml(text: str) -> tuple[dict[str, Any], dict[str, int]]:
    import tomllib

    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MOST_DOTS:
            raise Malformed("", number)
    try:
        values = dict(_flat(tomllib.loads(BARE_DATE.sub(r'\1"\2"', text))))
    except (ValueError, RecursionError) as failure:
        raise _toml_malformed(str(failure), text) from None
    return values, _lines(text, values, "=")


def _toml_malformed(complaint: str, text: str) -> Malformed:
    if match := re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", complaint, re.DOTALL):
        return Malformed(match[1], int(match[2]), int(match[3]))
    last = text.rstrip("\n").split("\n")
    return Malformed(complaint.partition(" (at ")[0], len(last), len(last[-1]) + 1)


def _json(text: str) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        tree = json.loads(text, object_pairs_hook=_Pairs)
    except json.JSONDecodeError as failure:
        raise Malformed(failure.msg, failure.lineno, failure.colno) from None
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(tree, _Pairs):
        raise Malformed("names and values are expected", 1, 1)
    for pairs in (tree, *(value for _name, value in tree if isinstance(value, _Pairs))):
        _refuse_twice(pairs, text)
    values = dict(_flat({name: dict(value) if isinstance(value, _Pairs) else value for name, value in tree}))
    return values, _lines(text, values, ":")


class _Pairs(list[tuple[str, Any]]):
    """An object as it was written, names that stand twice included."""


def _refuse_twice(pairs: _Pairs, text: str) -> None:
    names: set[str] = set()
    for name, _value in pairs:
        if name in names:
            places = [match.start() for match in re.finditer(rf"{re.escape(json.dumps(name))}\s*:", text)]
            raise Malformed("a name stands twice", text.count("\n", 0, places[-1]) + 1 if places else None)
        names.add(name)


def _lines(text: str, names: Mapping[str, Any], sign: str) -> dict[str, int]:
    """Where each name stands: the parsers of TOML and JSON do not tell."""
    lines = {}
    for name in islice(names, MOST_NAMES):
        last = re.escape(name.rpartition(".")[2])
        if match := re.search(rf"(?:^|[{{,.])\s*[\"']?({last})[\"']?\s*{sign}", text, re.MULTILINE):
            lines[name] = text.count("\n", 0, match.start(1)) + 1
    return lines


def _yaml(text: str) -> tuple[dict[str, Any], dict[str, int]]:
    import yaml

    try:
        # Nodes instead of values: they keep the line, and neither bombs nor odd tags are ever built.
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as failure:
        raise _at(failure.problem_mark or failure.context_mark, failure.problem or "") from None
    except yaml.reader.ReaderError as failure:
        raise Malformed("", text.count("\n", 0, failure.position) + 1) from None
    except (ValueError, RecursionError):
        raise Malformed from None
    lines: dict[str, int] = {}
    return dict(_flat(_yaml_mapping(root, "", lines))) if root else {}, lines


def _at(mark: Any, reason: str) -> Malformed:
    return Malformed(reason, mark.line + 1, mark.column + 1) if mark else Malformed(reason)


def _yaml_mapping(node: Any, prefix: str, lines: dict[str, int]) -> dict[str, Any]:
    if node.id != "mapping":
        raise _at(node.start_mark, "names and values are expected")
    values: dict[str, Any] = {}
    for key, value in node.value:
        if key.id != "scalar":
            raise _at(key.start_mark, "names and values are expected")
        if key.value in values:
            raise _at(key.start_mark, "a name stands twice")
        lines[prefix + key.value] = key.start_mark.line + 1
        nested = value.id == "mapping" and not prefix
        values[key.value] = _yaml_mapping(value, f"{key.value}.", lines) if nested else _yaml_scalar(value)
    return values


def _yaml_scalar(node: Any) -> object:
    """The text as it stands; of anything that is no text only the type matters."""
    kind = node.tag.rpartition(":")[2] if node.id == "scalar" else ""
    texts = {"str": node.value, "timestamp": node.value, "null": None, "int": 0, "float": 0.0}
    return texts.get(kind, [])


PARSERS: dict[str, Callable[[str], tuple[dict[str, Any], dict[str, int]]]] = {
    "TOML": _toml,
    "JSON": _json,
    "YAML": _yaml,
}
