"""The Russian catalogue: `python -m tools.catalogue` gathers the messages and compiles them, `--check` finds what is amiss."""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

from babel.messages import pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo

from emkcli.commands import entries
from emkcli.commands._tree import documentation, functions_of

PACKAGE = Path(__file__).parent.parent / "emkcli"
PO = PACKAGE / "locale" / "ru" / "LC_MESSAGES" / "emk.po"
MO = PO.with_suffix(".mo")
HEADER = "Messages of emk; `make generate` keeps this file in step with the source."
BEFORE_TIME = datetime(2000, 1, 1, tzinfo=UTC)

FUNCTIONS = {"_": 1, "N_": 1, "ngettext": 2}
LATIN = {"Did you mean {near}?": False}
FRAMEWORK = ("Usage", "Options", "Commands", "Arguments", "Error", "Show this message", "[OPTIONS]", "COMMAND")
Id = str | tuple[str, str]


def messages() -> list[Id]:
    """Every msgid of the source, sorted: the marked strings, and the docstrings that are help pages."""
    found: dict[str, Id] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for msgid in _marked(path):
            found[_key(msgid)] = msgid if isinstance(msgid, tuple) else found.get(_key(msgid), msgid)
    for text in _help_pages():
        found.setdefault(text, text)
    return [found[key] for key in sorted(found) if key]


def _marked(path: Path) -> Iterator[Id]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            continue
        forms = node.args[: FUNCTIONS[node.func.id]]
        if any(isinstance(form, ast.JoinedStr) for form in forms):
            raise SystemExit(f"{path}:{node.lineno}: an f-string cannot be translated")
        texts = [text for form in forms for text in _constants(form)]
        if node.func.id == "ngettext" and len(texts) == 2:
            yield (texts[0], texts[1])
        elif node.func.id != "ngettext":
            yield from texts


def _constants(node: ast.expr) -> Iterator[str]:
    """The texts an argument may be: one, or either branch of a condition; a variable was marked elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)


def _help_pages() -> Iterator[str]:
    for entry in entries().values():
        yield from map(documentation, functions_of(entry).values())


def _key(msgid: Id) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]


def stored() -> Catalog:
    """The catalogue as it stands in the repository."""
    if not PO.exists():
        return Catalog(locale="ru", domain="emk")
    with PO.open("rb") as file:
        return pofile.read_po(file, locale="ru", domain="emk")


def merged(old: Catalog) -> Catalog:
    """The source's messages with the translations there are; what left the source leaves the catalogue."""
    new = Catalog(
        locale="ru",
        domain="emk",
        project="emk",
        header_comment=f"# {HEADER}",
        creation_date=BEFORE_TIME,
        revision_date=BEFORE_TIME,
        fuzzy=False,
    )
    for msgid in messages():
        known = old.get(_key(msgid))
        kept = known if known is not None and _same_shape(known, msgid) else None
        new.add(msgid, kept.string if kept else None, flags=kept.flags - {"python-brace-format"} if kept else ())
    return new


def _same_shape(known: Message, msgid: Id) -> bool:
    return isinstance(known.id, (tuple, list)) == isinstance(msgid, tuple)


def as_po(catalogue: Catalog) -> bytes:
    """The text of the .po file, without dates and generator names, so that only messages make a difference."""
    buffer = io.BytesIO()
    pofile.write_po(buffer, catalogue, width=120, no_location=True, sort_output=True, ignore_obsolete=True)
    dated = re.compile(rb'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid).*\n', re.M)
    return dated.sub(b"", buffer.getvalue())


def as_mo(po: bytes) -> bytes:
    """The compiled catalogue; its header is the .po file's, so it changes with the messages alone."""
    catalogue = pofile.read_po(io.BytesIO(po), locale="ru", domain="emk")
    lasting = [(name, value) for name, value in catalogue.mime_headers if name in {"Content-Type", "Language", "Plural-Forms"}]
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()
