"""Descriptions on Tab are in the language of the person: of commands, options and the words that fit them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emkcli import locale
from emkcli.mock.physicians import SPECIALTIES
from emkcli.presentation import completion_scripts
from tests.presentation.test_completion_scripts import FOLDER, GIVEN_SHELLS, Fish, Terminal, home, patiently
from tools.tree import Tree, tree

__all__ = ["home"]  # the fixture
FOLDERS = {"en": FOLDER, "ru": FOLDER / "ru"}
DESCRIBED = {
    "emk card search --category v": {
        "en": {"visits": "Visits", "vitals": "Vital signs", "vaccinations": "Vaccinations"},
        "ru": {"visits": "Приёмы", "vitals": "Показатели состояния", "vaccinations": "Прививки"},
    },
    "emk card export --format p": {
        "en": {"parquet": "a dataset for analysis", "pdf": "the card on A4 with page numbers, results by analyte"},
        "ru": {"parquet": "набор данных для анализа", "pdf": "карта на листах A4 с номерами страниц, анализы по показателям"},
    },
    "emk help e": {
        "en": {"environment": "the environment variables", "exit-codes": "what each exit code means"},
        "ru": {"environment": "переменные окружения", "exit-codes": "что означает каждый код выхода"},
    },
    "emk help h": {
        "en": {"headless": "servers, containers, SSH: sessions without a keyring", "help": "help on a topic"},
        "ru": {"headless": "серверы, контейнеры, SSH: сеансы без связки ключей", "help": "справка по теме"},
    },
    "emk lo": {
        "en": {"login": "log in by SMS code or electronic signature", "logout": "end the session; the local card stays"},
        "ru": {"login": "войти по коду из СМС или электронной подписи", "logout": "завершить сеанс; локальная карта остаётся"},
    },
}  # fmt: skip


def shown(home: Path, shell: str, language: str, line: str, patience: float) -> dict[str, str]:
    """What stands beside each word that is offered."""
    if shell == "fish":
        return dict(row.split("\t") for row in Fish(home, shell, FOLDERS[language]).described(line))
    terminal = Terminal(home, shell, FOLDERS[language], "yes")
    screen = terminal.typed(line + "\t", patience)
    terminal.close()
    return dict(re.findall(r"^([a-z-]+) +-- (.*?) *\r?$", screen, re.MULTILINE))


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("shell", [shell for shell in GIVEN_SHELLS if shell != "bash"])
def test_words_are_described_in_the_language(home: Path, shell: str, language: str) -> None:
    for line, words in DESCRIBED.items():
        assert patiently(lambda p, a=line: shown(home, shell, language, a, p), words[language].__eq__), line
    assert not (home / "started").exists()


def descriptions(whole: Tree) -> Iterator[str]:
    nodes = list(whole.root.walk())
    parameters = [*whole.shared, *(p for node in nodes for p in (*node.options, *node.arguments))]
    yield from (node.help for node in nodes if node.path)
    yield from (parameter.help for parameter in parameters if parameter.help)
    yield from (about for parameter in parameters for _word, about in parameter.values if about)


def test_every_description_is_in_russian_and_whole() -> None:
    try:
        russian = list(descriptions(tree("ru")))
    finally:
        locale.use("en")
    # In English the word of a specialty says it itself.
    assert len(russian) == len(list(descriptions(tree()))) + len(SPECIALTIES) > 300
    assert {text for text in russian if not re.search("[а-яё]", text)} <= {"International Patient Summary"}
    assert not [text for text in russian if text.endswith((" см", ",", ":"))]


def offered(whole: Tree) -> list[tuple[object, ...]]:
    nodes = list(whole.root.walk())
    parameters = [*whole.shared, *(p for node in nodes for p in (*node.options, *node.arguments))]
    return [(p.names, p.takes_value, p.words, p.files, p.listed) for p in parameters]


def test_what_fits_is_the_same_in_both_languages() -> None:
    try:
        russian = offered(tree("ru"))
    finally:
        locale.use("en")
    assert russian == offered(tree())


@pytest.mark.parametrize(
    ("arguments", "variables", "language"),
    [
        ("", {"EMK_LANG": "ru", "LC_ALL": "C.UTF-8"}, "ru"),
        ("", {"EMK_LANG": "en", "LC_ALL": "ru_RU.UTF-8"}, "en"),
        ("", {"LC_ALL": "ru_RU.UTF-8"}, "ru"),
        ("", {"LC_ALL": "C.UTF-8"}, "en"),
        ("--lang ru", {"LC_ALL": "C.UTF-8"}, "ru"),
    ],
)
@pytest.mark.parametrize("shell", completion_scripts.SHELLS)
def test_the_printed_script_is_in_the_language(
    tmp_path: Path, shell: str, arguments: str, variables: dict[str, str], language: str
) -> None:
    done = run(tmp_path, f"{shell} {arguments}", variables)
    assert done == completion_scripts.script(shell, language)
    assert (completion_scripts.script(shell, "ru") == completion_scripts.script(shell, "en")) is (shell == "bash")


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("shell", GIVEN_SHELLS)
def test_the_installed_script_is_in_the_language(tmp_path: Path, shell: str, language: str) -> None:
    file = run(tmp_path, "install", {"EMK_LANG": language, "SHELL": str(shutil.which(shell))})
    assert Path(file.strip()).read_text(encoding="utf-8") == completion_scripts.script(shell, language)


def run(home: Path, arguments: str, variables: dict[str, str]) -> str:
    own = {"HOME": str(home), "PATH": os.environ["PATH"], "EMK_HOME": str(home / "emk"), "EMK_KEYRING": "off"}
    return subprocess.run(
        [sys.executable, "-m", "emkcli", "completion", *arguments.split()],
        env=own | variables, capture_output=True, encoding="utf-8", check=True, timeout=60,
    ).stdout  # fmt: skip
