"""What can stand on a line of `emk`: every command with its options and arguments, and the words that fit each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from emkcli import locale
from emkcli.commands import entries
from emkcli.commands._tree import HELP_NAMES, load, root
from emkcli.locale import _
from emkcli.presentation.metavars import METAVARS
from tools.values import values

TAB_VALUES = {
    "--profile NAME": "profile",
    "--person ID": "person",
    "--clinic ID": "clinic",
    "--clinic ID|NAME": "clinic",
    "--to CLINIC": "clinic",
    "--doctor ID": "doctor",
    "--doctor ID|NAME": "doctor",
    "--record ID": "record",
    "--analyte NAME": "analyte",
    "clinic ID": "clinic",
    "doctor ID": "doctor",
    "person ID": "person",
    "record ID": "record",
    "analyte ANALYTE": "analyte",
}
"""The kind of what lists showed, as `emkcli.usecases.tab_values` keeps it, that fits a parameter."""


SENTENCE_END = re.compile(r"(?<!\bсм)\. ")
"""The abbreviation for "see" ends none in Russian."""


@dataclass(frozen=True)
class Parameter:
    """An option or an argument; `files` is `file` or `dir` where a path is expected."""

    names: tuple[str, ...]
    help: str
    metavar: str = ""
    values: tuple[tuple[str, str], ...] = ()
    """The words that fit, each with what it is."""
    files: str = ""
    repeats: bool = False
    listed: str = ""
    """The kind of `emkcli.usecases.tab_values` that fits."""

    @property
    def takes_value(self) -> bool:
        return bool(self.metavar)

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word for word, _description in self.values)


@dataclass(frozen=True)
class Node:
    """A command, a group or `emk` itself (whose path is empty)."""

    path: tuple[str, ...]
    help: str
    options: tuple[Parameter, ...] = ()
    arguments: tuple[Parameter, ...] = ()
    words: tuple[Node, ...] = ()

    def walk(self) -> Iterator[Node]:
        """This node and everything below it."""
        yield self
        for word in self.words:
            yield from word.walk()


@dataclass(frozen=True)
class Tree:
    """The root, and the options that every node takes."""

    root: Node
    shared: tuple[Parameter, ...]

    def commands(self) -> list[str]:
        """Every command with its group: `card`, `card labs`."""
        return [" ".join(node.path) for node in self.root.walk() if node.path]

    def valued(self) -> list[str]:
        """The options that want a value: a shared one by its name, another one after its command."""
        owned = [((), self.shared), *((node.path, node.options) for node in self.root.walk())]
        options = ((path, option) for path, group in owned for option in group if option.takes_value)
        return [" ".join((*path, name)) for path, option in options for name in option.names]


def tree(language: str = "en") -> Tree:
    """The whole command line, described in `en` or `ru`."""
    locale.use(language)
    shared = (
        *(_parameter(option) for option in root().shared),
        Parameter(tuple(HELP_NAMES), _("show this help and exit")),
    )
    commands = tuple(_node((entry.name,), load(entry), _(entry.help)) for entry in entries().values())
    version = Parameter(("-V", "--version"), _("print the version and exit"))
    return Tree(Node((), "", options=(version,), words=commands), shared)


def _node(path: tuple[str, ...], command: Any, text: str) -> Node:
    own = [parameter for parameter in command.params if parameter not in command.shared]
    names = command.list_commands(None) if hasattr(command, "list_commands") else ()
    below = [(name, command.get_command(None, name)) for name in names]
    return Node(
        path,
        _sentence(text),
        options=tuple(_parameter(p) for p in own if p.param_type_name == "option"),
        arguments=tuple(_parameter(p) for p in own if p.param_type_name == "argument"),
        words=tuple(_node((*path, name), leaf, leaf.help) for name, leaf in below),
    )


def _parameter(parameter: Any) -> Parameter:
    is_option = parameter.param_type_name == "option"
    names = tuple(sorted(parameter.opts, key=len)) if is_option else (parameter.name.rstrip("_"),)
    metavar = "" if is_option and parameter.is_flag else parameter.metavar or parameter.name.upper()
    return Parameter(
        names,
        _sentence(parameter.help or ""),
        metavar,
        values(parameter, names[-1], metavar) if metavar else (),
        _files(_in_english(metavar), is_option),
        parameter.multiple if is_option else parameter.nargs != 1,
        TAB_VALUES.get(f"{names[-1]} {_in_english(metavar)}", ""),
    )


def _in_english(metavar: str) -> str:
    """The metavar as the source has it, from the one in the language in force."""
    source = {_(word): word for word in METAVARS}
    return re.sub(r"\w+", lambda word: source.get(word[0], word[0]), metavar)


def _files(metavar: str, is_option: bool) -> str:
    kinds = metavar.split("|")
    if "FILE" in kinds or ("PATH" in kinds and is_option):
        return "file"
    return "dir" if "DIR" in kinds else ""


def _sentence(text: str) -> str:
    """The first paragraph, without the full stop, short enough for a line of completions."""
    first = text.split("\n\n")[0].removesuffix(".")
    return SENTENCE_END.split(first)[0]
