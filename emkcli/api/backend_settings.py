"""Settings of one backend: a table inside a profile, each setting written TABLE.NAME on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field
from typing import TYPE_CHECKING, Any

from emkcli.api.esia import organisation as esia

if TYPE_CHECKING:
    from emkcli.config.settings import Settings

TABLES = {"esia": esia.settings()}
USED_BY = {"esia": "gosuslugi"}


def names() -> tuple[str, ...]:
    return tuple(f"{table}.{name}" for table, fields in TABLES.items() for name in fields)


def explained(setting: str) -> str:
    """What it is, as a msgid."""
    return str(_field(setting).metadata["help"])


def parse(setting: str, text: str) -> Any:
    """A text as the setting's value; `Usage` says what is allowed."""
    return esia.parsed(_field(setting), text)


def value(settings: Settings, setting: str) -> tuple[Any, str]:
    """The value in force and its origin."""
    table, _dot, name = setting.partition(".")
    if name in (stored := settings.tables.get(table, {})):
        return esia.parsed(_field(setting), stored[name]), f"profile {settings.profile}"
    return _field(setting).default, "default"


def shown(settings: Settings) -> Iterator[str]:
    """The settings worth a line: all of the backend in use, otherwise those that are set."""
    for setting in names():
        table, _dot, name = setting.partition(".")
        if settings.backend == USED_BY[table] or name in settings.tables.get(table, {}):
            yield setting


def _field(setting: str) -> Field[Any]:
    table, _dot, name = setting.partition(".")
    return TABLES[table][name]
