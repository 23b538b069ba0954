"""Russian output has no English words and English output no Russian ones, beyond names, what is typed and what was sent."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emkcli.api import backends
from emkcli.commands import entries
from emkcli.commands._tree import functions_of
from emkcli.config.output_formats import OUTPUT_FORMATS
from emkcli.config.settings import SETTING_METADATA
from emkcli.exporters.file_formats import FILE_FORMATS
from emkcli.models import CATEGORIES
from tests.contract.world import World

READ = (
    "status",
    "next",
    "whoami",
    "auth status",
    "doctor",
    "card summary",
    "card labs",
    "card visits",
    "card studies",
    "card prescriptions",
    "card vaccinations",
    "card prevention",
    "card documents",
    "card diagnoses",
    "card allergies",
    "card vitals",
    "card referrals",
    "card procedures",
    "card other",
    "card access-log",
    "card trend",
    "card trend ТТГ",
    "card search давление",
    "card sync",
    "clinic list --near residence",
    "clinic show gp-001",
    "doctor list --clinic gp-001",
    "application list",
    "profile show",
    "person list",
    "consent list",
    "consent show medical-data@1",
    "notification list",
    "service list",
    "request create prescription --medicine Аторвастатин --yes",
    "request list",
    "transfer create --to gp-002 --category labs --since 1y --dry-run",
    "transfer list",
    "audit show",
    "config list",
    "mock clock",
    "mock inbox",
    "mock fault list",
    "mock fault add 503",
    "connect --dry-run",
    "verify --dry-run",
)
REFUSED = (
    "status --timeout abc",
    "status --backend foo",
    "status --backend http --url foo",
    "status --backend http --url http://127.0.0.1:1",
    "status --color foo",
    "status --person foo",
    "card import foo.json",
    "card export --to foo/x/y --format csv",
    "card export --to x --format foo",
    "card labs --limit foo",
    "card labs --since foo",
    "card labs --fields foo",
    "card labs --query 'foo('",
    "card labs --query foo(@)",
    "card labs --category foo",
    "card trend foo",
    "card show foo",
    "card search",
    "config set foo bar",
    "config set timeout foo",
    "mock clock advance foo",
    "mock fault add foo",
    "mock scenario foo",
    "clinic show foo",
    "clinic choose foo --yes",
    "doctor list --clinic foo",
    "application cancel foo --yes",
    "consent show foo",
    "request show foo",
    "transfer create",
    "notification show foo",
    "register --from foo.json",
    "verify --passport-scan foo --selfie foo",
    "help foo",
    "schema foo",
    "foo",
)
HELP = ("--help", "card --help", "card labs --help", "card export --help", "login --help", "help glossary", "help cron")

LATIN = re.compile(r"[A-Za-z][A-Za-z_.-]*[A-Za-z]")
TYPED = re.compile(
    r"https?://\S+|\b[a-z]+(?:-\w+)+|\bemk(?: --?[a-z]\S*| [a-z]\S*| '[^']*'| \S*[A-Z@/.]\S*)*|(?<!\w)--?[a-z][a-z-]*"
    r"|\bEMK_\w+|\S*[/|]\S*|\S+\.(?:json|html|pdf|toml|csv|txt|sqlite3|png|jpg|py)\b|\b\d+(?:d|mo|y)\b|\b[a-z_]+=\S*"
    r"|[\w-]+@[\w.@]+|\d{4}-\S+|(?:одно из|допустимые поля|Не хватает): [^\n]+(?:\n[^\n]+)*|^ +[a-z][a-z-]*(?=  )|«[^»]*»",
    re.M,
)
"""Commands, options, variables, addresses, paths, ids and what may be chosen: one types them as they are, in any language."""
NAMES = frozenset(
    LATIN.findall("""
    ANSI API BI-RADS BOM CDA CMS COVID CSV Ctrl-C DiagnosticReport Encounter FHIR FILE HBsAg HCV HL HTTP HbA
    ID JMESPATH JMESPath JSON MCH MCV MedicationRequest OID Observation OpenAPI PDF PKCE Python SARS-CoV SHA
    Schema TOML Tab UCUM URL XML YAML age browser complete cron crontab device doctor false foo jmespath.org
    last man org pH portal ru sms stderr stdin stdout visits
    """)
)
"""Names of standards, programs, products and analytes, and values of options, which have no Russian form."""
CHOSEN = frozenset(
    [
        *SETTING_METADATA,
        *OUTPUT_FORMATS,
        *FILE_FORMATS,
        *backends.names(),
        *entries(),
        *(word for entry in entries().values() for word in functions_of(entry)),
        *("local", "default", "auto", "off", "keyring"),
    ]
)
"""Settings, their values and commands where they are listed."""
PORTALS_WORDS = frozenset(
    ["ЭМК", "Москвы", "СНИЛС", "СЭМД", "ЕСИА", "ЕПГУ", "НСИ", "ЕГИСЗ", "Диспансеризация", "Госуслуги"]
)
"""What an English reader has to know in Russian, since the portal says it so."""
LISTS_OF_NOTHING = frozenset({"transfer list", "mock fault list"})
FLAGS = re.compile(r"[HLNA]{1,2}|[IVX]+")
CYRILLIC = re.compile(r"[А-Яа-яЁё]+")


@pytest.fixture
def activated(embedded: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    embedded.at("activated")
    monkeypatch.chdir(tmp_path)
    return embedded


def written(world: World, line: str, language: str) -> str:
    done = world(*shlex.split(line), "--lang", language, "-o", "table", env={"COLUMNS": "100"})
    return done.out + done.err


def sent(world: World, line: str) -> set[str]:
    """The words of every text that the server, or this machine, put into the answer."""
    found = world(*shlex.split(line), "--json")
    return set(CYRILLIC.findall(" ".join(_texts(found.json if found.out else found.error))))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, str):
        yield value


def foreign_to_russian(text: str) -> list[str]:
    words = set(LATIN.findall(TYPED.sub(" ", text))) - NAMES - CHOSEN
    return sorted(word for word in words if not FLAGS.fullmatch(word))


@pytest.mark.parametrize("lines", [READ, REFUSED, HELP], ids=["read", "refused", "help"])
def test_russian_output_has_no_english_words(activated: World, lines: tuple[str, ...]) -> None:
    said = {line: written(activated, line, "ru") for line in lines}
    assert all(CYRILLIC.search(text) for line, text in said.items() if line not in LISTS_OF_NOTHING)
    assert not {line: words for line, text in said.items() if (words := foreign_to_russian(text))}


def test_a_record_that_is_shown_has_no_english_words(activated: World) -> None:
    """What stands alone is a code, for which there are words; running text is as it was sent."""
    shown = {name: activated.ok("card", name, "--limit", "3", "--json").items for name in CATEGORIES}
    assert sum(map(bool, shown.values())) >= 10
    foreign = {}
    for item in (item for items in shown.values() for item in items):
        running = [text for text in _texts(item) if not LATIN.fullmatch(text)]
        words = set(foreign_to_russian(written(activated, f"card show {item['id']}", "ru"))) - set(
            LATIN.findall(" ".join(running))
        )
        foreign |= {item["id"]: words} if words else {}
    assert not foreign


@pytest.mark.parametrize("lines", [READ, REFUSED], ids=["read", "refused"])
def test_english_output_has_no_russian_words_but_those_of_the_card(activated: World, lines: tuple[str, ...]) -> None:
    said = {line: set(CYRILLIC.findall(written(activated, line, "en"))) for line in lines}
    typed = set(CYRILLIC.findall(" ".join(lines)))
    assert not {line: rest for line, words in said.items() if words and (rest := words - typed - sent(activated, line))}


def test_english_help_has_no_russian_words(activated: World) -> None:
    for line in set(HELP) - {"help glossary"}:
        text = re.sub(r"^ +(?:emk|\w+=).*$|«[^»]*»", "", written(activated, line, "en"), flags=re.M)
        assert not set(CYRILLIC.findall(text)) - PORTALS_WORDS, line
