"""Values as text: `text` for every format, the others as a person reads them in a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from emkcli.clinical.dates import readable
from emkcli.clinical.interpretation import side_of
from emkcli.clinical.written_range import in_words
from emkcli.locale import N_, _, language
from emkcli.models import Dosage
from emkcli.views.words import STUDIES, WORDS

AGE = re.compile(r"\d[\d.–]* (?:a|mo|wk|d|h|min)")
SPAN = re.compile(r"(?:\d{4}\S*|…)/\d{4}\S*|\d{4}\S*/…")
_SLUG = re.compile(r"[a-z]+(?:_[a-z]+)+: ")
_ISO_DATE = re.compile(
    r"(?<![\w.:/-])\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?(?![\w/-]|\.\d)"
)
POWER = re.compile(
    r"(?:(?<![\w.,])|(?<=[xх×*·]))10 ?(?:(?:\^|\*\*) ?([+-]?\d{1,2})(?![\d*])|\*([+-]?\d{1,2})(?= ?/))", re.IGNORECASE
)
"""A lone `*` is that of UCUM before a slash; elsewhere it may measure something: `10*20 мм`."""
TIMES = re.compile(r"[xхXХ*](?= ?10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺])")
RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
SIGNS = {
    "H": "↑",
    "L": "↓",
    **dict.fromkeys(("HH", "HU", "VH"), "↑↑"),
    **dict.fromkeys(("LL", "LU", "VL"), "↓↓"),
    **dict.fromkeys(("A", "AA", "R", "DET", "POS"), "!"),
}
"""What one sees of a flag without colour."""
SIGNS_OF_SIDES = {1: "↑", -1: "↓", 2: "!"}
THINGS = {
    "element": (("element", "text"), ": "),
    "display": (("code", "display"), " "),
    "name": (("name", "specialty"), ", "),
    "what": (("date", "what"), " "),
    "text": (("title", "text"), ": "),
    "path": (("path",), ""),
    "file": (("file",), ""),
    "manifestations": (("substance", "manifestations", "severity", "date", "note"), ", "),
}
"""What a nested thing is known by: the name it has, the values that identify it and what stands between them."""


ORIGINS = {"default": N_("default"), "flag": N_("command line"), "env": N_("env"), "profile": N_("profile")}
"""How many names one sentence has."""


def text(value: Any) -> str:
    """The value itself in one cell, whatever the language: null empty, lists joined by `; `."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "; ".join(text(part) for part in value)
    return _thing(value) if isinstance(value, Mapping) else str(value)


def _thing(value: Mapping[str, Any]) -> str:
    """A nested thing by what identifies it."""
    if "low" in value and "high" in value:
        return reference(value)
    for name, (names, between) in THINGS.items():
        if name in value:
            return between.join(filter(None, (text(value.get(part)) for part in names)))
    return "; ".join(f"{key}={text(part)}" for key, part in value.items())


def reference(value: Mapping[str, Any]) -> str:
    """A range in its own words, else its bounds as sent."""
    return in_words(value.get("low"), value.get("high"), value.get("text"))


def powers(value: str) -> str:
    """`10⁹/л` for `10^9/л`, `10*9/л` and `x10**9/л`: powers of ten as people write them."""
    raised = POWER.sub(lambda power: "10" + (power[1] or power[2]).translate(RAISED), value)
    return raised if raised == value else TIMES.sub("×", raised)


def date(value: Any) -> str:
    """As the reader writes dates; with `HH:MM` in Moscow when a time is known, other text as it is."""
    if isinstance(value, list):
        return "; ".join(date(part) for part in value)
    return readable(text(value), language())


def day(value: Any) -> str:
    """`date` without the hour, where the day is enough; words in the place of a date stay whole."""
    whole = date(value)
    return whole if whole == text(value) else whole.split(" ")[0]


def word(value: Any) -> str:
    """A status or another enum value in the reader's language; an unknown one passes through."""
    if isinstance(value, list):
        return ", ".join(word(part) for part in value)
    return _(WORDS.get(code, code)) if (code := text(value)) else ""


def study_kind(value: Any) -> str:
    """The section that made a study; what a source calls it otherwise passes through."""
    return _(STUDIES.get(kind, kind)) if (kind := text(value)) else ""


