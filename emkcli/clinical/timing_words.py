"""When a medicine is taken, in words: of the structure of a FHIR Timing.

Codes are those of FHIR (`timing-abbreviation`, `event-timing`, `days-of-week`, UCUM); one that is not among them is said as
it was sent. Every number stands in the words but for a period of one («2 раза в день»), and once is a word in English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from emkcli.clinical.dates import readable
from emkcli.clinical.speech import UNITS, Speech
from emkcli.locale import N_

Timing = dict[str, Any]

_EACH = {
    "s": N_("{times} a second"),
    "min": N_("{times} a minute"),
    "h": N_("{times} an hour"),
    "d": N_("{times} a day"),
    "wk": N_("{times} a week"),
    "mo": N_("{times} a month"),
    "a": N_("{times} a year"),
}
_WHEN = {
    "MORN": N_("in the morning"),
    "MORN.early": N_("early in the morning"),
    "MORN.late": N_("late in the morning"),
    "NOON": N_("at noon"),
    "AFT": N_("in the afternoon"),
    "AFT.early": N_("early in the afternoon"),
    "AFT.late": N_("late in the afternoon"),
    "EVE": N_("in the evening"),
    "EVE.early": N_("early in the evening"),
    "EVE.late": N_("late in the evening"),
    "NIGHT": N_("at night"),
    "PHS": N_("after falling asleep"),
    "HS": N_("before sleep"),
    "WAKE": N_("on waking up"),
    "C": N_("with meals"),
    "CM": N_("with breakfast"),
    "CD": N_("with lunch"),
    "CV": N_("with dinner"),
    "AC": N_("before meals"),
    "ACM": N_("before breakfast"),
    "ACD": N_("before lunch"),
    "ACV": N_("before dinner"),
    "PC": N_("after meals"),
    "PCM": N_("after breakfast"),
    "PCD": N_("after lunch"),
    "PCV": N_("after dinner"),
}
_BEFORE = frozenset({"HS", "AC", "ACM", "ACD", "ACV"})
"""What the minutes of an offset come before; of all others they come after (FHIR Timing.repeat.offset)."""
_FOR = {
    "": N_("for {length}"),
    "<": N_("for less than {length}"),
    "<=": N_("for at most {length}"),
    ">=": N_("for at least {length}"),
    ">": N_("for more than {length}"),
}
"""How long a course is, by the comparator of its length."""
_DAYS = {
    "mon": N_("Mondays"),
    "tue": N_("Tuesdays"),
    "wed": N_("Wednesdays"),
    "thu": N_("Thursdays"),
    "fri": N_("Fridays"),
    "sat": N_("Saturdays"),
    "sun": N_("Sundays"),
}
_RHYTHMS = {
    "QD": ("1", "1", "d"),
    "BID": ("2", "1", "d"),
    "TID": ("3", "1", "d"),
    "QID": ("4", "1", "d"),
    "QOD": ("1", "2", "d"),
    "WK": ("1", "1", "wk"),
    "MO": ("1", "1", "mo"),
}
"""How often, in how long, of what unit."""
_PARTS_OF_DAY = {"AM": "MORN", "PM": "AFT", "BED": "HS"}
_HOURLY = re.compile(r"Q(\d+)H")
_FULL_MINUTE = re.compile(r"(\d\d:\d\d):00(?:\.0+)?")


def timing_words(schedule: str | None, language: str) -> str | None:
    """Of a `Dosage.schedule`, a text of JSON; None where it says nothing."""
    return ", ".join(timing_phrases(schedule, language)) or None


def timing_phrases(schedule: str | None, language: str) -> Iterable[str]:
    """The same phrase by phrase, each once."""
    return dict.fromkeys(filter(None, _phrases(_read(schedule), Speech(language))))


def _read(schedule: str | None) -> Timing:
    """Numbers stay texts, as they were written."""
    try:
        timing = json.loads(schedule or "{}", parse_float=str, parse_int=str)
    except ValueError:
        return {}
    return timing if isinstance(timing, dict) else {}


def _phrases(timing: Timing, speech: Speech) -> Iterator[str]:
    repeat = timing.get("repeat", {})
    rhythm, parts_of_day = _rhythm(repeat, speech), _when(repeat, speech)
    yield f"{rhythm} ({parts_of_day})" if rhythm and parts_of_day else rhythm or parts_of_day
    yield from _code(timing.get("code", {}), speech)
    yield speech.say(N_("on {days}"), days=speech.listed(speech.name(_DAYS, day) for day in _of(repeat, "dayOfWeek")))
    yield speech.say(
        N_("at {hours}"), hours=speech.listed(_FULL_MINUTE.sub(r"\1", at) for at in _of(repeat, "timeOfDay"))
    )
    yield speech.say(N_("lasts {length}"), length=_length(repeat, "duration", speech))
    yield speech.say(N_("{times} in all"), times=speech.times(_range(repeat, "count")))
    yield from _bounds(repeat, speech)
    yield ", ".join(readable(event, speech.language) for event in _of(timing, "event"))


def _rhythm(repeat: Timing, speech: Speech) -> str:
    """How often in how long; without a number it happens once in its period (FHIR Timing.repeat.frequency)."""
    times, period = speech.times(_range(repeat, "frequency")), _range(repeat, "period")
    unit = repeat.get("periodUnit", "")
    if not period:
        return times
    if period == "1" and unit in _EACH:
        return speech.say(_EACH[unit], times=times or speech.times("1"))
    return speech.say(
        N_("{times} every {period}"), times=times or speech.times("1"), period=speech.length(period, unit)
    )


def _when(repeat: Timing, speech: Speech) -> str:
    """Parts of the day and meals, with the minutes before or after."""
    codes = _of(repeat, "when")
    listed = speech.listed(speech.name(_WHEN, code) for code in codes)
    minutes = speech.length(repeat.get("offset", ""), "min")
    before = bool(codes) and _BEFORE.issuperset(codes)
    apart = speech.say(N_("{length} before") if before else N_("{length} after"), length=minutes)
    return f"{listed} ({apart})" if listed and apart else listed or apart


def _code(code: Timing, speech: Speech) -> Iterator[str]:
    """A rhythm that has a code, and how the source calls it where that is more than the code."""
    sent, text = code.get("code", ""), code.get("text", "")
    known = _known(sent, speech)
    yield known
    if text != sent or not known:
        yield text or ("" if known else sent)


def _known(code: str, speech: Speech) -> str:
    if code in _PARTS_OF_DAY:
        return speech.name(_WHEN, _PARTS_OF_DAY[code])
    hourly = _HOURLY.fullmatch(code)
    rhythm = ("1", hourly[1], "h") if hourly else _RHYTHMS.get(code, ())
    return _rhythm(dict(zip(("frequency", "period", "periodUnit"), rhythm, strict=False)), speech)


def _bounds(repeat: Timing, speech: Speech) -> Iterator[str]:
    """How long the course is, or from when to when."""
    spread = repeat.get("boundsRange", {})
    low, high = spread.get("low", {}), spread.get("high", {})
    duration = repeat.get("boundsDuration", {})
    yield speech.say(_FOR.get(duration.get("comparator", ""), _FOR[""]), length=_quantity(duration, speech))
    if low and high and _unit(low) == _unit(high):
        yield speech.say(
            N_("for {length}"), length=speech.length(f"{low.get('value')}–{high.get('value')}", _unit(low))
        )
    else:
        yield speech.say(N_("for at least {length}"), length=_quantity(low, speech))
        yield speech.say(N_("for at most {length}"), length=_quantity(high, speech))
    period = repeat.get("boundsPeriod", {})
    yield speech.say(N_("from {date}"), date=readable(period.get("start", ""), speech.language))
    yield speech.say(N_("until {date}"), date=readable(period.get("end", ""), speech.language))


def _quantity(quantity: Timing, speech: Speech) -> str:
    return speech.length(quantity.get("value", ""), _unit(quantity))


def _unit(quantity: Timing) -> str:
    """The unit that has a word, else that which was printed."""
    code: str = quantity.get("code", "")
    return code if code in UNITS else quantity.get("unit", code)


def _length(repeat: Timing, name: str, speech: Speech) -> str:
    return speech.length(_range(repeat, name), repeat.get(f"{name}Unit", ""))


def _range(repeat: Timing, name: str) -> str:
    return "–".join(filter(None, (repeat.get(name), repeat.get(f"{name}Max"))))


def _of(timing: Timing, name: str) -> list[str]:
    listed: list[str] = timing.get(name, [])
    return listed
