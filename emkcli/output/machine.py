"""JSON, JSON lines and YAML: the same document, written item by item."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from emkcli import terminal
from emkcli.output import document, jsontext
from emkcli.security import untrusted_text

if TYPE_CHECKING:
    from emkcli.output.context import Context
    from emkcli.output.flow import Flow
    from emkcli.output.shape import Shape
    from emkcli.output.thing import Thing

Write = Callable[[str], Any]


def json_single(thing: Thing, context: Context, write: Write) -> None:
    json_value(document.single(thing.kind, thing.item, context, dry_run=thing.dry_run), context, write)


def json_value(value: Any, context: Context, write: Write) -> None:
    """One whole JSON value; indented for a reader at a terminal."""
    write(jsontext.text(value, context.stdout, pretty=context.is_tty) + "\n")


def json_list(flow: Flow, shape: Shape, context: Context, write: Write) -> None:
    """The document of a list without ever holding its items."""
    colon = ": " if context.is_tty else ":"
    write("{" + _members(document.head(f"{shape.kind}_list", context, flow.person), context))
    write(f',{_line(context, 1)}"items"{colon}[')
    for number, item in enumerate(flow):
        text = jsontext.text(item, context.stdout, pretty=context.is_tty)
        write(("," if number else "") + _line(context, 2) + text.replace("\n", "\n    "))
    write((_line(context, 1) if flow.printed else "") + "],")
    write(_members(document.counts(flow) | document.tail(context), context) + _line(context, 0) + "}\n")


def _members(members: dict[str, Any], context: Context) -> str:
    text = jsontext.text(members, context.stdout, pretty=context.is_tty)
    return text[1:-1].rstrip("\n")


def _line(context: Context, depth: int) -> str:
    return "\n" + "  " * depth if context.is_tty else ""


def jsonl_single(thing: Thing, context: Context, write: Write) -> None:
    jsonl_value(thing.item, context, write)


def jsonl_list(flow: Iterable[Any], shape: Shape, context: Context, write: Write) -> None:
    for item in flow:
        jsonl_value(item, context, write)


def jsonl_value(value: Any, context: Context, write: Write) -> None:
    write(jsontext.text(value, context.stdout) + "\n")


def yaml_single(thing: Thing, context: Context, write: Write) -> None:
    yaml_value(document.single(thing.kind, thing.item, context, dry_run=thing.dry_run), context, write)


def yaml_value(value: Any, context: Context, write: Write) -> None:
    text = _yaml(value, unicode=True)
    write(text if terminal.can_encode(text, context.stdout) else _yaml(value, unicode=False))


def yaml_list(flow: Flow, shape: Shape, context: Context, write: Write) -> None:
    yaml_value(document.head(f"{shape.kind}_list", context, flow.person), context, write)
    for number, item in enumerate(flow):
        write("" if number else "items:\n")
        yaml_value([item], context, write)
    write("" if flow.printed else "items: []\n")
    yaml_value(document.counts(flow) | document.tail(context), context, write)


def _yaml(value: Any, *, unicode: bool) -> str:
    import yaml

    text: str = yaml.dump(
        value, Dumper=_dumper(), allow_unicode=unicode, sort_keys=False, width=2**30, default_flow_style=False
    )
    return untrusted_text.UNSAFE.sub(untrusted_text.visible, text)


@cache
def _dumper() -> Any:
    import yaml

    fastest: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    dumper = type("Dumper", (fastest,), {"ignore_aliases": lambda self, data: True})
    yaml.add_representer(str, _yaml_text, Dumper=dumper)
    return dumper


def _yaml_text(dumper: Any, text: str) -> Any:
    """Quoted where some reader would take a string for a number, or a terminal would obey it."""
    style = '"' if untrusted_text.UNSAFE.search(text) else "'" if text[:1] in set("+-.0123456789") else None
    whole = text.encode("utf-8", "replace").decode()
    return dumper.represent_scalar("tag:yaml.org,2002:str", whole, style=style)