def event(planned: Mapping[str, Any] | None) -> str:
    """When and what happens next on the mock."""
    return f"{date(planned['at'])}  {word(planned['what'])}" if planned else ""


def shown(value: Any) -> str:
    """Any other value for a person: `text`, but yes and no in words."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return text(value)


def flag(item: Mapping[str, Any]) -> str:
    """The flag as sent, else the words in its place, with a sign one sees without colour; `!` for a value out of its
    range that came without either."""
    sent, words = item.get("flag"), text(item.get("interpretation"))
    if sent:
        return f"{SIGNS[sent]}{sent}" if sent in SIGNS else str(sent)
    sign = SIGNS_OF_SIDES.get(side_of(words)) or ("!" if item.get("out_of_range") else "")
    return f"{sign} {words}".strip()


def how_to_take(item: Mapping[str, Any]) -> str:
    """All that is known of how a medicine is taken, in the reader's language; as it was sent where there are no steps."""
    from emkcli.clinical import dosage_words

    steps = [Dosage.from_builtins(step) for step in item.get("dosage") or []]
    return dosage_words.how_to_take(steps, language()) or text(item.get("instructions"))


def taken(item: Mapping[str, Any]) -> str:
    """The same with the dose, unless it says the dose itself."""
    from emkcli.clinical import dosage_words

    dose, words = text(item.get("dose")), how_to_take(item)
    return ", ".join(filter(None, ("" if dosage_words.says(words, dose) else dose, words)))


def category(item: Mapping[str, Any]) -> str:
    """What kind of thing a person is allergic to."""
    return ", ".join(word(part) for part in text(item.get("category")).split(", "))


def criticality(item: Mapping[str, Any]) -> str:
    """How critical another reaction may be, as a phrase of its own."""
    level = text(item.get("criticality"))
    return _("criticality: {level}").format(level=word(level)) if level else ""


def reactions(item: Mapping[str, Any]) -> str:
    return "; ".join(filter(None, map(reaction, item.get("reactions") or [])))


def reaction(value: Mapping[str, Any]) -> str:
    """`анафилаксия (тяжёлая, 2019)`: what was seen, else what caused it, then all that is known beside it."""
    seen = ", ".join(value.get("manifestations") or [])
    beside = (word(value.get("severity")), date(value.get("date")), text(value.get("note")))
    cause = text(value.get("substance"))
    details = ", ".join(filter(None, (cause if seen else "", *beside)))
    return f"{seen or cause} ({details})".strip() if details else seen or cause


def onset(value: Any) -> str:
    """When a condition began or ended: a date, a span of dates, an age, or the source's words."""
    written = text(value)
    if AGE.fullmatch(written):
        from emkcli.clinical.speech import Speech

        return Speech(language()).written_length(written)
    if SPAN.fullmatch(written):
        return " – ".join(map(date, written.split("/")))
    return shown(True) if written == "true" else date(written)


def named(*names: str | None) -> str:
    """The first of the names a record may have; that its source gives it none, so that it is never a blank line."""
    return next(filter(None, names), "") or _("(not named in the source)")


def sentence(value: Any) -> str:
    """A reason without the word for programs before it."""
    return _SLUG.sub("", shown(value))


def dated(value: str) -> str:
    """A text with its dates as the reader writes them; what a source calls by a number that looks like one stays."""
    return _ISO_DATE.sub(lambda written: date(written[0]), value)


def analyte(item: Mapping[str, Any]) -> str:
    """What was measured; its code where the source gave it no name."""
    return named(text(item.get("analyte")), text(item.get("code")))


def measured(item: Mapping[str, Any]) -> str:
    """A value is not parted from its unit."""
    return " ".join(filter(None, (text(item.get("value")), text(item.get("unit")))))


def origin(value: Any) -> str:
    """Where a setting comes from: the name of a variable or a profile after what it is; an address as it is."""
    kind, *name = text(value).split(" ", 1)
    return " ".join([_(ORIGINS.get(kind, kind)), *name])


def distance(item: Mapping[str, Any]) -> str:
    """Kilometres, `~` when a point was only approximate."""
    kilometres = item.get("distance_km")
    return "" if kilometres is None else ("~" if item.get("approximate") else "") + text(kilometres)
