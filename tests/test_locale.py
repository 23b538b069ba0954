"""Both languages: the Russian catalogue is complete and fresh, and neither language leaks into the other's help."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from emkcli import locale
from emkcli.commands import entries
from emkcli.commands._command import name_of
from emkcli.commands._tree import functions_of, load, root
from emkcli.exporters.file_formats import described
from emkcli.presentation import topics
from tests.conftest import Emk
from tools import catalogue

CYRILLIC = re.compile("[а-яёА-ЯЁ]+")
ENGLISH = re.compile(r"\b(Usage|Options|Commands|Arguments|Error|Show this message|OPTIONS|COMMAND|required|default)\b")
PORTAL = re.compile(r"«[^»]*»|СНИЛС|ЭМК|ЕГИСЗ|ЦАО|САО|ЗелАО|Москва|Диспансеризация")


def lines() -> list[list[str]]:
    """Every command's line, the root and the groups among them."""
    found: list[list[str]] = [[]]
    for entry in entries().values():
        found.append([entry.name])
        if entry.group:
            found += [[entry.name, name_of(function)] for function in functions_of(entry).values()]
    return found


@pytest.fixture
def page(emk: Emk) -> Callable[[list[str], str], str]:
    """The help page of a line in a language."""

    def shown(line: list[str], language: str) -> str:
        result = emk(*line, "--help", env={"EMK_LANG": language})
        assert result.code == 0
        return result.out

    return shown


def test_the_catalogue_is_complete_and_fresh() -> None:
    assert catalogue.problems() == []


@pytest.mark.parametrize("stale", ["PO", "MO"])
def test_a_stale_file_is_noticed_and_another_spelling_of_the_same_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stale: str
) -> None:
    copies = {name: tmp_path / name for name in ("PO", "MO")}
    for name, copy in copies.items():
        copy.write_bytes(getattr(catalogue, name).read_bytes())
        monkeypatch.setattr(catalogue, name, copy)
    said = copies["PO"].read_text(encoding="utf-8")
    copies["PO"].write_text(said.replace('msgstr "Вызов: "', 'msgstr ""\n"Вызов"\n": "'), encoding="utf-8")
    assert catalogue.problems() == []

    copies[stale].write_bytes(copies[stale].read_bytes().replace("Вызов".encode(), "Вывоз".encode()))
    assert [problem.split()[0] for problem in catalogue.problems()] == ["MO"]


def test_the_compiled_catalogue_speaks_russian() -> None:
    locale.use("ru")
    assert locale._("Usage: ") == "Вызов: "
    assert locale._("") == ""


@pytest.mark.parametrize(
    ("count", "noun"), [(1, "запись"), (2, "записи"), (5, "записей"), (11, "записей"), (21, "запись")]
)
def test_russian_counts(count: int, noun: str) -> None:
    locale.use("ru")
    one, many = "Open {count} record to {clinic}?", "Open {count} records to {clinic}?"
    assert noun in locale.ngettext(one, many, count).split()


@pytest.mark.parametrize("line", lines(), ids=" ".join)
def test_russian_help_has_no_english(page: Callable[[list[str], str], str], line: list[str]) -> None:
    text = page(line, "ru")
    assert not ENGLISH.search(text)
    assert text.startswith("Вызов: emk")
    for paragraph in text.split("\n\n"):
        assert CYRILLIC.search(paragraph), paragraph


@pytest.mark.parametrize("line", lines(), ids=" ".join)
def test_english_help_has_no_russian_but_the_portals_words(
    page: Callable[[list[str], str], str], line: list[str]
) -> None:
    text = PORTAL.sub("", page(line, "en"))
    assert not CYRILLIC.findall(text)
    assert text.startswith("Usage: emk")


@pytest.mark.parametrize("line", lines(), ids=" ".join)
def test_every_option_and_argument_is_explained_in_russian(line: list[str]) -> None:
    locale.use("ru")
    built = root() if not line else load(entries()[line[0]])
    if len(line) == 2:
        built = built.get_command(None, line[1])
    for parameter in built.params:
        assert CYRILLIC.search(parameter.help or ""), parameter.name


@pytest.mark.parametrize("topic", topics.TOPICS)
def test_every_topic_speaks_both_languages(topic: str) -> None:
    locale.use("ru")
    assert CYRILLIC.search(topics.text(topic, file_formats=described()))
    locale.use("en")
    assert topic == "glossary" or not CYRILLIC.search(PORTAL.sub("", topics.text(topic, file_formats=described())))


def one(msgid: str, msgstr: str, **options: object) -> list[str]:
    """What is found wrong with one translation."""
    made = Catalog(locale="ru")
    made.add(msgid, msgstr, **options)  # type: ignore[arg-type]
    return [wrong for message in made if message.id for wrong in catalogue.wrong(message)]


@pytest.mark.parametrize(
    ("msgid", "msgstr", "complaint"),
    [
        ("Open {name}", "", "not translated"),
        ("Open {name}", "Открыть {nam}", "another {placeholder}"),
        ("pass --yes", "передайте --да", "another {placeholder}"),
        ("set EMK_HOME", "задайте EMK_HOM", "another {placeholder}"),
        ("the card is open", "the card is open", "still in English"),
        ("the card is open", "card", "still in English"),
        ("wrong options", "неверные Options", "framework word"),
    ],
)
def test_the_check_finds_a_bad_translation(msgid: str, msgstr: str, complaint: str) -> None:
    assert any(complaint in found for found in one(msgid, msgstr))


def test_the_check_is_content_with_a_good_translation() -> None:
    assert one("{path}: pass --yes", "{path}: передайте --yes") == []
    assert one("the card", "карта", flags={"fuzzy"}) == ["fuzzy"]


def test_only_messages_make_a_difference_to_the_files() -> None:
    for path in (catalogue.PO, catalogue.MO):
        assert not re.search(rb"Creation-Date|Revision-Date|Generated-By|Babel", path.read_bytes())
