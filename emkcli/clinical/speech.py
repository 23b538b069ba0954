"""Structure said in words of one language, whatever the language of the run: amounts, lists, names of codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emkcli.locale import N_, catalogue, nN_

UNITS = {
    "s": nN_("{number} second", "{number} seconds"),
    "min": nN_("{number} minute", "{number} minutes"),
    "h": nN_("{number} hour", "{number} hours"),
    "d": nN_("{number} day", "{number} days"),
    "wk": nN_("{number} week", "{number} weeks"),
    "mo": nN_("{number} month", "{number} months"),
    "a": nN_("{number} year", "{number} years"),
}
"""Units of time (UCUM); in Russian in the accusative: «в 1 минуту», «на 2 недели»."""
_TIMES = nN_("{number} time", "{number} times")
_ONCE = N_("once")
_WHOLE = re.compile(r"\d{1,18}")
_DECIMAL = re.compile(r"(?<![\d.])(\d+)\.(\d+)(?![\d.])")
"""A fraction; a date has more points or, of a month, is never said as an amount."""


@dataclass(frozen=True)
class Speech:
    """`language` is `ru` or `en`. What is not known is said as it was sent, and nothing of nothing is an empty text."""

    language: str

    def say(self, message: str, **parts: str) -> str:
        """A message with its parts; empty when one of them is."""
        return catalogue(self.language).gettext(message).format(**parts) if all(parts.values()) else ""

    def name(self, table: Mapping[str, str], code: str) -> str:
        """What a code is called."""
        return self.say(table[code]) if code in table else code

    def amount(self, written: str | None) -> str:
        """Its decimal mark is that of the language: «0,5 таб»."""
        return _DECIMAL.sub(r"\1,\2", written or "") if self.language == "ru" else written or ""

    def times(self, number: str) -> str:
        return self.say(_ONCE) if number == "1" else self._counted(_TIMES, number) if number else ""

    def length(self, number: str, unit: str) -> str:
        """So many of a unit of time."""
        if number and unit in UNITS:
            return self._counted(UNITS[unit], number)
        return " ".join(filter(None, (self.amount(number), unit))) if number else ""

    def written_length(self, written: str) -> str:
        """The same of one text: `7 d`, `5–7 d`."""
        number, _blank, unit = written.partition(" ")
        return self.length(number, unit)

    def listed(self, names: Iterable[str]) -> str:
        """`a, b and c`."""
        *others, last = list(names) or [""]
        return self.say(N_("{names} and {last}"), names=", ".join(others), last=last) or last

    def _counted(self, forms: tuple[str, str], number: str) -> str:
        """The last number of a range asks for the form; a fraction asks for that of two: «1,5 часа»."""
        last = number.rpartition("–")[2]
        count = int(last) if _WHOLE.fullmatch(last) else 2
        return catalogue(self.language).ngettext(*forms, count).format(number=self.amount(number))
