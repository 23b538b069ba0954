"""The man pages, in both languages: `python -m tools.man_pages` writes them, `--check` fails when they are stale."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from emkcli import locale
from emkcli.app import App
from emkcli.commands import COMMANDS, Entry
from emkcli.commands._help_page import START
from emkcli.commands._parameters import argument_word, option_record, shared_options
from emkcli.commands._tree import load, root
from emkcli.locale import _
from emkcli.presentation.topics.exit_code_table import ANY_RUN, MEANINGS

FOLDER = Path(__file__).parent.parent / "man"
PLACES = {"en": FOLDER / "man1", "ru": FOLDER / "ru" / "man1"}
DATE = "2026-11-28"
"""A page must have one; that of the layout, so that the same tree always makes the same bytes."""
LONGEST = 80
"""Bytes of a line of text, as readers count them: a letter that is not ASCII becomes `\\[u0436]`."""
RUSSIAN = {
    "NAME": "ИМЯ",
    "SYNOPSIS": "ОБЗОР",
    "DESCRIPTION": "ОПИСАНИЕ",
    "COMMANDS": "КОМАНДЫ",
    "OPTIONS": "ПАРАМЕТРЫ",
    "EXAMPLES": "ПРИМЕРЫ",
    "EXIT STATUS": "КОДЫ ВЫХОДА",
    "SEE ALSO": "СМОТРИТЕ ТАКЖЕ",
    "Medical card in the shell": "Медицинская карта в командной строке",
}
"""What pages of man say in Russian and `emk` itself never does; `apropos` looks for these names of sections."""
Lines = Iterator[str]


def pages() -> dict[Path, str]:
    """Every page by its place."""
    made: dict[Path, str] = {}
    for language, folder in PLACES.items():
        locale.use(language)
        made[folder / "emk.1"] = _joined(_root_page())
        made |= {folder / f"emk-{entry.name}.1": _joined(_page(entry)) for entry in _entries()}
    locale.use("en")
    return made


def _entries() -> list[Entry]:
    return [entry for members in COMMANDS.values() for entry in members]


def _root_page() -> Lines:
    tree = root()
    yield from _head("emk", str(tree.help))
    yield _heading("SYNOPSIS")
    yield from _synopsis("emk", [_("[OPTIONS]"), _("COMMAND …")])
    yield _heading("DESCRIPTION")
    yield from _text(str(tree.help))
    for title, members in COMMANDS.items():
        yield f'.SS "{_escaped(_(title))}"'
        yield from _rows((f"emk-{entry.name}(1)", _(entry.help)) for entry in members)
    yield _heading("OPTIONS")
    yield from _rows(option_record(option) for option in (*tree.params, *_help_option(tree)))
    yield from _examples(tuple(START))
    yield from _exit_status(MEANINGS)
    yield _heading("SEE ALSO")
    yield from _text("emk help exit-codes, emk help environment, docs/reference/commands.md")


def _help_option(tree: Any) -> list[Any]:
    with tree.make_context("emk", [], obj=App(environ={"NO_COLOR": "1"})) as context:
        return [tree.get_help_option(context)]


def _page(entry: Entry) -> Lines:
    built = load(entry)
    yield from _head(f"emk-{entry.name}", _(entry.help))
    if entry.group:
        yield from _group(entry, built)
    else:
        yield from _command(entry.name, built)
    yield _heading("SEE ALSO")
    yield from _text("emk(1), docs/reference/commands.md")


def _command(path: str, built: Any) -> Lines:
    yield _heading("SYNOPSIS")
    yield from _synopsis(f"emk {path}", _usage(built))
    yield _heading("DESCRIPTION")
    yield from _text(built.help)
    if _parameters(built):
        yield _heading("OPTIONS")
        yield from _rows(_parameters(built))
    yield from _everywhere()
    yield from _examples(built.spec.examples)
    yield from _exit_status(built.spec.exit_codes)


def _group(entry: Entry, built: Any) -> Lines:
    commands = {f"{entry.name} {word}": built.get_command(None, word) for word in built.list_commands(None)}
    yield _heading("SYNOPSIS")
    yield from _synopsis(f"emk {entry.name}", [_("COMMAND …"), _("[OPTIONS]")])
    yield _heading("COMMANDS")
    for path, command in commands.items():
        yield from _member(path, command)
    yield from _everywhere()
    yield from _exit_status(sorted({code for command in commands.values() for code in command.spec.exit_codes}))


def _member(path: str, command: Any) -> Lines:
    """One command of a group: everything its help says, in a section of its own."""
    yield f'.SS "{_escaped(" ".join(["emk", path, *_usage(command)]))}"'
    yield from _text(command.help)
    yield from _rows(_parameters(command))
    yield ".PP"
    yield f"{_escaped(_('Examples'))}:"
    yield ".PP"
    yield from _verbatim(command.spec.examples)
    yield ".PP"
    yield from _text(f"{_('Exit codes')}: {', '.join(map(str, command.spec.exit_codes))}")


def _usage(built: Any) -> list[str]:
    return [_("[OPTIONS]"), *(argument_word(p) for p in built.params if p.param_type_name == "argument")]


def _parameters(built: Any) -> list[tuple[str, str]]:
    shared = shared_options()
    arguments = [(argument_word(p), str(p.help)) for p in built.params if p.param_type_name == "argument" and p.help]
    own = [p for p in built.params if p.param_type_name == "option" and p not in shared]
    return arguments + [option_record(option) for option in own]


def _everywhere() -> Lines:
    names = ", ".join(option_record(option)[0] for option in shared_options())
    yield ".PP"
    yield from _text(_("Options every command takes (emk --help explains them): {names}").format(names=names))


def _examples(lines: Iterable[str]) -> Lines:
    yield _heading("EXAMPLES")
    yield from _verbatim(lines)


def _exit_status(codes: Iterable[int]) -> Lines:
    """With what may end any run."""
    yield _heading("EXIT STATUS")
    yield from _rows((str(code), _(MEANINGS[code])) for code in sorted({*codes, *ANY_RUN}))


def _head(name: str, about: str) -> Lines:
    yield f'.TH {_escaped(name.upper())} 1 {DATE} emk "{_escaped(_title("Medical card in the shell"))}"'
    yield _heading("NAME")
    yield from _text(f"{name} - {about.rstrip('.')}")


def _heading(name: str) -> str:
    return f'.SH "{_title(name)}"'


def _title(name: str) -> str:
    return RUSSIAN[name] if locale.language() == "ru" else name


def _synopsis(command: str, pieces: Iterable[str]) -> Lines:
    yield f".B {_escaped(command)}"
    yield from _text(" ".join(pieces))


def _rows(rows: Iterable[tuple[str, str]]) -> Lines:
    for word, about in rows:
        yield ".TP"
        yield f'.B "{_escaped(word)}"'
        yield from _text(about)


def _verbatim(lines: Iterable[str]) -> Lines:
    """Lines to be copied, each as long as it is."""
    yield ".nf"
    yield from (f'.B "{_escaped(line)}"' for line in lines)
    yield ".fi"


def _text(text: str) -> Lines:
    """Paragraphs, broken where a line would have too many bytes."""
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield ".PP"
        yield from _broken(paragraph)


def _broken(paragraph: str) -> Lines:
    line = ""
    for word in _escaped(paragraph).split():
        longer = f"{line} {word}" if line else word
        if _bytes(longer) > LONGEST and line:
            yield _guarded(line)
            longer = word
        line = longer
    yield _guarded(line)


def _bytes(line: str) -> int:
    return sum(1 if character.isascii() else len(r"\[u0436]") for character in line)


def _guarded(line: str) -> str:
    """A line that does not begin as a request would."""
    return rf"\&{line}" if line[:1] in {".", "'"} else line


def _escaped(text: str) -> str:
    for character, escape in ESCAPES.items():
        text = text.replace(character, escape)
    return text


ESCAPES = {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti", '"': r"\(dq"}
"""What a reader would make something else of; copied from a page, an option must be one."""


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def stale() -> list[str]:
    """The pages that are not what the tree would make of them, and those it would not make."""
    made = pages()
    old = [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    return sorted(path.name for path in {*old, *(set(FOLDER.rglob("*.1")) - set(made))})


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        old = stale()
        sys.stderr.write("".join(f"{name} is stale, run make generate\n" for name in old))
        return 1 if old else 0
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
