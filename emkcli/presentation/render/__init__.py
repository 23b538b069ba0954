"""The only writer to stdout: whatever a command returned, in the format that was asked for.

A list is written item by item and in bounded memory, yet nothing reaches stdout before the last item is there: an error
in the middle leaves stdout empty instead of half a document (`Listing.live` is the exception it says it is). Writing
lets `BrokenPipeError` out; the caller turns it into exit code 141.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TextIO

from emkcli import results
from emkcli.config.output_formats import DOCUMENTS, OUTPUT_FORMATS
from emkcli.locale import _
from emkcli.presentation.delivery import deliver
from emkcli.presentation.render.context import Context, Voice
from emkcli.presentation.render.failures import flush_notices, notice, render_error
from emkcli.presentation.render.spool import Spool
from emkcli.presentation.render.writers import Write, writer_of

if TYPE_CHECKING:
    from emkcli.models import Model
    from emkcli.presentation.render.flow import Flow, Thing
    from emkcli.presentation.render.shape import Shape

__all__ = [
    "Context",
    "Rendered",
    "Voice",
    "check_options",
    "notice",
    "render",
    "render_error",
    "say",
    "schema",
]


@dataclass(frozen=True)
class Rendered:
    """How many items were printed and the exit code that follows."""

    count: int
    exit_code: int = 0
    has_envelope: bool = False


def render(value: Any, context: Context) -> Rendered:
    """Write what a command returned (see `emkcli.results`) and say on stderr what the format has no place for."""
    if isinstance(value, results.Outcome):
        return replace(render(value.value, context), exit_code=value.exit_code)
    check_options(context)
    rendered = Rendered(0) if value is None else _render(value, context)
    if not (context.has_envelope and rendered.has_envelope):
        flush_notices(context)
    return rendered


def check_options(context: Context, model: type[Model] | None = None) -> None:
    """`Usage` when `--fields` and `--query` exclude each other or cannot be understood by the `model` to be shown."""
    from emkcli import errors

    if context.fields is not None and context.query is not None:
        raise errors.Usage(_("--fields and --query exclude each other."))
    if context.query is not None:
        from emkcli.presentation.render import jmespath_query

        jmespath_query.check(context.query)
    if model is not None and context.fields is not None:
        from emkcli.views import paths

        paths.check(context.fields, paths.leaves(model))


def say(line: results.Line, stream: TextIO) -> None:
    """Write one line at once, for a command that goes on working."""
    from emkcli.presentation.render import json_document

    content = line.content
    deliver((content if isinstance(content, str) else json_document.text(content, stream)) + "\n", stream)


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document of `kind`; `NotFound` for a kind there is not."""
    from emkcli.presentation.render.schemas import of_kind

    return of_kind(kind)


def _render(value: Any, context: Context) -> Rendered:
    if isinstance(value, results.Text):
        return _text(value, context)
    if isinstance(value, results.Line):
        say(value, context.stdout)
        return Rendered(1)
    if isinstance(value, (results.Listing, results.Table)):
        return _many(value, context)
    return _one(_thing(value, context), context)


def _text(value: results.Text, context: Context) -> Rendered:
    """As it is; a terminal is shown no control characters."""
    structured = context.query is not None or context.fields is not None
    if structured or (context.output_given and not OUTPUT_FORMATS[context.format].as_is):
        return _one(_thing(results.Item(value.kind, {"text": value.text}), context), context)
    text = context.clean(value.text, multiline=True) if context.is_tty and not value.is_styled else value.text
    whole = text.endswith("\n") or not text or (value.exact and not context.is_tty)
    deliver(text if whole else f"{text}\n", context.stdout)
    return Rendered(1)


def _thing(value: Any, context: Context) -> Thing:
    from emkcli.presentation.render.flow import Thing, as_dict

    if isinstance(value, results.Item):
        return Thing(value.kind, as_dict(value.fields), fields=context.fields)
    if isinstance(value, results.DryRun):
        item = {**(as_dict(value.model) if value.model else {}), **value.would}
        return Thing(value.model.kind if value.model else value.kind, item, fields=context.fields, dry_run=True)
    return Thing(value.kind, as_dict(value), model=type(value), fields=context.fields)


def _one(thing: Thing, context: Context) -> Rendered:
    """A single thing is small: it is written to memory, then to stdout."""
    if thing.dry_run and not context.has_envelope:
        notice(_("Nothing was done (--dry-run)."), context)
    pieces: list[str] = []
    if context.query is not None:
        from emkcli.presentation.render import json_document

        document = json_document.single(thing.kind, thing.item, context, dry_run=thing.dry_run)
        count = _query(document, context, pieces.append)
    else:
        writer_of(context.format).single(thing, context, pieces.append)
        count = 1
    deliver("".join(pieces), context.stdout)
    return Rendered(count, has_envelope=True)


def _many(value: results.Listing | results.Table, context: Context) -> Rendered:
    from emkcli.presentation.render.flow import Flow

    shape = _shape(value, context)
    flow = Flow(value, shape.cut, is_for_a_screen=context.is_tty and context.output is None and context.query is None)
    live = flow.live and context.query is None and context.format not in DOCUMENTS
    with nullcontext() if live else Spool() as spool:
        write = spool.write if spool else lambda text: deliver(text, context.stdout)
        count = _write_many(flow, shape, context, write)
        if spool:
            spool.release(context.stdout)
    _say_size(flow, context)
    when_empty = value.exit_when_empty if not count else 0
    return Rendered(count, 12 if flow.incomplete else when_empty, has_envelope=True)


def _shape(value: results.Listing | results.Table, context: Context) -> Shape:
    from emkcli.presentation.render import shape

    if isinstance(value, results.Listing):
        return shape.of_model(value.model, context.fields)
    return shape.of_table(value, context.fields)


def _write_many(flow: Flow, shape: Shape, context: Context, write: Write) -> int:
    if context.query is not None:
        from emkcli.presentation.render import json_document

        return _query(json_document.listing(shape.kind, flow, context), context, write)
    writer_of(context.format).listing(flow, shape, context, write)
    return flow.printed


def _query(document: dict[str, Any], context: Context, write: Write) -> int:
    from emkcli.presentation.render import jmespath_query

    result = jmespath_query.search(context.query or "", document)
    writer_of(context.format).result(result, context, write)
    return len(result) if isinstance(result, list) else int(result is not None)


def _say_size(flow: Flow, context: Context) -> None:
    """What a document says in `total` and `truncated`, for the formats without them."""
    if context.has_envelope:
        return
    if flow.total > flow.printed:
        size = _("showing {shown} of {total}").format(shown=flow.printed, total=flow.total)
        notice(f"{size} (--all, --limit N)" if flow.is_screenful else size, context)
    elif not flow.printed and context.is_tty:
        notice(_("no records"), context)
    if flow.without and context.is_tty:
        notice(_("no room for: {columns} (-o plain)").format(columns=", ".join(flow.without)), context)
