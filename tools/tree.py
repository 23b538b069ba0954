"""What can stand on a line of `emk`: every command with its options and arguments, and the words that fit each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from emkcli import locale
from emkcli.api import recipes
from emkcli.commands import entries
from emkcli.commands._tree import HELP_NAMES, load, root
from emkcli.config.output_formats import OUTPUT_FORMATS
from emkcli.config.settings import SETTING_NAMES
from emkcli.mock.physicians import SPECIALTIES
from emkcli.models import CATEGORIES
from emkcli.presentation.render import schemas
from emkcli.presentation.topics import TOPICS

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OFFERED: dict[str, tuple[str, ...]] = {
    "--backend NAME": (*recipes.BUILT_IN, "local"),
    "--output FORMAT": tuple(OUTPUT_FORMATS),
    "--category LIST": tuple(CATEGORIES),
    "--specialty SLUG": tuple(SPECIALTIES),
    "--method METHOD": METHODS,
    "method METHOD": METHODS,
    "key KEY": SETTING_NAMES,
    "subject TOPIC|COMMAND": (*TOPICS, *entries()),
    "kind KIND": tuple(name for kind in schemas.kinds() for name in (kind, f"{kind}_list") if name != "error_list"),
}
"""The words of a parameter that its parser does not know: by its longest name and its metavar."""

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

WORD = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True)
class Parameter:
    """An option or an argument; `files` is `file` or `dir` where a path is expected."""

    names: tuple[str, ...]
    help: str
    metavar: str = ""
    words: tuple[str, ...] = ()
    files: str = ""
    repeats: bool = False
    listed: str = ""
    """The kind of `emkcli.usecases.tab_values` that fits."""

    @property
    def takes_value(self) -> bool:
        return bool(self.metavar)


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


def tree() -> Tree:
    """The whole command line, in English."""
    locale.use("en")
    shared = (*(_parameter(option) for option in root().shared), Parameter(tuple(HELP_NAMES), "show help and exit"))
    commands = tuple(_node((entry.name,), load(entry), entry.help) for entry in entries().values())
    version = Parameter(("-V", "--version"), "print the version and exit")
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
        _words(parameter, names[-1], metavar) if metavar else (),
        _files(metavar, is_option),
        parameter.multiple if is_option else parameter.nargs != 1,
        TAB_VALUES.get(f"{names[-1]} {metavar}", ""),
    )


def _words(parameter: Any, name: str, metavar: str) -> tuple[str, ...]:
    """What the option's own parser accepts, when it was made of words; else the lower-case words of its metavar."""
    parser = parameter.type_descriptor.parameter_info.parser
    made_of = getattr(parser, "__name__", "").split("|") if parser else []
    if made_of and all(WORD.fullmatch(word) for word in made_of):
        return tuple(made_of)
    return OFFERED.get(f"{name} {metavar}") or tuple(word for word in metavar.split("|") if WORD.fullmatch(word))


def _files(metavar: str, is_option: bool) -> str:
    kinds = metavar.split("|")
    if "FILE" in kinds or ("PATH" in kinds and is_option):
        return "file"
    return "dir" if "DIR" in kinds else ""


def _sentence(text: str) -> str:
    """The first paragraph, without the full stop, short enough for a line of completions."""
    first = text.split("\n\n")[0].removesuffix(".")
    short, stop, _rest = first.partition(". ")
    return short if stop else first
