"""Which language `emk` speaks: English msgids in the source, catalogues beside this file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("en", "ru")
DOMAIN = "emk"


class Catalogue(Protocol):
    """What a catalogue answers: a message, and a message that depends on a number."""

    def gettext(self, message: str) -> str: ...

    def ngettext(self, one: str, many: str, count: int) -> str: ...


class English:
    """The msgids themselves; no file is read and `gettext` is not imported for it."""

    def gettext(self, message: str) -> str:
        return message

    def ngettext(self, one: str, many: str, count: int) -> str:
        return one if count == 1 else many


@cache
def catalogue(language: str) -> Catalogue:
    if language != "ru":
        return English()
    from gettext import GNUTranslations

    with (Path(__file__).parent / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as compiled:
        return GNUTranslations(compiled)


_language = "en"


def use(language: str) -> None:
    """Speak `language` (`en` or `ru`) from now on."""
    global _language
    _language = language


def language() -> str:
    """The language in force."""
    return _language


def _(message: str) -> str:
    """Translate `message`; an empty string stays empty (gettext would return the file's header)."""
    return catalogue(_language).gettext(message) if message else ""


def N_(message: str) -> str:
    """Mark `message` for translation where it is shown, not where it is written."""
    return message


def ngettext(one: str, many: str, count: int) -> str:
    """The form of the message that `count` asks for, with `{count}` left for `.format`."""
    return catalogue(_language).ngettext(one, many, count)


def from_environment(environ: Mapping[str, str]) -> str:
    """`ru` when the locale variables say Russian; `C` and everything else mean English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            return "ru" if value.lower().startswith("ru") else "en"
    return "en"
