"""The Russian catalogue: `python -m tools.catalogue` gathers and compiles messages, `--check` lists what is amiss."""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages import pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo, write_mo

from emkcli.commands import entries
from emkcli.commands._tree import documentation, functions_of

PACKAGE = Path(__file__).parent.parent / "emkcli"
PO = PACKAGE / "locale" / "ru" / "LC_MESSAGES" / "emk.po"
MO = PO.with_suffix(".mo")

HEADER = "# `make generate` keeps this file in step with the source."
# Written here, since every release of Babel spells it in its own way.
PLURALS = "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
MARKS = {"_": 1, "N_": 1, "ngettext": 2, "nN_": 2}
SAME_IN_RUSSIAN = {"EMK_KEYRING=off", "ID", "OID", "SHA-256", "chmod 600 {file}"}
FRAMEWORK = re.compile(r"\b(Usage|Options|Commands|Arguments|Error|Show this message|OPTIONS|COMMAND)\b")
KEPT = re.compile(r"\{[^{}]*\}|(?<![\w-])--[a-z][a-z-]*|\bEMK_[A-Z_]+")
CYRILLIC = re.compile("[а-яёА-ЯЁ]")
LATIN_WORD = re.compile("[A-Za-z]{2,}")
Id = str | tuple[str, str]


class Translation(NamedTuple):
    """What a catalogue says of one msgid, however its file is wrapped, ordered or escaped."""

    msgids: tuple[str, ...]
    forms: tuple[str, ...]
    fuzzy: bool


class Quiet(Catalog):
    """A catalogue whose header has no dates and no tool versions: only messages make a difference."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Language", "ru"),
            ("Plural-Forms", PLURALS),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]


def messages() -> list[Id]:
    """Every msgid of the source, sorted: the marked strings, and the docstrings that are help pages."""
    found: dict[str, Id] = {}
    for msgid in (*_marked_everywhere(), *_help_pages()):
        if isinstance(msgid, tuple) or msgid not in found:
            found[first(msgid)] = msgid
    return [found[key] for key in sorted(found) if key]


def first(msgid: Id | Iterable[str]) -> str:
    """The msgid itself, or the singular of a pair."""
    return msgid if isinstance(msgid, str) else next(iter(msgid))


def _marked_everywhere() -> Iterator[Id]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                yield from _marked(node, node.func.id, f"{path}:{node.lineno}")


def _marked(call: ast.Call, mark: str, place: str) -> Iterator[Id]:
    forms = call.args[: MARKS[mark]]
    if any(isinstance(form, ast.JoinedStr) for form in forms):
        raise SystemExit(f"{place}: an f-string cannot be translated")
    texts = [text for form in forms for text in _constants(form)]
    if MARKS[mark] == 1:
        yield from texts
    elif len(texts) == 2:
        yield (texts[0], texts[1])


def _constants(form: ast.expr) -> Iterator[str]:
    """The texts an argument may be: one, or either branch of a condition; a variable's are marked elsewhere."""
    if isinstance(form, ast.Constant) and isinstance(form.value, str):
        yield form.value
    elif isinstance(form, ast.IfExp):
        yield from _constants(form.body)
        yield from _constants(form.orelse)


def _help_pages() -> Iterator[str]:
    for entry in entries().values():
        yield from map(documentation, functions_of(entry).values())


def stored() -> Catalog:
    """The catalogue as it stands in the repository."""
    return _read(PO.read_bytes() if PO.exists() else b"")


def _read(po: bytes) -> Catalog:
    return pofile.read_po(io.BytesIO(po), locale="ru", domain="emk")


def merged(old: Catalog) -> Catalog:
    """The source's messages with the translations there are; what left the source leaves the catalogue."""
    new = _empty()
    for msgid in messages():
        known = old.get(first(msgid))
        kept = known if known is not None and known.pluralizable == isinstance(msgid, tuple) else None
        new.add(msgid, kept.string if kept else None, flags={"fuzzy"} if kept and kept.fuzzy else ())
    return new


def _empty() -> Quiet:
    return Quiet(locale="ru", domain="emk", header_comment=HEADER, fuzzy=False)


def as_po(catalogue: Catalog) -> bytes:
    """The text of the .po file."""
    buffer = io.BytesIO()
    pofile.write_po(buffer, catalogue, width=120, no_location=True, sort_output=True)
    return buffer.getvalue().rstrip() + b"\n"


def as_mo(catalogue: Catalog) -> bytes:
    """The compiled catalogue."""
    quiet, buffer = _empty(), io.BytesIO()
    for message in catalogue:
        if message.id:
            quiet.add(message.id, message.string, flags=message.flags)
    write_mo(buffer, quiet)
    return buffer.getvalue()


def meaning(catalogue: Catalog) -> dict[str, Translation]:
    """Every message but the header, by its singular: what two files must agree in, whichever tool wrote them."""
    return {
        first(message.id): Translation(_forms(message.id), _forms(message.string), message.fuzzy)
        for message in catalogue
        if message.id
    }


def _forms(text: str | Iterable[str] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def problems() -> list[str]:
    """What `--check` complains about; empty when the catalogue is complete and fresh."""
    current = stored()
    found = [] if meaning(merged(current)) == meaning(current) else [f"{PO.name} is stale, run make generate"]
    if not MO.exists() or not _compiled_from(current):
        found.append(f"{MO.name} is stale, run make generate")
    known = {first(message.id) for message in current if message.id}
    found += [f"not in the catalogue: {first(msgid)!r}" for msgid in messages() if first(msgid) not in known]
    return found + [
        f"{complaint}: {first(message.id)!r}" for message in current if message.id for complaint in wrong(message)
    ]


def _compiled_from(current: Catalog) -> bool:
    compiled = MO.read_bytes()
    finished = {key: said for key, said in meaning(current).items() if all(said.forms) and not said.fuzzy}
    return PLURALS.encode() in compiled and meaning(read_mo(io.BytesIO(compiled))) == finished


def wrong(message: Message) -> Iterator[str]:
    forms = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    source = message.id if isinstance(message.id, str) else message.id[-1]
    if not all(forms):
        yield "not translated"
        return
    if message.fuzzy:
        yield "fuzzy"
    for form in forms:
        yield from _wrong_form(source, form)


def _wrong_form(source: str, form: str) -> Iterator[str]:
    if set(KEPT.findall(source)) != set(KEPT.findall(form)):
        yield "another {placeholder}, --option or EMK_VARIABLE in the translation"
    if FRAMEWORK.search(form):
        yield "an English framework word in the translation"
    prose = source not in SAME_IN_RUSSIAN and LATIN_WORD.search(KEPT.sub("", source))
    if prose and (form == source or not CYRILLIC.search(form)):
        yield "still in English"


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        found = problems()
        sys.stderr.write("".join(f"{problem}\n" for problem in found))
        return 1 if found else 0
    catalogue = merged(stored())
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(as_po(catalogue))
    MO.write_bytes(as_mo(stored()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
