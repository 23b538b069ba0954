"""Help topics: prose in files beside this one, tables generated from the code they describe."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from textwrap import fill, wrap

from emkcli import locale
from emkcli.config.output_formats import OUTPUT_FORMATS
from emkcli.config.settings import SETTING_METADATA
from emkcli.locale import N_, _
from emkcli.presentation import terminal

TOPICS = {
    "exit-codes": N_("what each exit code means"),
    "environment": N_("the environment variables"),
    "formats": N_("output formats and export formats"),
    "headless": N_("servers, containers, SSH: sessions without a keyring"),
    "cron": N_("regular runs: what is new, what has changed"),
    "backends": N_("mock, http, gosuslugi, fhir, local: what each can do"),
    "glossary": N_("words of the portal and of the card"),
}
Rows = Iterable[tuple[str, str]]
NARROWEST, WIDTH = 7, 80
HEADING = re.compile(r"^[A-ZА-ЯЁ]{2,}(?: [A-ZА-ЯЁ]+)*(?= \(|$)", re.MULTILINE)


def index() -> str:
    """The topics there are."""
    return _table((name, _(title)) for name, title in TOPICS.items())


def text(topic: str, *, file_formats: Rows) -> str:
    """A topic in the language in force; `file_formats` are names with what they are."""
    generated = {
        "exit-codes": exit_codes,
        "environment": environment,
        "formats": lambda: formats(file_formats),
        "backends": backends,
    }
    return generated[topic]() if topic in generated else _prose(topic)


def with_headings(text: str) -> str:
    """A topic as a terminal shows it: a heading is what stands in capitals at the beginning of a line."""
    return HEADING.sub(lambda match: terminal.paint(match[0], "bold"), text)


def exit_codes() -> str:
    """Every exit code with its slugs, from the error classes themselves."""
    from emkcli.presentation.topics import exit_code_table

    return _table((str(code), slug, _(when)) for code, slug, when in exit_code_table.rows())


def environment() -> str:
    """Every variable, from the settings themselves."""
    rows = [(meta["env"], _(meta["help"])) for meta in SETTING_METADATA.values()]
    rows.append(("EMK_TOKEN", _("a ready access token; a file (EMK_TOKEN_FILE) is better")))
    rows.append(("EMK_HOME", _("one directory for settings, state and cache; otherwise the XDG directories")))
    rows.append(("NO_COLOR, CLICOLOR_FORCE", _("colour, when EMK_COLOR is not set")))
    return _table(sorted(rows))


def formats(file_formats: Rows) -> str:
    """The output formats and the file formats, each described where it is listed."""
    outputs = ((row.name, _(row.about)) for row in OUTPUT_FORMATS.values())
    prose = _prose("formats").replace("{output_formats}\n", _entries(outputs))
    return prose.replace("{file_formats}\n", _entries(file_formats))


def backends() -> str:
    """What each backend can do, and the settings of the one that has its own, from the settings themselves."""
    from emkcli.api import backend_settings

    rows = [(name, _(backend_settings.explained(name))) for name in backend_settings.names()]
    return _prose("backends") + "\n" + _table(rows)


def _prose(topic: str) -> str:
    return (Path(__file__).parent / f"{topic}.{locale.language()}.txt").read_text(encoding="utf-8")


def _entries(rows: Rows) -> str:
    """A name and what it is, in lines; several words stand above."""
    named = list(rows)
    width = max(NARROWEST, *(len(name) for name, _about in named if " " not in name))
    return "".join(_entry(name, about, width) for name, about in named)


def _entry(name: str, about: str, width: int) -> str:
    above, label = (f"  {name}\n", "") if " " in name else ("", name)
    first, margin = f"  {label:{width}} ", " " * (width + 3)
    lines = wrap(about, WIDTH, initial_indent=first, subsequent_indent=margin, break_on_hyphens=False)
    return above + "\n".join(lines) + "\n"


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    """Aligned columns, the last of them wrapped."""
    lines = list(rows)
    widths = [max(len(row[column]) for row in lines) for column in range(len(lines[0]) - 1)]
    margin = " " * sum(width + 2 for width in widths)
    return "".join(
        fill(
            row[-1],
            WIDTH,
            initial_indent="".join(f"{cell:{width}}  " for cell, width in zip(row, widths, strict=False)),
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        ).rstrip()
        + "\n"
        for row in lines
    )
