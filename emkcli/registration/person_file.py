"""Reading a person file, where every complaint names the line and the field and never repeats a value."""

from __future__ import annotations

import codecs
import difflib
import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from emkcli import errors
from emkcli.locale import N_, _
from emkcli.registration import named_input
from emkcli.registration.person import BY_NAME, CONTACTS, Problem, RawPerson, check, refusal
from emkcli.registration.structured_text import Malformed, guess, parse

if TYPE_CHECKING:
    from typing import BinaryIO

LARGEST = 64 * 1024
FORMATS = {".toml": "TOML", ".json": "JSON", ".yaml": "YAML", ".yml": "YAML"}
# What the parsers say. Anything else they say may quote the file, so it is not repeated.
REASONS = {
    N_("Invalid value"),
    N_("Invalid statement"),
    N_("Expected '=' after a key in a key/value pair"),
    N_("Expected newline or end of document after a statement"),
    N_("Invalid initial character for a key part"),
    N_("Cannot overwrite a value"),
    N_("Unterminated string"),
    N_("Unclosed array"),
    N_("Unclosed inline table"),
    N_("Invalid date or datetime"),
    N_("Unescaped '\\' in a string"),
    N_("Expecting value"),
    N_("Expecting ',' delimiter"),
    N_("Expecting ':' delimiter"),
    N_("Expecting property name enclosed in double quotes"),
    N_("Extra data"),
    N_("Unterminated string starting at"),
    N_("Invalid control character at"),
    N_("mapping values are not allowed here"),
    N_("could not find expected ':'"),
    N_("found unexpected end of stream"),
    N_("but found another document"),
    N_("names and values are expected"),
    N_("a name stands twice"),
}


def read(path_or_dash: str, stdin: BinaryIO | None = None) -> RawPerson:
    """The fields a file (or `-`) gives, unchecked; unknown names and wrong types are refused all at once."""
    raw, problems = _fields(path_or_dash, stdin)
    if problems:
        # While there is something to correct anyway, say everything there is to correct.
        _texts, more = check(raw, BY_NAME, date.max)
        raise refusal([*problems, *more], raw.source)
    return raw


def read_changes(path_or_dash: str, stdin: BinaryIO | None, today: date) -> tuple[dict[str, str], list[str]]:
    """Canonical contacts and addresses a file gives, and the names of its other fields, which no update changes."""
    raw = read(path_or_dash, stdin)
    changes, problems = check(raw, CONTACTS, today)
    if problems:
        raise refusal(problems, raw.source)
    if not changes:
        fields = ", ".join(CONTACTS)
        raise errors.InvalidInput(_("{file}: nothing to change; give {fields}").format(file=raw.source, fields=fields))
    return changes, [name for name in BY_NAME if raw.given(name) and name not in CONTACTS]


def read_login(path_or_dash: str, stdin: BinaryIO | None = None) -> tuple[str, str]:
    """`("phone", …)` or `("snils", …)` from a person file; the phone wins, for that is where the code goes."""
    raw = read(path_or_dash, stdin)
    texts, problems = check(raw, ("phone", "snils"), date.max)
    if problems:
        raise refusal(problems, raw.source)
    for kind in ("phone", "snils"):
        if kind in texts:
            return kind, texts[kind]
    raise errors.InvalidInput(_("{file}: neither phone nor snils is given").format(file=raw.source))


def _fields(path_or_dash: str, stdin: BinaryIO | None) -> tuple[RawPerson, list[Problem]]:
    content = named_input.content(path_or_dash, LARGEST, _("larger than 64 KiB, so it is no person file"), stdin)
    text = _decoded(content, path_or_dash)
    source = named_input.shown(path_or_dash)
    form = FORMATS.get(Path(path_or_dash).suffix.lower()) or guess(text)
    try:
        values, lines = parse(text, form)
    except Malformed as malformed:
        _refuse(malformed, form, source)
    texts: dict[str, str] = {}
    problems = []
    for name, value in values.items():
        outcome = _text(name, value)
        if isinstance(outcome, Problem):
            problems.append(replace(outcome, line=lines.get(name)))
        elif outcome is not None:
            texts[name] = outcome
    return RawPerson(texts, lines, source), problems


def _decoded(content: bytes, path_or_dash: str) -> str:
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as failure:
        line = content[: failure.start].count(b"\n") + 1
        rule = _("line {line} is not UTF-8; save the file in UTF-8").format(line=line)
        raise named_input.refused(path_or_dash, rule) from None


def _refuse(malformed: Malformed, form: str, source: str) -> NoReturn:
    reason = _(malformed.reason) if malformed.reason in REASONS else _("the text does not follow the format")
    place = {"line": malformed.line, "column": malformed.column}
    message = _("{file}: not valid {format}: {reason}").format(file=source, format=form, reason=reason)
    if malformed.line is not None:
        message += " " + _("(line {line}, column {column})").format(line=malformed.line, column=malformed.column or 1)
    raise errors.InvalidInput(message, details={"format": form, **place}) from None


def _text(name: str, value: object) -> str | Problem | None:
    """A field's text, `None` for nothing, or what is wrong with its name or type."""
    if name == "passport":
        return None if value is None else Problem(name, _("a table is expected: series, number, issued_by, …"))
    if name not in BY_NAME:
        return _unknown(name)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Problem(name, _("a number would lose its leading zeros; put it in quotes"))
    return Problem(name, _("a text in quotes is expected"))


def _unknown(name: str) -> Problem:
    # A line typed in the wrong order may carry the value where the name belongs.
    safe_name = name if re.fullmatch(r"[a-z_A-Z.-]{1,40}", name) else "?"
    short = {field.removeprefix("passport."): field for field in BY_NAME} | {field: field for field in BY_NAME}
    near = difflib.get_close_matches(name.lower().replace("-", "_"), short, n=1)
    if near:
        return Problem(safe_name, _("unknown name; did you mean {name}?").format(name=short[near[0]]))
    return Problem(safe_name, _("unknown name; see `emk register --template`"))
