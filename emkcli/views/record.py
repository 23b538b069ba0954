"""One record as a person reads it: what it is, what it says, whose it is, and where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emkcli.locale import _
from emkcli.views import show
from emkcli.views.columns import Column, Detail, Item, label
from emkcli.views.document_header import header
from emkcli.views.generic import detail as fields
from emkcli.views.generic import pairs
from emkcli.views.parts import Bullets, Heading, Pairs, Part, Prose

_SOURCE = ("file", "document_id", "set_id", "version", "sha256")
_LAST = ("id",)


def visit(item: Item) -> list[Part]:
    """An examination as one reads it: who and when, then each text under its own heading."""
    parts: list[Part] = [pairs(item, ("date", "date_text", "status", "clinic", "doctor", "reason", *_LAST))]
    parts += _diagnoses(item)
    return [*parts, *_texts(item, "conclusion", "recommendations"), *ending(item)]


def study(item: Item) -> list[Part]:
    parts: list[Part] = [
        _title(item, "title"),
        pairs(
            item,
            ("kind", "date", "date_text", "status", "clinic", "doctor", *_LAST),
            {"kind": show.study_kind},
        ),
    ]
    return [*parts, *_texts(item, "description", "conclusion"), *ending(item)]


def other(item: Item) -> list[Part]:
    first = ("type", "value", "unit", "date", "status")
    parts = [_title(item, "title"), *_rest(item, first, ("title", "text"))]
    return [*parts, *_texts(item, "text"), *ending(item)]


def document(item: Item) -> list[Part]:
    names = [
        "type",
        "date",
        "date_text",
        "status",
        "version",
        "author",
        "clinic",
        "doctor",
        "patient.name",
        "patient.birth_date",
    ]
    if show.text(item.get("author")) == show.text(item.get("doctor")):
        names.remove("doctor")
    parts: list[Part] = [_title(item, "title"), pairs(item, (*names, *_LAST))]
    parts += _diagnoses(item)
    for section in item.get("sections") or []:
        parts += [Heading(show.text(section.get("title"))), Prose(show.dated(show.text(section.get("text"))))]
    parts += header(item)
    signed = Pairs(((label("signature"), signature(item.get("signature"))),))
    return [*parts, signed, *ending(item)]


def lab_result(item: Item) -> list[Part]:
    """The result in one line as the laboratory printed it, then the rest."""
    spread = item.get("reference")
    reference = f"[{limits}]" if isinstance(spread, Mapping) and (limits := show.reference(spread)) else ""
    measured = (show.text(item.get("value")), show.text(item.get("unit")), show.flag(item), reference)
    printed = ("analyte", "value", "unit", "flag", "reference", "value_number")
    first = (
        "collected_at",
        "status",
        "specimen",
        "method",
        "panel",
        "comment",
        "clinic",
        "doctor",
        "code",
        "code_system",
    )
    line = Prose("  ".join(filter(None, measured)))
    return [Heading(show.analyte(item)), line, *_rest(item, first, (*printed, "date")), *ending(item)]


def prescription(item: Item) -> list[Part]:
    """The steps of its dosage are said together, in the reader's language."""
    first = (
        *("kind", "number", "date", "status", "intent", "course", "refills", "expires_on", "ends_on"),
        *("form", "dose", "instructions", "quantity", "reason", "note"),
    )
    readable = {**item, "instructions": show.how_to_take(item)}
    return [Heading(show.named(item.get("medicine"))), *_rest(readable, first, ("medicine", "dosage")), *ending(item)]


def of(title: str, *first: str) -> Detail:
    """A record known by one field; those named come before the others, and none is left out."""

    def detail(item: Item) -> list[Part]:
        return [Heading(show.named(item.get(title), item.get("code"))), *_rest(item, first, (title,)), *ending(item)]

    return detail


def ending(item: Item) -> list[Part]:
    """What else the source says, and where it came from: the server, or the file with the document in it."""
    rest = _texts(item, "details") if item.get("details") else []
    origin = item.get("source")
    if not isinstance(origin, Mapping):
        return [*rest, pairs(item, ("source",))]
    return [*rest, Heading(label("source")), pairs(origin, _SOURCE)]


def _title(item: Item, name: str) -> Part:
    return Heading(show.text(item.get(name)))


def _rest(item: Item, first: Iterable[str], without: Iterable[str]) -> list[Part]:
    apart = {*without, *_LAST, "source", "details"}
    names = dict.fromkeys((*first, *(name for name in item if name not in apart), *_LAST))
    return fields({name: item.get(name) for name in names if name not in without})


def _diagnoses(item: Item) -> list[Part]:
    lines = tuple(show.text(diagnosis) for diagnosis in item.get("diagnoses") or [])
    return [Heading(label("diagnoses")), Bullets(lines)] if lines else []


def _texts(item: Item, *names: str) -> list[Part]:
    return [
        part
        for name in names
        if item.get(name)
        for part in (Heading(label(name)), Prose(show.dated(Column(name).cell(item))))
    ]


def signature(verdict: Any) -> str:
    if not isinstance(verdict, Mapping):
        return ""
    if not verdict.get("present"):
        return _("none")
    valid = verdict.get("valid")
    fits = _("fits the document; who may sign so (the certificate's chain) was not checked")
    checked = _("not checked") if valid is None else fits if valid else _("NOT valid: it does not fit the document")
    return ", ".join(filter(None, (show.text(verdict.get("signer")), checked)))
