"""JSON, JSON lines and YAML: the same document, written item by item."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from emkcli.presentation import terminal
from emkcli.presentation.render import json_document
from emkcli.presentation.render.writers import Write, Writer
from emkcli.security import safe_text

if TYPE_CHECKING:
    from emkcli.presentation.render.context import Context
    from emkcli.presentation.render.flow import Flow, Thing
    from emkcli.presentation.render.shape import Shape


class Json(Writer):
    """One document; indented for a reader at a terminal."""

    def single(self, thing: Thing, context: Context, write: Write) -> None:
        self.result(json_document.single(thing.kind, thing.item, context, dry_run=thing.dry_run), context, write)

    def result(self, result: Any, context: Context, write: Write) -> None:
        write(json_document.text(result, context.stdout, pretty=context.is_tty) + "\n")

    def listing(self, flow: Flow, shape: Shape, context: Context, write: Write) -> None:
        """The document of a list without ever holding its items."""
        colon = ": " if context.is_tty else ":"
        write("{" + _members(json_document.head(f"{shape.kind}_list", context, flow.person), context))
        write(f',{_line(context, 1)}"items"{colon}[')
        for number, item in enumerate(flow):
            text = json_document.text(item, context.stdout, pretty=context.is_tty)
            write(("," if number else "") + _line(context, 2) + text.replace("\n", "\n    "))
        write((_line(context, 1) if flow.printed else "") + "],")
        write(_members(json_document.counts(flow) | json_document.tail(context), context) + _line(context, 0) + "}\n")


class JsonLines(Writer):
    """An object a line, and no document around them."""

    def single(self, thing: Thing, context: Context, write: Write) -> None:
        self._lines([thing.item], context, write)

    def result(self, result: Any, context: Context, write: Write) -> None:
        self._lines(result if isinstance(result, list) else [result], context, write)

    def listing(self, flow: Flow, shape: Shape, context: Context, write: Write) -> None:
        self._lines(flow, context, write)

    def _lines(self, values: Iterable[Any], context: Context, write: Write) -> None:
        for value in values:
            write(json_document.text(value, context.stdout) + "\n")


class Yaml(Writer):
    """The same document as JSON."""

    def single(self, thing: Thing, context: Context, write: Write) -> None:
        self.result(json_document.single(thing.kind, thing.item, context, dry_run=thing.dry_run), context, write)

    def result(self, result: Any, context: Context, write: Write) -> None:
        text = _yaml(result, unicode=True)
        write(text if terminal.can_encode(text, context.stdout) else _yaml(result, unicode=False))

    def listing(self, flow: Flow, shape: Shape, context: Context, write: Write) -> None:
        self.result(json_document.head(f"{shape.kind}_list", context, flow.person), context, write)
        for number, item in enumerate(flow):
            write("" if number else "items:\n")
            self.result([item], context, write)
        write("" if flow.printed else "items: []\n")
        self.result(json_document.counts(flow) | json_document.tail(context), context, write)


JSON, JSONL, YAML = Json(), JsonLines(), Yaml()


def _members(members: dict[str, Any], context: Context) -> str:
    text = json_document.text(members, context.stdout, pretty=context.is_tty)
    return text[1:-1].rstrip("\n")


def _line(context: Context, depth: int) -> str:
    return "\n" + "  " * depth if context.is_tty else ""


def _yaml(value: Any, *, unicode: bool) -> str:
    import yaml

    text: str = yaml.dump(
        value, Dumper=_dumper(), allow_unicode=unicode, sort_keys=False, width=2**30, default_flow_style=False
    )
    return safe_text.UNSAFE.sub(safe_text.visible_escape, text)


@cache
def _dumper() -> Any:
    import yaml

    fastest: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    dumper = type("Dumper", (fastest,), {"ignore_aliases": lambda self, data: True})
    yaml.add_representer(str, _yaml_text, Dumper=dumper)
    return dumper


def _yaml_text(dumper: Any, text: str) -> Any:
    """Quoted where some reader would take a string for a number, or a terminal would obey it."""
    style = '"' if safe_text.UNSAFE.search(text) else "'" if text[:1] in set("+-.0123456789") else None
    encodable = text.encode("utf-8", "replace").decode()
    return dumper.represent_scalar("tag:yaml.org,2002:str", encodable, style=style)
