"""Which language `emk` speaks: English msgids in the source, catalogues beside this file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LANGUAGES = ("en", "ru")
CARD_LANGUAGE = "ru"
"""That of the card's records, in which what is computed of them stands beside their own words, whatever a run speaks."""
DOMAIN = "emk"
FEW = 5
"""Names of a line that could grow without end."""


class Catalogue(Protocol):
    """What a catalogue answers: a message, and a message that depends on a number."""

    def gettext(self, message: str) -> str: ...

    def ngettext(self, singular: str, plural: str, count: int) -> str: ...


class English:
    """The msgids themselves; no file is read and `gettext` is not imported for it."""

    def gettext(self, message: str) -> str:
        return message

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return singular if count == 1 else plural


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


class Filled(str):
    """A message with parts that only the code knows, such as the names in a table; as text it is English."""

    message: str
    parts: Mapping[str, str]

    def __new__(cls, message: str, **parts: str) -> Filled:
        filled = super().__new__(cls, message.format(**parts))
        filled.message, filled.parts = message, parts
        return filled


def _(message: str) -> str:
    """Translate `message`; an empty string stays empty (gettext would return the file's header)."""
    if isinstance(message, Filled):
        return _(message.message).format(**message.parts)
    return catalogue(_language).gettext(message) if message else ""


def N_(message: str) -> str:
    """Mark `message` for translation where it is shown, not where it is written."""
    return message


def nN_(singular: str, plural: str) -> tuple[str, str]:
    """The same for a message that depends on a number."""
    return singular, plural


def either(words: Iterable[str]) -> Filled:
    """`a, b or c`, for words that are the same in every language."""
    *names, last = words
    return Filled(N_("{names} or {last}"), names=", ".join(names), last=last)


def first_few(names: Sequence[str]) -> str:
    """Names in one line; of many the first, and how many more there are."""
    rest = len(names) - FEW
    more = [ngettext("… and {count} more", "… and {count} more", rest).format(count=rest)] if rest > 0 else []
    return " ".join([", ".join(names[:FEW]), *more])


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form of the message that `count` asks for, with `{count}` left for `.format`."""
    return catalogue(_language).ngettext(singular, plural, count)


def from_environment(environ: Mapping[str, str]) -> str:
    """`ru` when the locale variables say Russian; `C` and everything else mean English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            return "ru" if value.lower().startswith("ru") else "en"
    return "en"
