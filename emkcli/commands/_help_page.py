"""What a help page says, and how it looks on a terminal; the words themselves stand with the commands."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from typer._click.formatting import HelpFormatter

from emkcli.app import App
from emkcli.commands import COMMANDS, JOURNEY
from emkcli.commands._command import Spec
from emkcli.locale import N_, _
from emkcli.presentation import terminal

START = {
    "emk demo --keep": N_("an invented patient's card, to try everything on"),
    "emk next": N_("your own next step"),
}
"""Where to begin; the first page says nothing about these words twice."""
UNBREAKABLE = "\N{NON-BREAKING HYPHEN}"
"""Stands for a hyphen while lines are broken: `--no-input` is one word."""
MANUAL_SECTION = "1"
"""Of the manual: commands a person types."""
REFERENCE = "docs/reference/commands.md"
SOURCES = Path(__file__).parents[2]
"""Of a checkout; what is installed has no page of the reference to lead to."""
_WORD = re.compile(r"(?:'[^']*'|\S)+")
_OPENING = re.compile(r"[-|>]")
"""An option, a pipe and a redirection begin a line where a command is broken."""
Rows = Sequence[tuple[str, str]]


class HelpPage(HelpFormatter):
    """Typer's formatter with headings, words and links as a terminal shows them; elsewhere the bare text."""

    def __init__(self, *, width: int | None, max_width: int | None, coloured: bool) -> None:
        super().__init__(width=width, max_width=max_width)
        self.coloured = coloured

    def paint(self, text: str, style: str) -> str:
        return terminal.paint(text, style) if self.coloured else text

    def write_text(self, text: str) -> None:
        super().write_text(_unbreakable(text))

    def getvalue(self) -> str:
        return super().getvalue().replace(UNBREAKABLE, "-")

    def write_heading(self, heading: str) -> None:
        self.write(self.paint(f"{heading}:", "bold") + "\n")

    def write_rows(self, title: str, rows: Rows) -> None:
        if rows:
            with self.section(title):
                self.write_dl([(self.paint(word, "cyan"), _unbreakable(text)) for word, text in rows])

    def write_dl(self, rows: Sequence[tuple[str, str]], *args: Any, **options: Any) -> None:
        super().write_dl([(self._within(word), text) for word, text in rows], *args, **options)

    def _within(self, word: str) -> str:
        """A list of words that is wider than the page, broken behind one of them."""
        room = self.width - self.current_indent
        if len(word) <= room:
            return word
        choices = re.findall(r"[^|]+\|?", word)
        return f"\n{'':{self.current_indent + 2}}".join(_filled(choices, room - 2))

    def write_names(self, title: str, names: Sequence[str]) -> None:
        """Names alone, in the line of their title, which takes no more room when it is coloured."""
        place, heading = len(self.buffer), f"{title}:"
        self.write_text(f"{heading} {' '.join(names)}")
        written = "".join(self.buffer[place:])
        self.buffer[place:] = [written.replace(heading, self.paint(heading, "bold"), 1)]

    def write_examples(self, lines: Sequence[str]) -> None:
        """As they are to be copied: one that is too long for a line is continued as a shell reads it."""
        if lines:
            with self.section(_("Examples")):
                self.write("".join(f"  {_continued(line, self.width - 2)}\n" for line in lines))

    def write_exit_codes(self, codes: Sequence[int]) -> None:
        from emkcli.presentation.topics.exit_code_table import ANY_RUN, MEANINGS

        self.write_rows(_("Exit codes"), [(str(code), _(MEANINGS[code])) for code in codes])
        any_run = ", ".join(map(str, ANY_RUN))
        self.write_text(_("Any run: {codes} (emk help exit-codes).").format(codes=any_run))

    def write_manual(self, word: str) -> None:
        """Where the whole of it is written: the page of `man`, and that of the reference."""
        page = f"emk-{word}" if word else "emk"
        places = (
            self.link(f"man {page}", f"man:{page}({MANUAL_SECTION})"),
            self.link(REFERENCE, f"{SOURCES.as_uri()}/{REFERENCE}") if (SOURCES / REFERENCE).exists() else REFERENCE,
        )
        heading = _("Manual:")
        between = " · " if len(f"{heading} man {page} · {REFERENCE}") <= self.width else "\n  "
        self.write_paragraph()
        self.write(f"{self.paint(heading, 'bold')} {between.join(places)}\n")

    def link(self, text: str, address: str) -> str:
        return terminal.link(text, address) if self.coloured else text


def _continued(command: str, room: int) -> str:
    if len(command) <= room:
        return command
    pieces: list[str] = []
    for word in _WORD.findall(command):
        if not pieces or _OPENING.match(word):
            pieces.append(f"{word} ")
        else:
            pieces[-1] += f"{word} "
    return "\\\n      ".join(_filled(pieces, room - 4)).rstrip()


def _filled(pieces: Iterable[str], room: int) -> list[str]:
    """Pieces in as few lines as there is room for."""
    lines = [""]
    for piece in pieces:
        if lines[-1] and len(lines[-1]) + len(piece) > room:
            lines.append("")
        lines[-1] += piece
    return lines


def _unbreakable(text: str) -> str:
    return text.replace("-", UNBREAKABLE)


def is_coloured(app: App) -> bool:
    """Where a terminal shows it; what becomes a document is bare."""
    return "output" not in app.given and terminal.colour(app.settings.color, app.stdout, app.environ)


def for_context(ctx: Any) -> HelpPage:
    coloured = is_coloured(ctx.find_root().obj)
    return HelpPage(width=ctx.terminal_width, max_width=ctx.max_content_width, coloured=coloured)


def write_start(page: HelpPage) -> None:
    """`emk` alone: where to begin, the journey, and the names of the rest, on one screen."""
    page.write_rows(_("Begin here"), [(line, _(why)) for line, why in START.items()])
    begun = {line.split()[1] for line in START}
    journey = [(entry.name, _(entry.help)) for entry in COMMANDS[JOURNEY] if entry.name not in begun]
    page.write_rows(_(JOURNEY), journey)
    page.write_paragraph()
    for title, members in COMMANDS.items():
        if title != JOURNEY:
            page.write_names(_(title), [entry.name for entry in members])
    page.write_text(_("Options, and what each word is for: emk --help, emk help WORD."))


def of_command(page: HelpPage, spec: Spec, word: str) -> None:
    """What stands below the options of one command."""
    page.write_examples(spec.examples)
    page.write_exit_codes(spec.exit_codes)
    page.write_manual(word)
